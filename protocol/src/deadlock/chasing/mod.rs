//! Probes that run after those for whom one waits: edge chasing for the AND
//! model (Chandy, Misra and Haas, "Distributed deadlock detection", 1983).
//!
//! A process that has waited for a while sends a probe along each of its
//! requests. Whoever gets one, and waits itself, sends it on along all of its
//! own, once for each initiator, wait and round; a lock that is lent does so to
//! its holder. A probe that comes back to its initiator has run round a cycle.
//! A probe names the request along which it runs, and is taken only where that
//! request is pending.
//!
//! On a graph that stands still, a round of one initiator takes as many probes
//! as there are edges out of the nodes that it reaches, itself included: `n` on
//! a ring, which take `n` delays, and `n` squared if all begin; `n(n-1)` where
//! all wait for all. Who waits behind a cycle sends as many, and never learns
//! that it will wait for ever: one on the cycle does.
//!
//! Why that is true, though the edges of the cycle were seen one after the
//! other: say that a probe has come back along them all. Each node on the way
//! had, when it took the probe, a request pending, and waited. If any of them
//! had been given what it waits for before the probe was back, then by the next
//! one on the way; which owed it still when it took the probe, and waited then,
//! so was itself given what it waits for first, and so on to the initiator,
//! which waits under the same request all the time. So at the end all edges are
//! there, and whoever waits gives nothing: they stay. Nothing is assumed of the
//! order of messages, their delay, loss or number. What is assumed is
//!
//! - that who waits needs everything that it has asked for. With less, a cycle
//!   need not be a deadlock;
//! - that nobody gives up or loses patience. When one does, probes that are on
//!   their way may yet find the cycle that it was on, and have another give up
//!   in vain.
//!
//! Why nothing is missed: whoever comes last to a cycle finds all others
//! waiting, and begins rounds. A round fails if a probe is lost, or if it
//! overtakes its request or one further on; the next one makes it good.
//! [`Overtaken::Holds`](super::Overtaken) saves the wait for that.
//!
//! All on a cycle may find it. If each gave up there would be as many victims;
//! so a probe notes which of those that it came by is to, and whoever finds the
//! cycle condemns that one. They then all condemn the same one, unless cycles
//! cross.

mod machine;
mod rules;
mod wire;

pub use machine::Chasing;
pub use rules::Rules;
pub use wire::{Cell, Message, Probe, Timer};
