//! Combinations of properties, compared with an oracle that knows nothing but the trace, and
//! asks everything of every state.

use proptest::prelude::*;
use rehearsal::machine::Time;
use rehearsal::sim::chance::Seed;
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::sim::{Check, Expect, Predicate, Untested, story};

use crate::courier::{AsWritten, Fact, Five, asked, at, couriers, ms, value};

type Claim = Predicate<Fact>;

/// What is true between two events.
#[derive(Clone, Default)]
struct State {
    at: Time,
    up: [bool; 5],
    /// Has it started, or did a crash prevent that?
    begun: [bool; 5],
    happy: [bool; 5],
    under_way: usize,
}

/// The states of a run, each from its instant on.
fn states(events: &[Event]) -> Vec<State> {
    let mut states = vec![State::default()];
    for event in events {
        let mut state = states.last().cloned().expect("there is a first one");
        state.at = event.at;
        match &event.what {
            EventKind::Start { node, .. } => {
                (state.up[node.index()], state.begun[node.index()]) = (true, true);
            }
            EventKind::Crash { node } => {
                (state.up[node.index()], state.happy[node.index()]) = (false, false);
                state.begun[node.index()] = true;
            }
            EventKind::Command { node, text, is_heard: true, .. } if text.starts_with("Mood") => {
                state.happy[node.index()] = text == "Mood(true)";
            }
            EventKind::Send { lost: None, arrives, .. } => state.under_way += arrives.len(),
            EventKind::Deliver { .. } | EventKind::Miss { .. } => state.under_way -= 1,
            _ => {}
        }
        // The effects of an event belong to it, and nobody looks in between.
        let is_effect = matches!(
            event.what,
            EventKind::Send { .. } | EventKind::Emit { .. } | EventKind::Role { .. }
        );
        if is_effect {
            states.pop();
        }
        states.push(state);
    }
    states.remove(0);
    states
}

/// Which nodes are asked about.
#[derive(Clone, Copy)]
enum Asked {
    Begun,
    All,
}

impl State {
    fn nodes(&self, asked: Asked) -> Vec<usize> {
        let is_asked = |node: &usize| matches!(asked, Asked::All) || self.begun[*node];
        (0..5).filter(is_asked).collect()
    }

    fn is(&self, claim: &Claim, asked: Asked) -> bool {
        let nodes = self.nodes(asked);
        let having = |of| nodes.iter().filter(|node| self.is_of(of, **node)).count();
        let up = || nodes.iter().filter(|node| self.up[**node]);
        let up_and_having = |of| up().filter(|node| self.is_of(of, **node)).count();
        match claim {
            Predicate::Property(Fact::Even) => {
                (0..5).filter(|node| self.up[*node] && self.happy[*node]).count() % 2 == 0
            }
            Predicate::Property(_) => having(claim) == nodes.len(),
            Predicate::All(parts) => parts.iter().all(|part| self.is(part, asked)),
            Predicate::Any(parts) => parts.iter().any(|part| self.is(part, asked)),
            Predicate::Not(part) => !self.is(part, asked),
            Predicate::Every(of) => having(of) == nodes.len(),
            Predicate::AtLeast(least, of) => up_and_having(of) >= *least as usize,
            Predicate::AtMost(most, of) => up_and_having(of) <= *most as usize,
            Predicate::Quiet => self.under_way == 0,
            other => unreachable!("{other:?}"),
        }
    }

    fn is_of(&self, claim: &Claim, node: usize) -> bool {
        match claim {
            Predicate::Property(Fact::Up) => self.up[node],
            Predicate::Property(Fact::Happy) => !self.up[node] || self.happy[node],
            Predicate::All(parts) => parts.iter().all(|part| self.is_of(part, node)),
            Predicate::Any(parts) => parts.iter().any(|part| self.is_of(part, node)),
            Predicate::Not(part) => !self.is_of(part, node),
            other => unreachable!("{other:?}"),
        }
    }
}

