//! What faults do to the one message that they name.

use rehearsal::sim::network::Lost;

use super::{deliveries, outputs, three};
use crate::courier::AsWritten;

#[test]
fn lose_takes_the_one_message_it_names() {
    let five = three(r#"(when: Sends(from: 1, to: 2, kind: "letter", nth: 2), do: Lose),"#);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 3"]);
    assert_eq!(five.run(1).tally.lost[&Lost::Loss], 1);
}

#[test]
fn delay_lets_later_messages_overtake() {
    let five = three(r#"(when: Sends(from: 1, nth: 1), do: Delay("150ms")),"#);
    assert_eq!(outputs(&five, 2), ["letter 2", "letter 1", "letter 3"]);
}

#[test]
fn duplicate_brings_a_message_a_second_time() {
    let five = three(r#"(when: Sends(to: 2, nth: 1), do: Duplicate("250ms")),"#);
    assert_eq!(outputs(&five, 2), ["letter 1", "letter 2", "letter 3", "letter 1"]);
    assert_eq!(five.run(1).tally.duplicates, 1);
    let after_the_first = "it was sent at 100 ms, came at 110 and comes again 250 ms later";
    assert_eq!(deliveries(&five).last().map(String::as_str), Some("360"), "{after_the_first}");
}

#[test]
fn a_fault_whose_event_never_came_is_named() {
    let faults = r#"(when: Sends(kind: "lettre"), do: Lose), (at: "1s", do: Heal),"#;
    assert_eq!(three(faults).run(1).unstruck(), [0]);
}
