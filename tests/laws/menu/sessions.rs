//! Sessions lose messages only at their ends, and machines hear of both.

use rehearsal::sim::network::{Distribution, Lost};
use rehearsal::sim::plan::{Decision, DecisionKey, Decisions, Rest};
use rehearsal::sim::trace::{Ended, Event, EventKind};
use rehearsal::sim::{Options, Tally, run};

use super::{arrivals, deliveries, five, letters, millis, outputs, times};
use crate::courier::{AsWritten, Five, couriers, ms, node};

/// Letters from node 1 to node 2, on sessions that take this long to set up.
fn sessions(setup: &str, times: &[u32], faults: &str) -> Five {
    among(setup, letters(1, 2, times), faults)
}

fn among(setup: &str, commands: impl AsRef<str>, faults: &str) -> Five {
    five(commands, faults).over(&format!(r#"delay: Fixed("10ms"), sessions: (setup: "{setup}")"#))
}

/// Both directions of the session between nodes 1 and 2, every 4 ms from 100 ms on.
fn both_ways() -> String {
    let times: Vec<_> = (0..5).map(|turn| 100 + 4 * turn).collect();
    letters(1, 2, &times) + &letters(2, 1, &times)
}

fn lost(five: &Five) -> u64 {
    let Tally { lost, .. } = five.run(1).outcome.tally;
    lost.get(&Lost::NoSession).copied().unwrap_or(0)
}

/// When pairs of nodes connected, and when they disconnected.
fn connections(five: &Five) -> Vec<(String, bool, usize)> {
    let events = five.events(1).into_iter();
    let told = events.filter_map(|event| match event.what {
        EventKind::Connect { pairs, .. } => Some((event.at.to_string(), true, pairs.len())),
        EventKind::Disconnect { pairs, .. } => Some((event.at.to_string(), false, pairs.len())),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_message_waits_for_those_before_it_and_none_is_lost() {
    let network = r#"delay: Uniform("1ms", "50ms"), sessions: ()"#;
    let five = five(letters(1, 2, &(100..200).collect::<Vec<_>>()), "").over(network);
    for seed in 0..10 {
        let texts = five.events(seed).into_iter().filter_map(|event| match event.what {
            EventKind::Deliver { text, .. } => Some(text),
            _ => None,
        });
        let expected = (1..=100).map(|letter| format!("letter {letter}"));
        assert!(texts.eq(expected), "seed {seed}");
    }
}

#[test]
fn chance_disturbs_the_links_without_a_session_alone() {
    let network = r#"delay: Fixed("10ms"), loss: "1/1", sessions: (between: Pairs([(2, 1)]))"#;
    let commands = letters(1, 2, &[100]) + &letters(1, 3, &[100]) + &letters(3, 1, &[100]);
    assert_eq!(arrivals(&five(commands, "").over(network)), [(1, 2, "110".to_owned())]);
}

#[test]
fn a_break_loses_what_is_under_way_in_both_directions_and_nothing_else() {
    let broken = r#"(at: "113ms", do: Break([(2, 1)])),"#;
    let others = letters(1, 3, &[110]) + &letters(4, 2, &[110]);
    let five = among("0ms", both_ways() + &others, broken);
    // Sent at 100; at 104, 108 and 112 and lost; at 116.
    let expected = [(2, 1, "110"), (1, 2, "110"), (4, 2, "120"), (1, 3, "120")];
    let mut all: Vec<_> =
        expected.iter().map(|(from, to, at)| (*from, *to, (*at).to_owned())).collect();
    all.extend([(2, 1, "126".to_owned()), (1, 2, "126".to_owned())]);
    let (mut got, mut wanted) = (arrivals(&five), all);
    got.sort();
    wanted.sort();
    assert_eq!(got, wanted);
    assert_eq!(lost(&five), 6);
}

#[test]
fn what_is_sent_before_a_session_is_set_up_is_lost() {
    let five = sessions("30ms", &[20, 40], "");
    assert_eq!(deliveries(&five), ["50"]);
    let broken = sessions("30ms", &[40, 90, 120, 140], r#"(at: "100ms", do: Break([(1, 2)])),"#);
    // The one of 90 ms was under way, that of 120 ms came too early.
    assert_eq!(deliveries(&broken), ["50", "150"]);
    assert_eq!(lost(&broken), 2);
    let connected = connections(&broken);
    let told: Vec<_> = connected.iter().map(|(at, up, count)| (at.as_str(), *up, *count)).collect();
    assert_eq!(told, [("30", true, 10), ("100", false, 1), ("130", true, 1)]);
}

#[test]
fn a_break_during_the_setup_strikes_in_vain() {
    let five = sessions("30ms", &[40], r#"(at: "10ms", do: Break([(1, 2)])),"#);
    assert_eq!(deliveries(&five), ["50"]);
    let report = five.run(1);
    assert_eq!(report.outcome.strikes, [0]);
}

#[test]
fn a_crash_ends_the_sessions_and_what_the_node_had_sent_still_arrives() {
    let crash = r#"(at: "113ms", do: Bounce(node: 1, down: "2ms")),"#;
    let five = among("20ms", both_ways(), crash);
    let from_two: Vec<_> = arrivals(&five).into_iter().filter(|(from, ..)| *from == 2).collect();
    // The node is up again when the others would arrive.
    assert_eq!(from_two, [(2, 1, "110".to_owned())]);
    let from_one: Vec<_> = arrivals(&five).into_iter().filter(|(from, ..)| *from == 1).collect();
    let times: Vec<_> = from_one.iter().map(|(_, _, at)| at.as_str()).collect();
    assert_eq!(times, ["110", "114", "118", "122"]);
    // Node 2 hears of the end behind the last of them.
    let told = outputs(&five, 2);
    let place = |text: &str| told.iter().position(|told| told == text);
    assert_eq!(place("n1 is gone"), place("letter 4").map(|place| place + 1), "{told:?}");
    let back = told.iter().rposition(|told| told == "n1 is there");
    assert!(back > place("n1 is gone"), "{told:?}");
}

#[test]
fn a_new_session_loses_what_the_earlier_one_has_under_way() {
    let network = r#"delay: Fixed("100ms"), sessions: (setup: "1ms")"#;
    let crash = r#"(at: "50ms", do: Bounce(node: 1, down: "10ms")),"#;
    let five = five(letters(1, 2, &[40, 70]), crash).over(network);
    assert_eq!(deliveries(&five), ["170"]);
    let told = outputs(&five, 2);
    let told: Vec<_> = told.iter().filter(|told| told.starts_with("n1")).collect();
    assert_eq!(told, ["n1 is there", "n1 is gone", "n1 is there"]);
}

#[test]
fn a_cut_of_one_direction_ends_the_session_and_its_end_sets_it_up_again() {
    for cut in ["OneWay(from: [2], to: [1])", "Cut([(1, 2)])", "Partition([[1], [2]])"] {
        let faults = format!(r#"(at: "105ms", do: {cut}), (at: "150ms", do: Heal),"#);
        let five = sessions("20ms", &[90, 100, 120, 160, 180], &faults);
        // At 160 ms the cut is over, and the session is not set up yet.
        assert_eq!(deliveries(&five), ["100", "190"], "{cut}");
    }
}

#[test]
fn a_hold_lets_a_session_wait_and_its_end_loses_what_waits() {
    let hold =
        r#"(at: "50ms", do: Hold(from: 1, to: 2)), (at: "300ms", do: Release(from: 1, to: 2)),"#;
    assert_eq!(deliveries(&sessions("0ms", &[100, 200], hold)), ["310", "310"]);
    for end in ["Break([(1, 2)])", r#"Bounce(node: 1, down: "1ms")"#] {
        let faults = format!(r#"{hold} (at: "150ms", do: {end}),"#);
        assert_eq!(deliveries(&sessions("0ms", &[100, 200], &faults)), ["310"], "{end}");
    }
}

#[test]
fn what_a_held_link_keeps_of_a_node_that_crashed_never_departs() {
    let faults = r#"(at: "50ms", do: Hold(from: 1, to: 2)), (at: "150ms", do: Crash(1)),
        (at: "300ms", do: Release(from: 1, to: 2)),"#;
    let five = sessions("0ms", &[40, 100], faults);
    assert_eq!(deliveries(&five), ["50"]);
    assert_eq!(times(&five, |what| matches!(what, EventKind::Strand { .. })), ["150"]);
}

#[test]
fn a_node_that_pauses_hears_of_links_afterwards_in_their_order() {
    let faults = r#"(at: "50ms", do: Pause(node: 2, lasts: "100ms")),
        (at: "60ms", do: Break([(1, 2)])), (at: "90ms", do: Break([(1, 2)])),"#;
    let five = sessions("10ms", &[75, 110], faults);
    let mut told = outputs(&five, 2);
    told.retain(|told| told.starts_with("n1") || told.starts_with("letter"));
    // What lay in its line is lost with its session.
    let is = ["n1 is there", "n1 is gone", "n1 is there", "n1 is gone", "n1 is there", "letter 2"];
    assert_eq!(told, is);
    assert_eq!(times(&five, |what| matches!(what, EventKind::Strand { .. })), ["90"]);
}

#[test]
fn the_calm_keeps_sessions_from_breaking_unless_the_fault_is_to_last() {
    let broken = |more: &str| {
        let fault = format!("(each: Sends(from: 1, nth: 2), do: Break([(1, 2)]){more}),");
        deliveries(&sessions("0ms", &[100, 600, 700], &fault).calm_at(ms(500)))
    };
    assert_eq!(broken(""), ["110", "610", "710"]);
    assert_eq!(broken(", lasting: true"), ["110"]);
}

#[test]
fn no_event_of_another_node_breaks_a_session_of_the_core() {
    let commands = letters(3, 4, &[600]) + &letters(1, 2, &[595]);
    let fault = "(when: Sends(from: 3), do: Break([(1, 2)])),";
    let core = || among("0ms", &commands, fault).calm_at(ms(500));
    assert_eq!(deliveries(&core().calm_for([node(1), node(2)])), ["605", "610"]);
    assert_eq!(deliveries(&core().calm_for([node(1), node(5)])), ["610"]);
}

#[test]
fn any_session_can_be_the_one_that_breaks() {
    let mut met = std::collections::BTreeSet::new();
    for seed in 0..60 {
        let five = sessions("0ms", &[], r#"(at: "1s", do: BreakAny(1)),"#);
        met.extend(five.events(seed).into_iter().filter_map(|event| match event.what {
            EventKind::Disconnect { pairs, .. } => Some(pairs),
            _ => None,
        }));
    }
    assert!(met.len() >= 9 && met.iter().all(|pairs| pairs.len() == 1), "{met:?}");
}

#[test]
fn no_plan_loses_doubles_or_damages_a_message_of_a_session() {
    let five = sessions("0ms", &[100, 200], "");
    for decision in [Decision::Lose, Decision::Corrupt, Decision::Duplicate(vec![ms(1), ms(2)])] {
        let key: DecisionKey = "n1->n2:letter#1".parse().expect("a key");
        let decisions = Decisions::listed([(key, decision)], Rest::Seed);
        let report = run(&five.scenario(), Options::seed(1).decisions(decisions));
        assert_eq!((report.tally.delivered, report.tally.duplicates), (2, 0));
    }
}

#[test]
fn what_a_break_has_lost_is_not_on_its_way_any_more() {
    let faults = r#"(when: Sends(from: 1), do: Delay("5s")), (at: "150ms", do: Break([(1, 2)])),"#;
    let five = sessions("0ms", &[100], faults).until(ms(300));
    let report = five.run(1);
    assert_eq!((lost(&five), report.tally.under_way()), (1, 0));
    assert_eq!(times(&five, |what| matches!(what, EventKind::Strand { .. })), ["150"]);
}

#[test]
fn news_of_a_crash_comes_behind_the_last_message_even_if_that_takes_no_time() {
    let crash = r#"(when: Sends(from: 1), do: Crash("it")),"#;
    let five = five(letters(1, 2, &[100]), crash).over(r#"delay: Fixed("0ms"), sessions: ()"#);
    let mut told = outputs(&five, 2);
    told.retain(|told| told.starts_with("n1") || told.starts_with("letter"));
    assert_eq!(told, ["n1 is there", "letter 1", "n1 is gone"]);
}

#[test]
fn however_many_sessions_begin_at_one_instant_time_advances() {
    let five = couriers().nodes(330).until(ms(20)).commands(letters(1, 330, &[5]));
    let five = five.over(r#"delay: Fixed("10ms"), sessions: ()"#);
    let five = five.wrong(r#"(at: "2ms", do: Partition([[1]])), (at: "3ms", do: Heal),"#);
    let report = five.run(1);
    assert!(report.held(), "{:?}", report.failure);
    assert_eq!(report.tally.delivered, 1);
}

#[test]
fn what_a_break_has_lost_keeps_no_line_busy() {
    // A letter is two bytes.
    let network = r#"delay: Fixed("10ms"), bandwidth: (rate: 2), sessions: ()"#;
    let letters = letters(1, 2, &[100, 200, 300, 400]);
    let arrive = |faults: &str| deliveries(&five(&letters, faults).over(network));
    assert_eq!(arrive(""), ["1110", "2110", "3110", "4110"]);
    assert_eq!(arrive(r#"(at: "350ms", do: Break([(1, 2)])),"#), ["1410"]);
}

#[test]
fn a_break_of_any_session_strikes_in_vain_while_none_is_up() {
    let faults = r#"(at: "10ms", do: BreakAny(1)), (at: "40ms", do: BreakAny(1)),"#;
    let report = sessions("30ms", &[], faults).run(1);
    assert_eq!(report.outcome.strikes, [0, 1]);
}

#[test]
fn a_fault_that_sessions_keep_off_counts_the_other_messages_alone() {
    let network = r#"delay: Fixed("10ms"), sessions: (between: Pairs([(1, 2)]))"#;
    let commands = letters(1, 2, &[100, 200]) + &letters(1, 3, &[150, 250]);
    let faults = "(when: Sends(from: 1, nth: 2), do: Lose),";
    let five = five(commands, faults).over(network);
    let arrived = [(1, 2, "110"), (1, 3, "160"), (1, 2, "210")];
    assert_eq!(arrivals(&five), arrived.map(|(from, to, at)| (from, to, at.to_owned())));
    assert_eq!(five.run(1).outcome.strikes, [1]);
}

#[test]
fn the_trace_says_what_ended_a_session_and_what_began_the_next() {
    let faults = r#"(at: "50ms", do: Break([(1, 2)])), (at: "100ms", do: Cut([(1, 2)])),
        (at: "150ms", do: Heal), (at: "200ms", do: Bounce(node: 1, down: "10ms")),"#;
    let five = sessions("5ms", &[], faults).nodes(2);
    let events = five.events(1);
    let cause = |event: &Event| {
        let cause = event.cause.and_then(|cause| events.get(cause as usize - 1));
        match cause.map(|cause| &cause.what) {
            Some(EventKind::Start { node, .. }) => format!("start of {node}"),
            Some(EventKind::Heal) => "heal".to_owned(),
            Some(EventKind::Disconnect { why, .. }) => format!("disconnect {why:?}"),
            other => format!("{other:?}"),
        }
    };
    let connects = events.iter().filter(|event| matches!(event.what, EventKind::Connect { .. }));
    let causes: Vec<_> = connects.map(cause).collect();
    assert_eq!(causes, ["start of n2", "disconnect Break", "heal", "start of n1"]);
    let ends = events.iter().filter_map(|event| match event.what {
        EventKind::Disconnect { why, .. } => Some(why),
        _ => None,
    });
    assert!(ends.eq([Ended::Break, Ended::Cut, Ended::Crash]));
}

#[test]
fn news_that_a_node_hears_late_has_the_session_it_is_about_for_its_cause() {
    let faults = r#"(at: "50ms", do: Pause(node: 2, lasts: "100ms")),
        (at: "60ms", do: Break([(1, 2)])), (at: "90ms", do: Break([(1, 2)])),"#;
    let events = sessions("10ms", &[], faults).nodes(2).events(1);
    let late = events.iter().filter(|event| event.at == millis(150));
    let causes = late.filter_map(|event| match event.what {
        EventKind::Link { session, up, .. } => {
            Some((session, up, events[event.cause? as usize - 1].at.to_string()))
        }
        _ => None,
    });
    let is = [(1, false, "60"), (2, true, "70"), (2, false, "90"), (3, true, "100")];
    assert!(causes.eq(is.map(|(session, up, at)| (session, up, at.to_owned()))));
}

#[test]
fn a_run_that_is_stuck_tells_which_sessions_are_missing() {
    let faults = r#"(at: "10ms", do: Crash(3)), (at: "400ms", do: Break([(2, 1)])),
        (at: "600ms", do: Cut([(4, 2)]), lasting: true),"#;
    let stuck = |within: &str| {
        let five = sessions("300ms", &[], faults).calm_at(ms(500));
        let up = format!(r#"Eventually(what: Up, within: "{within}", of: [3])"#);
        five.claims(&up).run(1).outcome.stuck.expect("node 3 stays down")
    };
    let told = |within: &str| {
        let text = stuck(within).to_string();
        let lines = text.lines().filter(|line| line.contains("no session"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let cut = "n2-n4  no session: they are cut apart";
    assert_eq!(told("250ms"), [cut]);
    assert_eq!(told("150ms"), ["n1-n2  no session: the next one begins at 700ms", cut]);
}

#[test]
fn a_fault_strikes_when_a_node_hears_of_a_session() {
    let faults = r#"(at: "50ms", do: Break([(1, 2)])),
        (when: Hears(node: 2, peer: 1, up: true, nth: 2), do: Crash("it")),
        (when: Hears(up: false), do: Skew(node: "it", by: Ahead("1ms"))),"#;
    let five = sessions("10ms", &[], faults);
    assert_eq!(times(&five, |what| matches!(what, EventKind::Crash { .. })), ["60"]);
    assert_eq!(times(&five, |what| matches!(what, EventKind::Clock { .. })), ["50"]);
    assert_eq!(five.run(1).outcome.strikes, [1; 3]);
    let without = five.network(Distribution::Fixed(ms(10))).build();
    let refused = without.err().map(|reason| reason.to_string()).unwrap_or_default();
    assert!(refused.contains("no session"), "{refused}");
    let hears = couriers().wrong("(when: Hears(up: true), do: Crash(1)),").build();
    let refused = hears.err().map(|reason| reason.to_string()).unwrap_or_default();
    assert!(refused.starts_with("faults[0].when.Hears: no node hears of a session"), "{refused}");
}
