//! What a link does to messages by its nature or by chance: corruption, size,
//! bandwidth, order.

use rehearsal::sim::network::Lost;

use super::{arrivals, deliveries, outputs, three};
use crate::courier::{AsWritten, at, couriers};

fn parcels(sizes: &[u32]) -> String {
    sizes.iter().map(|bytes| at(100, 1, &format!("Ship(to: 2, bytes: {bytes})"))).collect()
}

#[test]
fn a_corrupted_message_reaches_no_machine() {
    let one = "(when: Sends(from: 1, to: 2, nth: 2), do: Corrupt),";
    let five = three(one);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 3"]);
    assert_eq!(five.run(1).tally.lost[&Lost::Corrupt], 1);
}

#[test]
fn chance_corrupts_the_share_it_is_told_and_no_other_than_before() {
    let five = |network| couriers().over(network).commands(crate::courier::letters());
    let report = five(r#"delay: Fixed("10ms"), corrupt: "1/4""#).run(1);
    let corrupt = report.tally.lost[&Lost::Corrupt];
    assert!((50..=115).contains(&corrupt), "{corrupt} of the 320 that are not to oneself");
    assert_eq!(report.happened.corrupted, corrupt);
}

#[test]
fn a_message_that_is_too_large_is_lost_and_one_of_just_the_size_is_not() {
    // A parcel's kind takes a byte, its length one, up to 127.
    let network = r#"delay: Fixed("10ms"), max_message: 102"#;
    let five = couriers().over(network).commands(parcels(&[100, 101]));
    assert_eq!(outputs(&five, 2), ["parcel of 100"]);
    assert_eq!(five.run(1).tally.lost[&Lost::TooLarge], 1);
}

#[test]
fn a_message_of_64_kib_gets_through_by_default_and_none_larger() {
    // From 16,384 on the length takes three bytes.
    let five = couriers().commands(parcels(&[65_532, 65_533]));
    assert_eq!(outputs(&five, 2), ["parcel of 65532"]);
}

#[test]
fn messages_leave_a_link_one_after_the_other_at_its_rate() {
    let network = r#"delay: Fixed("10ms"), bandwidth: (rate: 1000)"#;
    let commands = parcels(&[98, 98, 48])
        + &at(100, 1, "Ship(to: 3, bytes: 98)")
        + &at(900, 1, "Ship(to: 2, bytes: 98)");
    let five = couriers().over(network).commands(commands);
    assert_eq!(deliveries(&five), ["210", "210", "310", "360", "1010"], "another link has its own");
}

#[test]
fn a_message_that_finds_no_room_in_the_queue_is_lost() {
    let network = r#"delay: Fixed("10ms"), bandwidth: (rate: 1000, queue: 200)"#;
    let five = couriers().over(network).commands(parcels(&[98, 98, 98]));
    assert_eq!(outputs(&five, 2).len(), 2);
    assert_eq!(five.run(1).tally.lost[&Lost::Full], 1);
}

#[test]
fn on_a_fifo_link_nothing_overtakes_and_a_late_message_holds_up_the_others() {
    let network = r#"delay: Fixed("10ms"), fifo: Links([(1, 2)])"#;
    let faults = r#"(when: Sends(nth: 1), do: Delay("150ms")),"#;
    let five = three(faults).over(network);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 2", "letter 3"]);
    assert_eq!(deliveries(&five), ["250", "250", "310"]);
}

#[test]
fn a_latency_matrix_gives_every_link_its_own_delay() {
    let row =
        |from: u32| (1..=5).map(|to| format!("\"{}ms\",", 10 * from + to)).collect::<String>();
    let rows: String = (1..=5).map(|from| format!("[{}],", row(from))).collect();
    let network = format!(r#"delay: Fixed("0ms"), latency: [{rows}]"#);
    let commands = at(0, 2, "Send(to: 5, letter: 1)") + &at(0, 4, "Send(to: 4, letter: 1)");
    let told = [(2, 5, "25".to_owned()), (4, 4, "44".to_owned())];
    assert_eq!(arrivals(&couriers().over(&network).commands(commands)), told);
}
