//! Each fault does what it says, and nothing else.

use rehearsal::machine::Time;
use rehearsal::sim::network::Lost;
use rehearsal::sim::trace::EventKind;

use crate::courier::{AsWritten, Five, at, couriers, node};

fn outputs(five: &Five, number: u32) -> Vec<String> {
    five.run(1).world.outputs(node(number))[1..].to_vec()
}

fn letters(faults: &str) -> Five {
    let commands =
        (1..=3).map(|letter| at(letter * 100, 1, &format!("Send(to: 2, letter: {letter})")));
    couriers().commands(commands.collect::<String>()).wrong(faults)
}

#[test]
fn lose_takes_the_one_message_it_names() {
    let five = letters(r#"(when: Sends(from: 1, to: 2, kind: "letter", nth: 2), do: Lose),"#);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 3"]);
    assert_eq!(five.run(1).tally.lost[&Lost::Loss], 1);
}

#[test]
fn delay_lets_later_messages_overtake() {
    let five = letters(r#"(when: Sends(from: 1, nth: 1), do: Delay("150ms")),"#);
    assert_eq!(outputs(&five, 2), ["letter 2", "letter 1", "letter 3"]);
}

#[test]
fn duplicate_brings_a_message_a_second_time() {
    let five = letters(r#"(when: Sends(to: 2, nth: 1), do: Duplicate("250ms")),"#);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 2", "letter 3", "letter 1"]);
    assert_eq!(five.run(1).tally.duplicates, 1);
    let again = five.events(1).into_iter().find(
        |event| matches!(&event.what, EventKind::Deliver { message, .. } if message.copy == 1),
    );
    let after_the_first = "it was sent at 100 ms, came at 110 and comes again 250 ms later";
    assert_eq!(again.map(|event| event.at), Some(Time::from_millis(360)), "{after_the_first}");
}

#[test]
fn a_partition_cuts_what_is_sent_while_it_lasts() {
    let five = letters(r#"(at: "150ms", do: Partition([[1], [2, 3]])), (at: "250ms", do: Heal),"#);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 3"]);
    assert_eq!(five.run(1).tally.lost[&Lost::Partition], 1);
}

#[test]
fn nodes_that_a_partition_does_not_name_form_a_side() {
    let commands = at(200, 4, "Send(to: 5, letter: 1)") + &at(200, 4, "Send(to: 1, letter: 2)");
    let faults = r#"(at: "100ms", do: Partition([[1], [2, 3]])),"#;
    let five = couriers().commands(commands).wrong(faults);
    assert_eq!((outputs(&five, 5), outputs(&five, 1)), (vec!["letter 1".to_owned()], vec![]));
}

#[test]
fn two_nodes_hear_each_other_only_if_no_partition_parts_them() {
    let faults =
        r#"(at: "10ms", do: Partition([[1], [2]])), (at: "20ms", do: Partition([[1, 2], [3]])),"#;
    assert!(outputs(&letters(faults), 2).is_empty(), "the later one does not end the earlier one");
}

#[test]
fn a_crash_loses_deadlines_and_state_but_no_saves() {
    let commands = at(10, 1, "Keep(7)") + &at(20, 1, "Nap") + &at(30, 1, "Mood(true)");
    let faults = r#"(at: "21ms", do: Bounce(node: 1, down: "1ms")),"#;
    let report = couriers().commands(commands).wrong(faults).run(1);
    let told = report.world.outputs(node(1));
    assert_eq!(told.len(), 2, "no deadline came: {told:?}");
    assert!(told[1].ends_with("{(): 7}"), "{told:?}");
}

#[test]
fn a_deadline_of_a_dead_incarnation_does_not_fire_in_the_next_one() {
    // Same name, same count: only the incarnation tells the two deadlines apart.
    let commands = at(10, 1, "Nap") + &at(12, 1, "Nap") + &at(40, 1, "Nap") + &at(41, 1, "Nap");
    let faults = r#"(at: "20ms", do: Bounce(node: 1, down: "1ms")),"#;
    for seed in 0..50 {
        let events = couriers().commands(&commands).wrong(faults);
        let events = events.events(seed);
        let mut armed = events.iter().filter_map(|event| match event.what {
            EventKind::Arm { deadline, .. } => Some(deadline),
            _ => None,
        });
        let fired = events.iter().filter(|event| matches!(event.what, EventKind::Timer { .. }));
        let mut fired: Vec<_> = fired.map(|event| event.at).collect();
        fired.retain(|at| *at > Time::from_millis(20));
        assert_eq!(fired, [armed.next_back().expect("it napped")], "seed {seed}");
    }
}

#[test]
fn faults_of_one_instant_strike_in_their_order_in_the_file() {
    let up = |faults| letters(faults).run(1).world.is_up(node(1));
    assert!(!up(r#"(at: "10ms", do: Restart(1)), (at: "10ms", do: Crash(1)),"#));
    assert!(up(r#"(at: "10ms", do: Crash(1)), (at: "10ms", do: Restart(1)),"#));
    let crashed_again = r#"(at: "5ms", do: Crash(1)), (at: "5ms", do: Restart(1)),
        (at: "5ms", do: Crash(1)),"#;
    assert!(!up(crashed_again));
}

#[test]
fn faults_on_one_effect_strike_in_their_order_in_the_file() {
    let partition = "(when: Effect(of: 1, nth: 2), do: Partition([[1], [2]])),";
    let heal = "(when: Sends(from: 1, nth: 1), do: Heal),";
    assert_eq!(outputs(&letters(&(partition.to_owned() + heal)), 2).len(), 3);
    assert_eq!(outputs(&letters(&(heal.to_owned() + partition)), 2).len(), 1);
}

#[test]
fn a_fault_does_not_lose_a_message_to_oneself() {
    let commands = at(10, 3, "Send(to: 3, letter: 1)");
    let faults = "(when: Sends(from: 3, to: 3, nth: 1), do: Lose),".to_owned();
    assert_eq!(outputs(&couriers().commands(commands).wrong(faults), 3), ["letter 1"]);
}

#[test]
fn a_fault_whose_event_never_came_is_named() {
    let report =
        letters(r#"(when: Sends(kind: "lettre"), do: Lose), (at: "1s", do: Heal),"#).run(1);
    assert_eq!(report.unstruck(), [0]);
}

#[test]
fn a_crash_after_an_effect_cuts_the_rest_of_the_step() {
    // The first effect of node 2 is what it tells at its start; the second would be the next.
    let five = letters("(when: Effect(of: 1, nth: 2), do: Crash(1)),");
    assert_eq!(outputs(&five, 2), ["letter 1"], "the message that was sent is on its way");
    let events = five.events(1);
    let crash = events.iter().position(|event| matches!(event.what, EventKind::Crash { .. }));
    assert!(matches!(
        events[crash.expect("it crashed") - 1].what,
        EventKind::Send { count: 1, .. }
    ));
}

#[test]
fn a_crash_at_its_start_keeps_a_node_from_starting() {
    let five = letters(r#"(at: "0ms", do: Crash(2)), (at: "250ms", do: Restart(2)),"#);
    let report = five.run(1);
    assert_eq!(report.world.outputs(node(2)).len(), 2, "one start and the third letter");
    assert_eq!(report.tally.lost[&Lost::Down], 2);
    assert_eq!(report.world.incarnation(node(2)), Some(1));
}

#[test]
fn crashing_the_dead_and_starting_the_living_do_nothing() {
    let once = r#"(at: "100ms", do: Crash(3)), (at: "300ms", do: Restart(3)),"#;
    let twice = r#"(at: "100ms", do: Crash(3)), (at: "200ms", do: Crash(3)),
        (at: "300ms", do: Restart(3)), (at: "400ms", do: Restart(3)), (at: "500ms", do: Restart(1)),"#;
    let shown = |faults| {
        let events = letters(faults).events(1);
        events.into_iter().map(|event| event.what).collect::<Vec<_>>()
    };
    assert_eq!(shown(once), shown(twice));
}

#[test]
fn a_crash_after_a_restart_takes_back_what_an_earlier_bounce_planned() {
    let faults = r#"(at: "1s", do: Bounce(node: 1, down: "2s")), (at: "1500ms", do: Restart(1)),
        (at: "2s", do: Crash(1)),"#;
    let report = letters(faults).run(1);
    assert!(!report.world.is_up(node(1)), "nobody restarted it after the last crash");
}

#[test]
fn a_bounce_may_take_no_time() {
    let report = letters(r#"(at: "1s", do: Bounce(node: 1, down: "0ms")),"#).run(1);
    assert_eq!(report.world.incarnation(node(1)), Some(2));
}

#[test]
fn a_command_to_a_node_that_is_down_is_gone() {
    let commands = at(200, 3, "Roll") + &at(400, 3, "Roll");
    let faults = r#"(at: "100ms", do: Bounce(node: 3, down: "200ms")),"#;
    let report = couriers().commands(commands).wrong(faults).run(1);
    assert_eq!(report.world.outputs(node(3)).len(), 3, "two starts and the second roll");
}

#[test]
fn a_latency_matrix_gives_every_link_its_own_delay() {
    let row =
        |from: u32| (1..=5).map(|to| format!("\"{}ms\",", 10 * from + to)).collect::<String>();
    let rows: String = (1..=5).map(|from| format!("[{}],", row(from))).collect();
    let network = format!(r#"delay: Fixed("0ms"), latency: [{rows}]"#);
    let commands = at(0, 2, "Send(to: 5, letter: 1)") + &at(0, 4, "Send(to: 4, letter: 1)");
    let five = couriers().over(&network).commands(commands);
    let arrivals: Vec<_> = five
        .events(1)
        .into_iter()
        .filter_map(|event| match event.what {
            EventKind::Deliver { node, message } => {
                Some((message.from, node, event.at.to_string()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        arrivals,
        [(node(2), node(5), "25".to_owned()), (node(4), node(4), "44".to_owned())]
    );
}
