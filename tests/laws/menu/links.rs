//! What a link does to messages by its nature or by chance: corruption, size,
//! bandwidth, order.

use rehearsal::sim::network::Lost;
use rehearsal::sim::trace::EventKind;

use super::{arrivals, letters, outputs};
use crate::courier::{AsWritten, Five, ROUGH, at, couriers};

fn parcels(sizes: &[u32]) -> String {
    sizes.iter().map(|bytes| at(100, 1, &format!("Ship(to: 2, bytes: {bytes})"))).collect()
}

fn times(five: &Five) -> Vec<String> {
    arrivals(&five.events(1)).into_iter().map(|(.., at)| at).collect()
}

#[test]
fn a_corrupted_message_reaches_no_machine() {
    let one = "(when: Sends(from: 1, to: 2, nth: 2), do: Corrupt),".to_owned();
    let commands = letters(1, 2, &[100, 200, 300]);
    let five = couriers().commands(commands).wrong(one);
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
fn a_message_to_oneself_is_never_too_large() {
    let commands = at(100, 2, "Ship(to: 2, bytes: 60000)");
    let network = r#"delay: Fixed("10ms"), max_message: 10"#;
    let five = couriers().over(network).commands(commands);
    assert_eq!(outputs(&five, 2), ["parcel of 60000"]);
}

#[test]
fn messages_leave_a_link_one_after_the_other_at_its_rate() {
    let network = r#"delay: Fixed("10ms"), bandwidth: (rate: 1000)"#;
    let commands = parcels(&[98, 98, 48])
        + &at(100, 1, "Ship(to: 3, bytes: 98)")
        + &at(900, 1, "Ship(to: 2, bytes: 98)");
    let five = couriers().over(network).commands(commands);
    assert_eq!(times(&five), ["210", "210", "310", "360", "1010"], "another link has its own");
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
    let faults = r#"(when: Sends(nth: 1), do: Delay("150ms")),"#.to_owned();
    let commands = letters(1, 2, &[100, 200, 300]);
    let five = couriers().over(network).commands(commands).wrong(faults);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 2", "letter 3"]);
    assert_eq!(times(&five), ["250", "250", "310"]);
}

#[test]
fn fifo_is_a_property_of_a_link() {
    let letter = |turn: u32| {
        at(turn * 2, turn % 5 + 1, &format!("Send(to: {}, letter: 1)", turn / 5 % 5 + 1))
    };
    let commands: String = (0..1_000).map(letter).collect();
    let counts = |fifo: &str| {
        let network = format!("{ROUGH}, fifo: {fifo}");
        let commands = commands.clone();
        let five = couriers().over(&network).commands(commands);
        let mut newest = [[0; 5]; 5];
        let mut overtaken = [[0; 5]; 5];
        for event in five.events(3) {
            let EventKind::Deliver { node, message } = event.what else { continue };
            let (from, to) = (message.from.index(), node.index());
            overtaken[from][to] += usize::from(message.count < newest[from][to]);
            newest[from][to] = message.count.max(newest[from][to]);
        }
        overtaken
    };
    let sum = |overtaken: [[usize; 5]; 5]| overtaken.iter().flatten().sum::<usize>();
    assert!(sum(counts("None")) > 10);
    assert_eq!(sum(counts("All")), 0);
    let one = counts("Links([(2, 3)])");
    assert_eq!(one[1][2], 0);
    assert!(sum(one) > 10);
}