const CALM: u64 = 400;
const WITHIN: u64 = 100;
const UNTIL: u64 = 1_000;

/// Properties and all of several are asked from the first start on, another combination once all
/// have begun.
fn is_combination(expect: &Expect<Fact>) -> bool {
    fn is_all_of_properties(claim: &Claim) -> bool {
        match claim {
            Predicate::Property(_) => true,
            Predicate::All(parts) => parts.iter().all(is_all_of_properties),
            _ => false,
        }
    }
    match expect {
        Expect::LeadsTo { from, to, .. } => {
            !(is_all_of_properties(from) && is_all_of_properties(to))
        }
        other => !is_all_of_properties(other.what()),
    }
}

/// Does the run hold?
fn holds(expect: &Expect<Fact>, states: &[State]) -> bool {
    let have_begun = |state: &&State| state.begun.iter().all(|begun| *begun);
    let first =
        if is_combination(expect) { states.iter().position(|it| have_begun(&it)) } else { Some(0) };
    let states = &states[first.unwrap_or(states.len())..];
    let [deadline, until] = [CALM + WITHIN, UNTIL].map(Time::from_millis);
    let lasts_until = |place: usize| states.get(place + 1).map_or(until, |next| next.at);
    match expect {
        Expect::Always(what) => states.iter().all(|state| state.is(what, Asked::Begun)),
        Expect::Reaches(what) => states.iter().any(|state| state.is(what, Asked::All)),
        Expect::AtEnd(what) => states.last().is_some_and(|state| state.is(what, Asked::All)),
        Expect::Eventually { what, .. } => {
            let counts =
                |place: &usize| lasts_until(*place) > deadline || *place + 1 == states.len();
            (0..states.len()).filter(counts).all(|place| states[place].is(what, Asked::All))
        }
        Expect::LeadsTo { from, to, .. } => (0..states.len()).all(|cause| {
            let state = &states[cause];
            if !state.is(from, Asked::All) {
                return true;
            }
            let due = state.at.max(Time::from_millis(CALM)) + ms(WITHIN);
            let mut effects = states[cause..].iter().take_while(|state| state.at <= due);
            due >= until || effects.any(|state| state.is(to, Asked::All))
        }),
        other => unreachable!("{other:?}"),
    }
}

/// What is said of one node.
fn of_node() -> impl Strategy<Value = Claim> {
    let fact = prop_oneof![Just(Fact::Up), Just(Fact::Happy)].prop_map(Claim::from);
    fact.prop_recursive(2, 4, 2, |part| {
        prop_oneof![
            part.clone().prop_map(Claim::not),
            prop::collection::vec(part.clone(), 1..3).prop_map(Predicate::All),
            prop::collection::vec(part, 1..3).prop_map(Predicate::Any),
        ]
    })
}

/// What is said of the world.
fn of_world() -> impl Strategy<Value = Claim> {
    let leaf = prop_oneof![
        Just(Claim::from(Fact::Even)),
        Just(Predicate::Quiet),
        of_node().prop_map(Claim::every),
        (1_u32..=5, of_node()).prop_map(|(least, of)| Claim::at_least(least, of)),
        (0_u32..=4, of_node()).prop_map(|(most, of)| Claim::at_most(most, of)),
    ];
    leaf.prop_recursive(3, 8, 3, |part| {
        prop_oneof![
            part.clone().prop_map(Claim::not),
            prop::collection::vec(part.clone(), 1..4).prop_map(Predicate::All),
            prop::collection::vec(part, 1..4).prop_map(Predicate::Any),
        ]
    })
}

/// Where nothing is ambiguous a property of every node may stand bare.
fn claim() -> impl Strategy<Value = Claim> {
    let bare = prop_oneof![Just(Fact::Up), Just(Fact::Happy)].prop_map(Claim::from);
    let part = prop_oneof![bare, of_world()];
    prop_oneof![part.clone(), prop::collection::vec(part, 1..4).prop_map(Predicate::All)]
}

