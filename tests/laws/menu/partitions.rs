//! Partitions of every sort, and links that are held.

use rehearsal::sim::network::Lost;
use rehearsal::sim::trace::EventKind;

use super::{deliveries, five, letters, outputs, three, times};
use crate::courier::{AsWritten, at, ms};

#[test]
fn a_partition_cuts_what_is_sent_while_it_lasts() {
    let five = three(r#"(at: "150ms", do: Partition([[1], [2, 3]])), (at: "250ms", do: Heal),"#);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 3"]);
    assert_eq!(five.run(1).tally.lost[&Lost::Partition], 1);
}

#[test]
fn nodes_that_a_partition_does_not_name_form_a_side() {
    let commands = at(200, 4, "Send(to: 5, letter: 1)") + &at(200, 4, "Send(to: 1, letter: 2)");
    let faults = r#"(at: "100ms", do: Partition([[1], [2, 3]])),"#;
    let five = five(commands, faults);
    assert_eq!((outputs(&five, 5), outputs(&five, 1)), (vec!["letter 1".to_owned()], vec![]));
}

#[test]
fn two_nodes_hear_each_other_only_if_no_partition_parts_them() {
    let faults =
        r#"(at: "10ms", do: Partition([[1], [2]])), (at: "20ms", do: Partition([[1, 2], [3]])),"#;
    assert!(outputs(&three(faults), 2).is_empty(), "the later one does not end the earlier one");
}

#[test]
fn faults_on_one_effect_strike_in_their_order_in_the_file() {
    let partition = "(when: Effect(of: 1, nth: 2), do: Partition([[1], [2]])),";
    let heal = "(when: Sends(from: 1, nth: 1), do: Heal),";
    assert_eq!(outputs(&three(&(partition.to_owned() + heal)), 2).len(), 3);
    assert_eq!(outputs(&three(&(heal.to_owned() + partition)), 2).len(), 1);
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
    let five = five(sent, faults);
    assert_eq!(deliveries(&five), ["110", "210", "410", "410"], "the way back is not held");
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 2", "letter 3"]);
}

#[test]
fn what_a_link_held_sets_off_at_the_calm() {
    let faults = r#"(at: "150ms", do: Hold(from: 1, to: 2)),"#;
    let five = five(letters(1, 2, &[200, 2_990, 3_100]), faults).calm_at(ms(3_000));
    assert_eq!(deliveries(&five), ["3010", "3010", "3110"]);
}

#[test]
fn a_flap_that_strikes_again_begins_anew_and_an_old_one_has_no_say() {
    // It is healed at 70 ms; the strike at 100 ms cuts until 160, whatever the one at 50 had planned.
    let flaps = r#"(every: Fixed("50ms"), do: Flap(sides: [[1], [2]], cut: "60ms", open: "1s")),
        (at: "70ms", do: Heal), (at: "130ms", do: Heal),"#;
    let five = five("", flaps).calm_at(ms(155));
    let cuts = times(&five, |what| matches!(what, EventKind::Partition { .. }));
    assert_eq!(cuts, ["50", "100", "150"]);
    let mends = times(&five, |what| matches!(what, EventKind::Mend { .. }));
    assert!(mends.is_empty(), "each was healed before");
}

#[test]
fn at_the_calm_what_was_held_has_left_however_narrow_the_link_is() {
    let faults = r#"(at: "150ms", do: Hold(from: 1, to: 2)),"#;
    let five = five(letters(1, 2, &[200, 300, 400, 500]), faults)
        .over(r#"delay: Fixed("10ms"), bandwidth: (rate: 1, queue: 5)"#)
        .calm_at(ms(3_000));
    assert_eq!(deliveries(&five), ["3010"; 4]);
}
