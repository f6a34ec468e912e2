//! Labels that are handed back from those for whom one waits: deadlock
//! detection in the single-resource model, where nobody waits for more than one
//! (Mitchell and Merritt, "A distributed algorithm for deadlock detection and
//! resolution", 1984).
//!
//! Every node has a public label. When it begins to wait it makes a new one,
//! greater than any it had, which is its private label, too, for as long as it
//! waits (*block*). It tells its public label to all that wait for it: to each
//! when it comes to know of it, to all whenever the label rises. Who waits and
//! hears a greater label than its own takes it over (*transmit*), and so tells
//! it to those that wait for it. Who hears its own private label is on a cycle
//! (*detect*). In the paper labels are read where they are; here they are sent.
//!
//! On a ring of `s`, whoever begins to wait in whatever order, however messages
//! are delayed: exactly one detects, after `s-1` transmits at least and `s(s-1)/2`
//! at most.
//!
//! Why that is true: a label is told only by one that waits, and only to those
//! that it owes, so all who take over the label of this wait of ours are behind
//! us, and stay so while we wait. If it comes back from whom we wait for, then
//! that one is behind us, too: a cycle, on which nobody moves any more.
//!
//! Why one at most finds a cycle: its label has gone all the way round, past
//! everybody else on it, so it is greater than theirs; of two, each would be the
//! greater one. Why one does: the greatest label on a cycle is the private one of
//! somebody on it. Not all on the cycle can have taken it over in their present
//! waits, each after the one it waits for; so somebody made it, or had it when it
//! began to wait, and made a greater one.
//!
//! So a label must never be made twice, nor a smaller one than a former one: the
//! counter is durable, and saved before a label is told. A node that had
//! forgotten it in a crash could make a smaller label than the one which those
//! behind it still have of it; that one would run round the cycle, be nobody's,
//! and hide all others. Labels that come late, or twice, are not greater than
//! those that are known, or mean a request that is over. One that is lost is
//! told again, once in every period. It need not be told while we do not wait:
//! when we begin to, we have a greater one.
//!
//! Who waits for more than one may take over a label of somebody who is on no
//! cycle with it, and miss its own: what is found is true if all are needed, but
//! not all is found. If any would do it need not be true. And, as ever, nobody
//! may give up but by what is found here.
//!
//! The one who detects gives up, if anybody shall: one victim for each cycle,
//! and no message for it. A lock that is lent takes part like any other, but has
//! nothing to give up; so a label names whose request it is to be: its maker's,
//! or, if a lock has made it, that of the first who took it over, which waits for
//! the lock. Who gives up and asks again makes a greater label than any it had,
//! and may well be the victim again: nothing here spares the old.

mod machine;
mod wire;

pub use machine::{Labels, Rules};
pub use wire::{Cell, Label, Message, Timer};
