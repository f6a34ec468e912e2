//! Partitions of every sort, and links that are held.

use rehearsal::sim::network::Lost;
use rehearsal::sim::trace::EventKind;

use super::{arrivals, letters, outputs};
use crate::courier::{AsWritten, Five, couriers, ms};

fn five(commands: String, faults: &str) -> Five {
    couriers().commands(commands).wrong(faults)
}

#[test]
fn a_one_way_partition_cuts_one_way() {
    let both = letters(1, 2, &[200]) + &letters(2, 1, &[200]);
    let five = five(both, r#"(at: "100ms", do: OneWay(from: [1], to: [2, 3])),"#);
    assert_eq!((outputs(&five, 2), outputs(&five, 1)), (vec![], vec!["letter 1".to_owned()]));
    assert_eq!(five.run(1).tally.lost[&Lost::Partition], 1);
}

#[test]
fn a_partial_partition_cuts_a_pair_and_leaves_the_detour() {
    let all = letters(1, 2, &[200])
        + &letters(2, 1, &[200])
        + &letters(1, 3, &[200])
        + &letters(3, 2, &[200]);
    let five = five(all, r#"(at: "100ms", do: Cut([(1, 2)])),"#);
    let told = [1, 2, 3].map(|number| outputs(&five, number).len());
    assert_eq!(told, [0, 1, 1], "only by way of node 3");
}

#[test]
fn a_flapping_partition_comes_and_goes_until_it_is_healed() {
    let every = [150, 250, 350, 450, 550, 650];
    let flaps = r#"(at: "100ms", do: Flap(sides: [[1], [2]], cut: "100ms", open: "100ms")),"#;
    let told = outputs(&five(letters(1, 2, &every), flaps), 2);
    assert_eq!(told, ["letter 2", "letter 4", "letter 6"]);
    let healed = format!(r#"{flaps} (at: "320ms", do: Heal),"#);
    let told = outputs(&five(letters(1, 2, &every), &healed), 2);
    assert_eq!(told, ["letter 2", "letter 3", "letter 4", "letter 5", "letter 6"]);
}

#[test]
fn a_flap_does_not_open_what_another_partition_cuts() {
    let faults = r#"(at: "50ms", do: Partition([[1], [2]])),
        (at: "100ms", do: Flap(sides: [[1], [2]], cut: "100ms", open: "100ms")),"#;
    assert!(outputs(&five(letters(1, 2, &[250]), faults), 2).is_empty());
}

#[test]
fn what_is_sent_on_a_held_link_sets_off_at_its_release_in_order() {
    let faults = r#"(at: "150ms", do: Hold(from: 1, to: 2)),
        (at: "400ms", do: Release(from: 1, to: 2)),"#;
    let sent = letters(1, 2, &[100, 200, 300]) + &letters(2, 1, &[200]);
    let events = five(sent, faults).events(1);
    let told: Vec<_> = arrivals(&events).into_iter().map(|(.., at)| at).collect();
    assert_eq!(told, ["110", "210", "410", "410"], "the way back is not held");
    let order: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.what {
            EventKind::Deliver { node, message } if node.number() == 2 => Some(message.count),
            _ => None,
        })
        .collect();
    assert_eq!(order, [1, 2, 3]);
}

#[test]
fn what_a_link_held_sets_off_at_the_calm() {
    let faults = r#"(at: "150ms", do: Hold(from: 1, to: 2)),"#.to_owned();
    let commands = letters(1, 2, &[200, 2_990, 3_100]);
    let five = couriers().commands(commands).wrong(faults).calm_at(ms(3_000));
    let told: Vec<_> = arrivals(&five.events(1)).into_iter().map(|(.., at)| at).collect();
    assert_eq!(told, ["3010", "3010", "3110"]);
}

#[test]
fn the_way_to_oneself_is_never_cut() {
    let faults = r#"(at: "0ms", do: OneWay(from: [1, 2], to: [1, 2])),"#;
    assert_eq!(outputs(&five(letters(1, 1, &[10]), faults), 1), ["letter 1"]);
}

#[test]
fn a_flap_that_strikes_again_begins_anew_and_an_old_one_has_no_say() {
    // It is healed at 70 ms; the strike at 100 ms cuts until 160, whatever the one at 50 had planned.
    let flaps = r#"(every: Fixed("50ms"), do: Flap(sides: [[1], [2]], cut: "60ms", open: "1s")),
        (at: "70ms", do: Heal), (at: "130ms", do: Heal),"#;
    let times = |what: fn(&EventKind) -> bool| -> Vec<_> {
        let five = five(String::new(), flaps).calm_at(ms(155));
        let events = five.events(1).into_iter().filter(|event| what(&event.what));
        events.map(|event| event.at.to_string()).collect()
    };
    assert_eq!(times(|what| matches!(what, EventKind::Partition { .. })), ["50", "100", "150"]);
    assert!(
        times(|what| matches!(what, EventKind::Mend { .. })).is_empty(),
        "each was healed before"
    );
}

#[test]
fn at_the_calm_what_was_held_has_left_however_narrow_the_link_is() {
    let commands = letters(1, 2, &[200, 300, 400, 500]);
    let five = couriers()
        .over(r#"delay: Fixed("10ms"), bandwidth: (rate: 1, queue: 5)"#)
        .wrong(r#"(at: "150ms", do: Hold(from: 1, to: 2)),"#)
        .commands(commands)
        .calm_at(ms(3_000));
    let told: Vec<_> = arrivals(&five.events(1)).into_iter().map(|(.., at)| at).collect();
    assert_eq!(told, ["3010"; 4]);
}
