use rehearsal_machine::printable;

use super::compared::Told;
use super::scenes::each_told;
use crate::trace::Event;

/// Hands over every event of a run, in order, in the words of its story: the node that did it or
/// met it, or `net`, and what happened, in printable characters on one line.
pub fn each_event(told: Told<'_>, mut see: impl FnMut(&Event, &str, &str)) {
    each_told(told.events, told.network, |event, who, line| {
        let words = format!("{}{}", line.words, line.fate);
        see(event, &who, &printable(&words));
    });
}