fn expectation() -> impl Strategy<Value = Expect<Fact>> {
    prop_oneof![
        claim().prop_map(Expect::always),
        claim().prop_map(Expect::reaches),
        claim().prop_map(Expect::at_end),
        claim().prop_map(|what| Expect::eventually(what, ms(WITHIN))),
        (claim(), claim()).prop_map(|(from, to)| Expect::leads_to(from, to, ms(WITHIN))),
    ]
}

/// Moods, letters, crashes and restarts, at times that often coincide.
fn moods_and_crashes() -> impl Strategy<Value = (String, String)> {
    let order = prop_oneof![
        4 => any::<bool>().prop_map(|happy| format!("Mood({happy})")),
        1 => (1..=5).prop_map(|to| format!("Send(to: {to}, letter: 1)")),
    ];
    let command = (0_u32..50, 1_u32..=5, order);
    let command = command.prop_map(|(when, node, order)| at(when * 20, node, &order));
    let crash = (0_u32..19, 1_u32..=5, Just("Crash"));
    let fault = prop_oneof![crash, (0_u32..49, 1_u32..=5, Just("Restart"))];
    let fault = fault.prop_map(|(when, node, action)| {
        format!("(at: \"{}ms\", do: {action}({node})),", when * 20)
    });
    let [commands, faults] =
        [prop::collection::vec(command, 0..25).boxed(), prop::collection::vec(fault, 0..8).boxed()];
    (commands.prop_map(|lines| lines.concat()), faults.prop_map(|lines| lines.concat()))
}

