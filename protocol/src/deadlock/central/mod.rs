//! A leader that asks everybody what they wait for, and puts it together.
//!
//! A collect begins when a node becomes the leader, and once in every period.
//! The leader asks all others, and asks again whoever has not answered, until
//! the time limit; what it finds it tells everybody. How much it is told, how
//! often it asks, and what it makes of it, is what the [`Form`]s differ in.
//!
//! Nobody reports at the same instant, so the lists of who waits for whom that
//! the paper has can show a cycle that never was: the first edge was gone when
//! the last one came about. Two collects, with the edges that are in both, do
//! not help: a grant may be on its way all the while, and a later request look
//! like an earlier one (Ho and Ramamoorthy, "Protocols for deadlock detection
//! in distributed database systems", 1982; Jagannathan and Vasudevan on both of
//! theirs, 1982).
//!
//! It takes one collect if everybody reports both tables, what it waits for and
//! who waits for it, each edge with its request. An edge counts when both ends
//! know it; whatever does not count, and whoever is silent, is taken for free.
//! Suppose one of those that are then found dead grants something after it has
//! reported, and be it the first of them to do so. It was blocked when it
//! reported, so it has got what it needed, and some of it from one of them, who
//! must have granted before: a contradiction. So none of them ever moves again.
//! That needs no order of messages and no bound on their delay, but that nobody
//! who waits grants, gives up, crashes or runs out of patience between its
//! report and the verdict. What a process has granted it saves first, so that a
//! crash does not make it owe that once more.
//!
//! Victims do give up. The leader takes whom it has condemned for free from then
//! on, and chooses nobody else before they have done so: what another one gives
//! might help one of them. A leader that takes over knows nothing of that, and may
//! for one collect take those for deadlocked who are about to go on; so in its
//! first it condemns nobody.

mod collector;
mod machine;
mod rules;
mod wire;

pub use super::reports::{Report, confirmed};
pub use machine::Central;
pub use rules::{Form, Rules};
pub use wire::{Account, Cell, Message, Timer};
