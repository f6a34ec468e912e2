//! Controllers in a tree, each of which finds what lies wholly below it.
//!
//! A leader that asks everybody hears of much that never concerned anybody far
//! away. Here every node has a controller, which is a node itself, up to one that
//! has none: the [`Tree`] (Menasce and Muntz, "Locking and deadlock detection in
//! distributed data bases", 1979; Ho and Ramamoorthy, "Protocols for deadlock
//! detection in distributed database systems", 1982, have two levels). The root
//! begins a round once in every period: it asks those below it, and they ask
//! those below them. A controller that has their accounts adds its own, finds
//! whoever is dead for reasons that lie below it, and accounts to the one above
//! for what it could not decide. So a cycle is found by the lowest node that has
//! all of it below itself. A round takes two messages for each edge of the tree;
//! verdicts go down besides, to all below the one that found something.
//!
//! # What is passed on, and why that is enough
//!
//! Let S be a node and all below it. As with a central detector's
//! [`Confirmed`](super::central::Form::Confirmed) an edge inside S counts if both
//! ends know it, and whoever is silent is free. The controller asks twice who of S
//! gets free: supposing first that whoever is outside gives all that was asked
//! of it, then that nobody outside ever gives anything.
//!
//! - Who is not free in the first case is *dead*. The more others give, the more
//!   get free; so it is dead whatever is outside.
//! - Who is free in the second case is *free* whatever is outside.
//! - The others are *undecided*. Each waits for somebody outside, itself or
//!   through others that are undecided: if not, what is supposed of those outside
//!   could not matter to it.
//!
//! An account has the undecided with what they still need: an edge to one that
//! is free is taken for granted, one to a dead node will not be and is left out
//! while the need stays, and all others are kept. It has the dead for whom
//! somebody outside says it waits, as waiting for nobody who could ever grant.
//! Nobody else is in it. At any node higher up the least fixpoint over this
//! account and whatever comes from elsewhere is, for everybody in it, the one
//! over the full accounts: free nodes are free and dead ones are not in either,
//! and to replace what is decided by its value changes no step of the rest. A
//! node outside that waits for a free one finds no record there of being waited
//! for, and so takes it for granted; for a dead one there is a record.
//!
//! So what all controllers find together is what a central leader would find
//! with the same accounts, and it is sound for the same reason, whenever each
//! account was given, and whatever the order and the delay of messages.
//!
//! # Victims
//!
//! A controller that has somebody give up takes that node for free from then on,
//! in the same round already in what it passes on, as does everybody on the way
//! to it: the verdict comes past them before it gets there. Each of them says it
//! again in every round until that node does not wait any more, for the verdict
//! may have been lost further down. Nobody else is chosen meanwhile, by it or
//! further up: what another one gives might help somebody below who is to give up.
//! As with a central leader, a controller that
//! restarts knows nothing of that, and may for one round take those for deadlocked
//! who are about to go on.
//!
//! The tree is fixed. While a controller is down, those below it are taken for
//! free; while the root is, nobody looks.

mod account;
mod machine;
mod misfit;
mod rules;
mod tree;
mod wire;

pub use machine::Hierarchy;
pub use misfit::Misfit;
pub use rules::Rules;
pub use tree::Tree;
pub use wire::{Account, Cell, Message, Timer};
