//! Questions that spread, and answers that gather: a diffusing computation for
//! the OR model (Chandy, Misra and Haas, "Distributed deadlock detection",
//! 1983).
//!
//! A process that has waited for a while asks all those for whom it waits
//! whether they wait, too. Whoever is asked for the first time in a round, and
//! does, asks all those for whom it waits, and answers its *engager* when all of
//! them have answered; whoever is asked again answers at once, if it has waited
//! without a break since. Who does not wait is silent. If all answer the
//! initiator, all that it could ever be helped by wait, and for each other only.
//!
//! On a graph that stands still, a round of one initiator takes as many queries
//! as there are edges out of the blocked nodes that it reaches, itself included,
//! and as many replies if it is deadlocked: `2n` messages on a ring, which take
//! `2n` delays, and `2n(n-1)` where all wait for all.
//!
//! Why that is true: say that the initiator has all its answers, and take all
//! that were engaged in the round. Each answered its engager, or that one could
//! not have answered, and so on up to the initiator; so each had all its
//! answers, and whoever one of them waits for was engaged. Suppose any of them
//! is ever helped after it was engaged, and be it the first. Another of them
//! helped it; which owed it that help still when it answered, and had waited
//! without a break since it was engaged, so was itself helped first: a
//! contradiction. Messages may take any time and any order. A copy of a message
//! counts once: answers are noted by peer, and the engager's question is
//! answered once. Who has ceased to wait keeps in mind that it took part in a
//! round, and takes no part in it any more; so does one whose engager has
//! ceased to ask. What is assumed is that nobody who waits gives, gives up or
//! loses patience, as with [`chasing`](super::chasing); and, to miss nothing,
//! that any one grant ends a wait. Where more are needed what is found is true,
//! too, but not all is found.
//!
//! Answers carry which of those behind them is to give up, and the initiator
//! condemns that one: as it waits for it through others, any one of whom would
//! do, that frees it.

mod computation;
mod machine;
mod rules;
mod wire;

pub use machine::Diffusing;
pub use rules::Rules;
pub use wire::{Cell, Message, Query, Reply, Timer};
