//! The algorithm of 1982: its counts, and its two assertions on the network
//! that it asks for.

use rehearsal::machine::Draw as _;
use rehearsal::sim::chance::{Chance, Seed, Stream};

use super::support::{Sketch, cases, load};

const ASSERTIONS: &str = "Always(OneCoordinator), Always(OneTask), Always(OneLeader)";

fn nodes(nodes: u64) -> Sketch {
    Sketch::garcia_molina(nodes, "100ms", "150ms").expect(ASSERTIONS)
}

/// Nobody asks for anybody but on a command.
fn quiet(nodes: u64) -> Sketch {
    Sketch::garcia_molina(nodes, "1h", "2h").expect(ASSERTIONS)
}

#[track_caller]
fn messages(sketch: &Sketch) -> u64 {
    let run = sketch.run();
    run.assert_held();
    run.tally.sent_in_all()
}

/// What an election of this caller costs after the highest `dead` have gone down.
#[track_caller]
fn cost(nodes: u64, dead: u64, caller: u64) -> u64 {
    let down = |sketch: Sketch, node| sketch.fault(format!("at: \"2s\", do: Crash({node})"));
    let sketch = (nodes - dead + 1..=nodes).fold(quiet(nodes), down);
    messages(&sketch.clone().suspects(caller, 3_000)) - messages(&sketch)
}

#[test]
fn the_highest_that_is_left_spends_a_call_on_each_dead_and_three_with_answers_on_each_live_one() {
    for nodes in 2..=12 {
        for dead in 1..nodes {
            let live = nodes - dead;
            assert_eq!(
                cost(nodes, dead, live),
                dead + 6 * (live - 1),
                "{nodes} nodes, {dead} down"
            );
        }
    }
    assert_eq!(cost(8, 1, 7), 37);
}

#[test]
fn a_lower_one_asks_the_next_above_it_and_leaves_it_at_that() {
    for nodes in 3..=12 {
        for caller in 1..nodes - 1 {
            assert_eq!(cost(nodes, 1, caller), 2, "{nodes} nodes, n{caller} calls");
        }
    }
}

/// Crashes and restarts at any time and between any two effects, as often as one likes.
fn plan(seed: u64) -> Sketch {
    let mut words = Chance::new(Seed(!seed)).stream(Stream::Options);
    let members = words.draw(2..=7);
    let mut sketch = nodes(members);
    for _ in 0..words.draw(0..=10) {
        let (node, at, down) =
            (words.draw(1..=members), words.draw(0..=4_000), words.draw(0..=900));
        let bounce = format!("do: Bounce(node: {node}, down: \"{down}ms\")");
        sketch = match words.draw(0..=3) {
            0 => sketch.fault(format!("at: \"{at}ms\", {bounce}")),
            1 => sketch.fault(format!("at: \"{at}ms\", do: Crash({node})")),
            2 => sketch.fault(format!("at: \"{at}ms\", do: Restart({node})")),
            _ => {
                let nth = words.draw(1..=150);
                let disk = ["Intact", "LosesLast", "TearsLast"][words.draw(0..=2) as usize];
                let bounce = bounce.replace(')', &format!(", disk: {disk})"));
                sketch.fault(format!("when: Effect(of: {node}, nth: {nth}), {bounce}"))
            }
        };
    }
    sketch
}

#[test]
fn no_two_groups_have_coordinators_or_tasks_whoever_crashes_and_in_the_end_there_is_one() {
    for seed in 1..=cases(500) {
        // Whoever notices waits for a time-out or a check, and there may be both, one after the other.
        let run = plan(seed).expect("Eventually(what: Agreed, within: \"1500ms\")").run_with(seed);
        assert!(run.held(), "seed {seed}: {:?}", run.failure);
    }
}

/// The first asks the top, which goes down as it answers; and so does the
/// first, which is up again at once and asks once more before that answer comes.
fn answer_of_the_past() -> Sketch {
    let answer = "when: Sends(from: 2, to: 1, kind: \"answer\", nth: 2)";
    quiet(2)
        .calm(1_050, 2_000)
        .suspects(1, 1_000)
        .fault(format!("{answer}, do: Crash(2)"))
        .fault(format!("{answer}, do: Bounce(node: 1, down: \"0ms\")"))
        .expect("Eventually(what: Agreed, within: \"50ms\")")
}

