//! Users who keep an order when they talk: groups, views of their members, histories, and
//! what crashes of one user leave of them.

use std::collections::BTreeSet;

use rehearsal::machine::NodeId;
use rehearsal::protocol::chat::conversation::{self, Event};
use rehearsal::protocol::chat::{Line, Output};
use rehearsal::shipped::Chat;
use rehearsal::sim::trace::EventKind;
use rehearsal::sim::{Keep, Options, Report, Scenario, run};

use super::support::{chat_with, node, read, rehearse, told};

const HARDENED: &str = "Hardened(answer_wait: \"21ms\", coordinator_wait: \"41ms\",
    heartbeat: \"200ms\", leader_wait: \"250ms\", majority: true)";

/// Every discipline, the guarantee that it gives, and the user that crashes: where one user has a
/// part of its own, as a leader or a server, that user. `Sequencer` does not survive a change of
/// the leader, which is user 3.
const DISCIPLINES: [(&str, &str, u32); 11] = [
    ("Unordered", "NoCreation", 1),
    ("Fifo", "Fifo", 2),
    ("CausalBroadcast", "Causal", 3),
    ("RaynalSchiperToueg", "Causal", 1),
    ("SchiperEggliSandoz", "Causal", 2),
    ("Sequencer", "Total", 1),
    ("MajoritySequencer", "Total", 3),
    ("Skeen", "Total", 2),
    ("Relay(server: 2)", "Total", 2),
    ("LamportClocks", "Total", 1),
    ("PcBroadcast", "Causal", 2),
];