/// Five couriers whose letters are lost at times.
fn five((commands, faults): (String, String)) -> Five {
    let five = couriers().over(r#"delay: Uniform("5ms", "60ms"), loss: "10/100""#);
    five.commands(commands).wrong(faults).calm_at(ms(CALM)).until(ms(UNTIL))
}

proptest! {
    #[test]
    fn a_combination_holds_when_every_state_of_the_run_says_so(
        what_happens in moods_and_crashes(),
        expect in expectation(),
        seed in any::<u64>(),
    ) {
        let report = five(what_happens).expect(expect.clone()).run(seed);
        let states = states(&report.events.as_ref().expect("they were kept").to_vec());
        let failure = report.failure.as_ref().filter(|failure| failure.check != Check::Tested);
        // The run ends where it fails, so what the oracle sees of it fails, too.
        prop_assert_eq!(failure.is_none(), holds(&expect, &states), "{}: {:?}", expect, failure);
    }

    #[test]
    fn a_predicate_reads_back_as_it_is_written(claim in claim()) {
        prop_assert_eq!(&value::<Claim>(&format!("{claim:?}")), &claim);
        let written = ron::to_string(&claim).expect("it can be written");
        prop_assert_eq!(&value::<Claim>(&written), &claim);
    }
}

/// How often properties are asked about in a run of fifty couriers, which holds.
fn cost(claims: &str) -> u64 {
    let moods: String =
        (0..400).map(|turn| at(turn * 20, turn * 7 % 50 + 1, "Mood(true)")).collect();
    let five = couriers().nodes(50).commands(moods).calm_at(ms(1_000)).claims(claims);
    asked(|| assert!(five.run(0).held(), "it is asked to the end"))
}

#[test]
fn a_conjunction_of_properties_of_every_node_costs_what_its_parts_cost() {
    for line in ["Always(P)", r#"Eventually(what: P, within: "1s")"#] {
        let with = |predicate| cost(&line.replace('P', predicate));
        let (apart, together) = (2 * with("Up"), with("All([Up, Up])"));
        assert!((1..=apart).contains(&together), "{line}: {together} of {apart}");
    }
}

#[test]
fn a_property_alone_costs_nothing_more_where_another_line_has_a_combination() {
    let alone = cost("Sometimes(Even)");
    assert_eq!(cost("Sometimes(Even), AtEnd(Every(Up))"), alone + 51, "asked once, at the end");
}

/// The verdict on five couriers of which n2 and n3 go down, and n4 sends a letter late.
fn verdict(claims: &str) -> String {
    let five = couriers()
        .commands(at(20, 1, "Mood(true)") + &at(9_995, 4, "Send(to: 1, letter: 1)"))
        .wrong(r#"(at: "50ms", do: Crash(2)), (at: "60ms", do: Crash(3)),"#)
        .calm_at(ms(100))
        .claims(claims);
    let told = story::tell(&five.scenario(), Seed(0), &five.run(0));
    let verdict = told.find("FAIL").or_else(|| told.find("\nok ")).expect("there is a verdict");
    let verdict = told[verdict..].split("stuck\n").next().unwrap_or_default();
    verdict.trim_start().to_owned()
}

#[test]
fn a_verdict_says_which_part_of_a_combination_does_not_hold_and_where() {
    insta::assert_snapshot!(verdict("Always(AtLeast(4, Up))"), @r"
    FAIL  Always(AtLeast(4, Up)): Up holds of too few nodes, at 60ms
          Up holds of 3 nodes (n1 n4 n5), not of 4
          n2 is down
          n3 is down
    ");
    insta::assert_snapshot!(verdict("Always(AtMost(4, Up))"), @r"
    FAIL  Always(AtMost(4, Up)): Up holds of too many nodes, at 0ms
          Up holds of 5 nodes (n1 n2 n3 n4 n5), not of at most 4
    ");
    insta::assert_snapshot!(verdict("AtEnd(Any([Every(Up), Every(Not(Up))]))"), @r"
    FAIL  AtEnd(Any([Every(Up), Every(Not(Up))])): somebody is down; Up holds of a
          node, at 10000ms
          n2 is down
          n3 is down
          Up holds of n1
          Up holds of n4
          Up holds of n5
    ");
    insta::assert_snapshot!(verdict("Always(Not(Every(Up)))"), @r"
    FAIL  Always(Not(Every(Up))): Every(Up) holds, at 0ms
    ");
    insta::assert_snapshot!(verdict("AtEnd(Quiet)"), @r"
    FAIL  AtEnd(Quiet): messages are on their way, at 10000ms
          1 message is on its way
    ");
    insta::assert_snapshot!(verdict(r#"Eventually(what: All([Up, Happy]), within: "1s")"#), @r"
    FAIL  Eventually(All([Up, Happy])): somebody is down, at 1100ms
          n2 is down
          n3 is down
    ");
    insta::assert_snapshot!(verdict(r#"Reaches(AtMost(3, Up)), Eventually(what: Not(Every(Up)), within: "1s")"#), @r"
    ok    Reaches(AtMost(3, Up)) at 60ms
          Eventually(Not(Every(Up))) since 50ms
    ");
}

#[test]
fn what_tested_nothing_is_told_of_a_combination_too() {
    let crashes: String = (1..=5).map(|node| format!("(at: \"1s\", do: Crash({node})),")).collect();
    let five = couriers().wrong(crashes).calm_at(ms(2_000)).claims("Reaches(Up)");
    for claim in [
        "AtEnd(Every(Happy))",
        r#"Eventually(what: All([Happy, Any([Every(Happy)])]), within: "1s")"#,
    ] {
        let report = five.clone().claims(claim).run(0);
        assert_eq!(report.untested, [None, Some(Untested::NobodyUp)], "{claim}");
    }
    let leads = r#"LeadsTo(from: AtLeast(6, Up), to: Quiet, within: "1s")"#;
    let report = five.clone().nodes(6).absent([crate::courier::node(6)]).claims(leads).run(0);
    assert_eq!(report.untested, [None, Some(Untested::NoCause)]);
    let quiet = five.claims("AtEnd(Quiet)").run(0);
    assert_eq!(quiet.untested, [None, None], "messages can be asked about though no node is up");
}

#[test]
fn a_combination_that_means_nothing_or_two_things_is_refused() {
    for (claim, refusal) in [
        (
            "Always(All([]))",
            "Always.All: `All` of nothing holds always (list one property at least)",
        ),
        (
            "Reaches(Every(Any([])))",
            "Reaches.Every.Any: `Any` of nothing never holds (list one property at least)",
        ),
        (
            "Always(AtLeast(0, Up))",
            "Always.AtLeast[0]: no node at least: this holds always (there are 5 nodes to ask about: give 1 to 5)",
        ),
        (
            "AtEnd(AtLeast(6, Up))",
            "AtEnd.AtLeast[0]: more nodes than there are to ask about (there are 5 nodes to ask about: give 1 to 5)",
        ),
        (
            "Sometimes(AtMost(5, Up))",
            "Sometimes.AtMost[0]: all nodes at most: this holds always (there are 5 nodes to ask about: give 0 to 4)",
        ),
        (
            "Always(Not(Up))",
            "Always.Not: `Up` is a property of every node: say of how many nodes (`Every(Up)` if it must not hold of all nodes; `AtMost(0, Up)` without `Not` if it may hold of none)",
        ),
        (
            "Always(Any([Even, All([Up])]))",
            "Always.Any[1].All[0]: `Up` is a property of every node: say of how many nodes (`Every(Up)` if it must hold of all nodes; `Every(Any([..]))` if of each node something must hold)",
        ),
        (
            "Always(AtLeast(2, Not(Even)))",
            "Always.AtLeast[1].Not: `Even` is about the world, and here one node is asked about (combine it outside of `Every`, `AtLeast` and `AtMost`)",
        ),
        (
            "Always(Every(Quiet))",
            "Always.Every: `Quiet` is about the world, and here one node is asked about (combine it outside of `Every`, `AtLeast` and `AtMost`)",
        ),
        (
            r#"LeadsTo(from: Even, to: Not(Up), within: "1s")"#,
            "LeadsTo.to.Not: `Up` is a property of every node: say of how many nodes (`Every(Up)` if it must not hold of all nodes; `AtMost(0, Up)` without `Not` if it may hold of none)",
        ),
    ] {
        let refused = couriers().claims(claim).build().expect_err(claim);
        assert_eq!(refused.to_string(), format!("expect[0].{refusal}"));
    }
}

/// Of a courier that is down nobody says that it is unhappy.
#[test]
fn what_is_true_of_a_node_that_is_down_is_not_counted() {
    let crashes = r#"(at: "50ms", do: Crash(2)), (at: "60ms", do: Crash(3)),"#;
    let moods: String = (1..=5).map(|node| at(10, node, "Mood(true)")).collect();
    let five = couriers().commands(moods).wrong(crashes).calm_at(ms(100));
    let held = |claim| five.clone().claims(claim).run(0).held();
    assert!(held("AtEnd(Happy)") && held("AtEnd(AtLeast(3, Happy))"));
    assert!(!held("AtEnd(AtLeast(4, Happy))"));
    assert!(held("AtEnd(AtMost(3, Happy))"));
    assert!(!held(r#"Eventually(what: AtLeast(4, Happy), within: "1s")"#));
}

#[test]
fn of_a_calm_for_a_core_only_its_nodes_are_counted() {
    let five = couriers().calm_at(ms(100)).calm_for([1, 2].map(crate::courier::node));
    let refused = five.clone().claims("AtEnd(AtLeast(3, Up))").build().expect_err("two are asked");
    assert!(refused.to_string().contains("there are 2 nodes to ask about"), "{refused}");
    let crash = r#"(at: "50ms", do: Crash(2)),"#;
    let held = |claim| five.clone().wrong(crash).claims(claim).run(0).held();
    assert!(held("AtEnd(AtLeast(1, Up))") && !held("AtEnd(AtLeast(2, Up))"));
}