#[test]
fn an_answer_to_a_call_of_a_former_life_answers_nothing() {
    answer_of_the_past().run().assert_held();
}

/// How often somebody asks whether somebody is there, over ten seconds.
fn asked(sketch: &Sketch) -> u64 {
    sketch.run().tally.sent_of("are_you_there")
}

#[test]
fn whoever_is_asked_whether_it_is_at_work_need_not_ask_for_its_coordinator() {
    assert_eq!(asked(&nodes(3)), asked(&quiet(3)));
}

#[test]
fn what_the_algorithm_cannot_work_with_is_refused() {
    let right = nodes(3).text();
    let cases = [
        ("answer_wait: \"21ms\"", "answer_wait: \"20ms\"", "wait longer than 20ms"),
        ("timeout: \"150ms\"", "timeout: \"130ms\"", "wait 131ms at least"),
        (", fifo: All", "", "say `fifo: All`"),
        ("fifo: All", "fifo: All, loss: \"1/4\"", "leave out `loss`"),
        ("fifo: All", "fifo: All, corrupt: \"1/4\"", "leave out `corrupt`"),
        ("fifo: All", "fifo: All, duplicate: \"1/4\"", "leave out `duplicate`"),
        ("fifo: All", "fifo: All, reorder: (share: \"1/4\", by: \"1ms\")", "leave out `reorder`"),
        ("fifo: All", "fifo: All, bandwidth: (rate: 9999, queue: 99)", "leave out the `queue`"),
        ("check: \"100ms\"", "check: \"0ms\"", "form.GarciaMolina.check"),
        ("((form:", "((initial_leader: 3, form:", "a leader is elected before it leads"),
    ];
    for (part, wrong, complaint) in cases {
        let error = load(&right.replacen(part, wrong, 1)).map(|_| ()).expect_err("it is wrong");
        assert!(error.contains(complaint), "{error}");
    }
    let is_unsafe = right.replacen("((form:", "((unsafe_timing: true, form:", 1);
    for (part, wrong, _) in &cases[..cases.len() - 2] {
        assert!(load(&is_unsafe.replacen(part, wrong, 1)).is_ok(), "{wrong}");
    }
}

#[cfg(feature = "mutants")]
mod mutants {
    use rehearsal::machine::mutant;

    use super::{answer_of_the_past, asked, nodes, plan};
    use crate::mutants::{DISAGREEMENT, assert_caught, assert_found};

    const TWO_GROUPS: [&str; 2] = ["two groups have coordinators", "two nodes lead"];

    #[test]
    fn whoever_takes_an_answer_of_the_past_waits_for_one_that_is_down() {
        assert_caught("PastAnswers", &answer_of_the_past().scenario(), DISAGREEMENT);
    }

    #[test]
    fn whoever_is_asked_and_does_not_put_off_its_time_out_asks_for_its_coordinator() {
        let (asked, is_reached) = mutant::with("CheckUnheeded", || asked(&nodes(3)));
        assert!(is_reached && asked > 10, "{asked}");
    }

    #[test]
    fn whoever_is_halted_and_goes_on_makes_a_second_group() {
        assert_found("HaltUnheeded", plan, &TWO_GROUPS);
    }

    #[test]
    fn whoever_halts_the_lowest_first_leaves_it_to_another_when_it_comes_up() {
        assert_found("HaltFromBelow", plan, &TWO_GROUPS);
    }
    #[test]
    fn a_coordinator_that_does_not_check_never_takes_in_one_that_comes_back() {
        let back = nodes(3)
            .fault("at: \"1s\", do: Bounce(node: 1, down: \"20ms\")")
            .expect("Eventually(what: Agreed, within: \"1500ms\")");
        assert_caught("NeverChecks", &back.scenario(), DISAGREEMENT);
    }
    #[test]
    fn a_caller_that_takes_a_silent_node_for_halted_never_ends_its_election() {
        let alone = nodes(3).absent(1).expect("Eventually(what: Agreed, within: \"1500ms\")");
        assert_caught("SilentIsHalted", &alone.scenario(), DISAGREEMENT);
    }
}