/// Three users over a network that takes 10 ms, with these commands: `at`, user, command. What goes
/// wrong is a field of the scenario, or nothing.
fn users(
    discipline: &str,
    commands: &[(u32, u32, &str)],
    faults: &str,
    expect: &str,
) -> Scenario<Chat> {
    let commands: String = commands
        .iter()
        .map(|(at, to, command)| format!("(at: \"{at}ms\", to: {to}, command: {command}),"))
        .collect();
    read(&format!(
        "(claim: \"a test\", network: (delay: Fixed(\"10ms\"), fifo: All), nodes: 3, until: \"5s\",
        protocol: Chat((resend: \"20ms\", election: (form: {HARDENED}), history: 4,
            order: (discipline: {discipline}, resend: \"40ms\"))),
        commands: [{commands}], {faults} expect: [{expect}])"
    ))
}

/// What the user's window shows in the end.
fn window(report: &Report<Chat>, number: u32) -> Vec<String> {
    let machine = report.world.machine(node(number)).expect("it is up");
    // What is told of elections is for other tests.
    let is_talk = |line: &&Line| !matches!(line, Line::Told(Output::Election(_)));
    machine.inner().window().filter(is_talk).map(ToString::to_string).collect()
}

const LUNCH: &str = "group: \"lunch\"";

#[test]
fn a_text_to_a_group_goes_to_the_members_that_its_author_knows() {
    let say = format!("SayIn({LUNCH}, text: \"who is here?\")");
    let commands = [
        (500, 1, "Join(\"lunch\")"),
        (540, 2, "Join(\"lunch\")"),
        // User 1 does not know of this one yet.
        (595, 3, "Join(\"lunch\")"),
        (600, 1, &*say),
    ];
    let report = rehearse(&users("Fifo", &commands, "", ""), 0);
    assert!(
        told(&report, 1).contains(&"sends n1#2 to n1, n2".to_owned()),
        "{:?}",
        told(&report, 1)
    );
    assert!(window(&report, 2).contains(&"#lunch n1: who is here?".to_owned()));
    assert_eq!(window(&report, 3), ["n3 joins #lunch"]);
}

#[test]
fn joining_and_leaving_is_seen_by_members_and_decides_what_is_seen() {
    let say = |text: &str| format!("SayIn({LUNCH}, text: \"{text}\")");
    let (one, two, three) = (say("one"), say("two"), say("three"));
    let commands = [
        (500, 1, "Join(\"lunch\")"),
        (600, 1, &*one),
        (700, 2, "Join(\"lunch\")"),
        (800, 1, &*two),
        (900, 2, "Leave(\"lunch\")"),
        (1000, 1, &*three),
    ];
    for (discipline, _, _) in DISCIPLINES {
        let report = rehearse(&users(discipline, &commands, "", ""), 0);
        let seen = ["n2 joins #lunch", "#lunch n1: two", "n2 leaves #lunch"];
        assert_eq!(window(&report, 2), seen, "{discipline}");
        assert_eq!(window(&report, 3), [""; 0], "{discipline}");
        let mut all = vec!["n1 joins #lunch", "#lunch n1: one"];
        all.extend(seen);
        all.push("#lunch n1: three");
        assert_eq!(window(&report, 1), all, "{discipline}");
    }
}

/// The text is on its way to user 2 when user 2 leaves.
#[test]
fn a_text_that_comes_after_leaving_is_not_shown() {
    let say = format!("SayIn({LUNCH}, text: \"too late\")");
    let commands = [
        (500, 1, "Join(\"lunch\")"),
        (500, 2, "Join(\"lunch\")"),
        (600, 1, &*say),
        (605, 2, "Leave(\"lunch\")"),
    ];
    let report = rehearse(&users("SchiperEggliSandoz", &commands, "", ""), 0);
    assert!(told(&report, 2).contains(&"hides n1#2".to_owned()), "{:?}", told(&report, 2));
    assert!(!window(&report, 2).iter().any(|line| line.contains("too late")));
}

#[test]
fn only_members_speak_in_a_group_and_nobody_joins_twice() {
    let say = format!("SayIn({LUNCH}, text: \"hello\")");
    let commands = [
        (500, 1, &*say),
        (510, 1, "Leave(\"lunch\")"),
        (520, 1, "Join(\"lunch\")"),
        (900, 1, "Join(\"lunch\")"),
    ];
    let report = rehearse(&users("MajoritySequencer", &commands, "", ""), 0);
    let told = told(&report, 1);
    let refusals: Vec<_> = told.iter().filter(|line| line.starts_with("refuses")).collect();
    let stranger = "refuses: only a member of the group can do that";
    assert_eq!(
        refusals,
        [stranger, stranger, "refuses: this user is a member of the group already"]
    );
}

/// A leader has to number the joining first.
#[test]
fn who_joins_is_a_member_when_the_joining_has_its_place_in_the_order() {
    let say = format!("SayIn({LUNCH}, text: \"hello\")");
    let commands = [(500, 1, "Join(\"lunch\")"), (501, 1, &*say), (600, 1, &*say)];
    let report = rehearse(&users("MajoritySequencer", &commands, "", ""), 0);
    assert_eq!(window(&report, 1).len(), 3);
    assert_eq!(window(&report, 1)[0], "refuses: only a member of the group can do that");
    let report = rehearse(&users("Fifo", &commands, "", ""), 0);
    assert_eq!(window(&report, 1).len(), 3);
    assert_eq!(window(&report, 1)[0], "n1 joins #lunch");
}

#[test]
fn where_all_is_broadcast_only_members_see_and_nobody_speaks_to_one_user() {
    let say = format!("SayIn({LUNCH}, text: \"hello\")");
    let commands =
        [(500, 1, "Join(\"lunch\")"), (600, 1, &*say), (700, 1, "Say(to: 2, text: \"psst\")")];
    let report = rehearse(&users("CausalBroadcast", &commands, "", ""), 0);
    assert_eq!(told(&report, 3).last().expect("it hears of it"), "hides n1#2");
    let refusal = "refuses: it is not for n3, and only broadcasts keep the order";
    assert_eq!(window(&report, 1).last().expect("it is refused"), refusal);
}

#[test]
fn without_an_order_there_are_no_groups() {
    let commands = "commands: [(at: \"1ms\", to: 1, command: Join(\"lunch\"))]";
    let scenario = chat_with("", &format!("nodes: 3, until: \"1s\", {commands}, expect: []"));
    let refusal = "refuses: there are groups only where users keep an order";
    assert_eq!(told(&rehearse(&scenario, 0), 1), [refusal]);
}

/// A task goes over the link that gives up, so its leader learns that the user is gone.
#[test]
fn tasks_are_given_up_and_texts_are_not() {
    let commands = [
        (500, 3, "Assign(to: 1, what: \"sweep\")"),
        (500, 3, "Say(to: 1, text: \"are you there?\")"),
    ];
    let faults = "faults: [(at: \"400ms\", do: Crash(1)), (at: \"2s\", do: Restart(1))],
        calm_at: \"3s\",";
    let report = rehearse(&users("Fifo", &commands, faults, "AtEnd(Order(AllDelivered))"), 0);
    assert!(report.held(), "{:?}", report.failure);
    let window = window(&report, 3);
    assert!(window.contains(&"could not tell n1: task 1, \"sweep\"".to_owned()), "{window:?}");
    assert!(self::window(&report, 1).contains(&"n3 to n1: are you there?".to_owned()));
}

/// All that users do in the runs with a crash.
fn talk() -> Vec<(u32, u32, &'static str)> {
    vec![
        (500, 1, "Join(\"lunch\")"),
        (505, 2, "Join(\"lunch\")"),
        (510, 3, "Say(to: 1, text: \"a\")"),
        (560, 1, "SayIn(group: \"lunch\", text: \"b\")"),
        (565, 2, "SayIn(group: \"lunch\", text: \"c\")"),
        (570, 3, "Join(\"lunch\")"),
        (620, 3, "SayIn(group: \"lunch\", text: \"d\")"),
        (625, 2, "Leave(\"lunch\")"),
        (630, 1, "SayIn(group: \"lunch\", text: \"e\")"),
        (640, 2, "Say(to: 1, text: \"f\")"),
    ]
}

/// What the user was shown, in all its lives: a recalled remark is new if it was not told.
fn shown(report: &Report<Chat>, user: NodeId) -> Vec<String> {
    let mut told = BTreeSet::new();
    let outputs = report.world.outputs(user).iter();
    let remarks = outputs.filter_map(|output| match output {
        Output::Conversation(conversation::Output::Happened(Event::Shown(remark))) => {
            told.insert(remark.message);
            Some(remark.to_string())
        }
        Output::Conversation(conversation::Output::Recalled(Event::Shown(remark))) => {
            told.insert(remark.message).then(|| remark.to_string())
        }
        _ => None,
    });
    remarks.collect()
}

/// The users talk, and this one crashes after each of these effects that it has; returns how many
/// crashes happen. Whatever a user has been shown is in its history, as far as there is room, and
/// nothing is there twice.
fn survived_crashes(discipline: &str, guarantee: &str, user: u32, effects: &[u32]) -> usize {
    let faults: String = effects
        .iter()
        .map(|nth| {
            let when = format!("Effect(of: {user}, nth: {nth})");
            format!("(when: {when}, do: Bounce(node: {user}, down: \"15ms\")),")
        })
        .collect();
    let faults = format!("faults: [{faults}], calm_at: \"2s\",");
    let expect = format!(
        "Always(Order(UniqueIds)), Always(Order(NoCreation)), Always(Order(NoDuplication)),
        Always(Order({guarantee})), Always(HistoryKept), Always(MembersOnly),
        AtEnd(Order(AllDelivered)), AtEnd(SameMembers)"
    );
    let scenario = users(discipline, &talk(), &faults, &expect);
    let report = run(&scenario, Options::seed(0).keep(Keep::Trace));
    let place = format!("{discipline}, effects {effects:?} of n{user}");
    assert!(report.held(), "{place}: {:?}", report.failure);
    for user in report.world.nodes() {
        let machine = report.world.machine(user).expect("it is up");
        let conversation = machine.inner().conversation().expect("it has one");
        let shown = shown(&report, user);
        let last = &shown[shown.len().saturating_sub(4)..];
        let history: Vec<_> = conversation.history().map(ToString::to_string).collect();
        assert_eq!(history, last, "{place}: {user}");
    }
    let events = report.events.as_ref().expect("the trace was kept");
    events.iter().filter(|event| matches!(event.what, EventKind::Crash { .. })).count()
}

#[test]
fn a_crash_after_each_effect_of_one_user_takes_nothing_from_a_history() {
    // Crashes of all users would take three times as long, and say little more.
    for (discipline, guarantee, user) in DISCIPLINES {
        let crashes = |nth: &u32| survived_crashes(discipline, guarantee, user, &[*nth]) > 0;
        let places = (1..1_000).take_while(crashes).count();
        assert!(places > 30 && places < 999, "{discipline}: {places}");
    }
}

#[test]
fn a_second_crash_while_the_first_one_is_made_good_takes_nothing_either() {
    let crashes = |effects: &[u32]| survived_crashes("SchiperEggliSandoz", "Causal", 1, effects);
    let firsts: Vec<u32> = (1..1_000).take_while(|nth| crashes(&[*nth]) == 1).collect();
    let pairs = firsts.iter().flat_map(|nth| (1..=9).map(|later| [*nth, *nth + later]));
    let twice = pairs.filter(|effects| crashes(effects) == 2).count();
    assert!(twice > 300, "{twice}");
}

#[test]
fn the_window_after_a_restart_begins_with_the_history() {
    let faults = "faults: [(at: \"800ms\", do: Bounce(node: 1, down: \"15ms\"))],
        calm_at: \"900ms\",";
    let scenario = users("SchiperEggliSandoz", &talk(), faults, "Always(HistoryKept)");
    let report = rehearse(&scenario, 0);
    let all = shown(&report, node(1));
    assert_eq!(all.len(), 10, "{all:?}");
    let machine = report.world.machine(node(1)).expect("it is up");
    let window: Vec<_> = machine.inner().window().collect();
    let remarks = window.iter().map_while(|line| match line {
        Line::Remark(remark) => Some(remark.to_string()),
        _ => None,
    });
    // What is told of the election comes after them.
    assert_eq!(remarks.collect::<Vec<_>>(), all[6..]);
    assert!(window.len() > 4, "{window:?}");
}

#[test]
fn members_of_groups_are_known_after_a_restart() {
    let say = format!("SayIn({LUNCH}, text: \"hello\")");
    let commands = [(500, 1, "Join(\"lunch\")"), (500, 2, "Join(\"lunch\")"), (900, 1, &*say)];
    let faults = "faults: [(at: \"700ms\", do: Bounce(node: 1, down: \"15ms\")),
        (at: \"700ms\", do: Bounce(node: 2, down: \"15ms\"))],
        calm_at: \"800ms\",";
    for (discipline, _, _) in DISCIPLINES {
        let report = rehearse(&users(discipline, &commands, faults, "AtEnd(SameMembers)"), 0);
        assert!(report.held(), "{discipline}: {:?}", report.failure);
        let told = "#lunch n1: hello".to_owned();
        assert!(window(&report, 2).contains(&told), "{discipline}: {:?}", window(&report, 2));
    }
}
