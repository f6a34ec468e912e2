//! A leader that has everybody record one and the same state of the whole.
//!
//! The leader records what its party knows, and sends a marker to all others.
//! Whoever gets the first marker of a snapshot records what its own party knows,
//! and sends markers to all others in turn. From then on it records what arrives
//! from each node until that one's marker; when it has them all, it reports to
//! the leader (Chandy and Lamport, "Distributed snapshots: determining global
//! states of distributed systems", 1985). Among n nodes that takes n(n-1)
//! markers and n-1 reports. With messages that take d each, all have recorded
//! after d, every channel is closed after 2d, and the leader knows after 3d.
//!
//! Where no message overtakes another, what is recorded is a state that the
//! whole could have been in: whatever its sender had sent when it recorded is
//! in the receiver's record or in that of the channel, and nothing else is. The
//! leader puts it together as if all channels had run empty. A request counts
//! while it is open and no grant of it is on its way: the holder may know of it
//! already or not yet. A lock that is lent waits for the holder, which may have
//! it already or not yet, unless it does not want it any more or is giving it
//! back. Who is dead in that state stays dead, as nobody who waits does
//! anything; whoever is to give up is taken for free. So the verdict is true when
//! it is given; and whatever was dead when the snapshot began is found, though its
//! last request was still on its way.
//!
//! What a [`Site`](super::Site) promises is relied upon: it shows an arriving
//! message ([`Notice::Arrives`](super::Notice)) before its party takes it, and
//! what the party makes of it ([`Notice::Look`](super::Notice)) after all that
//! the party sends has been sent. So no marker comes between the two, a view
//! holds all that arrived before it was recorded and nothing of what the channels
//! have, and whatever the party sends before a marker is told by the view.
//!
//! Channels must be first in, first out, and lose nothing. Where a marker can
//! overtake a request, its edge is missed until the next snapshot. Where one can
//! overtake a grant, that does no harm by itself, as requests have names: the
//! holder does not owe it any more, so the edge is not counted. But once a
//! request is said twice, by a party that is impatient or a network that doubles,
//! its second copy looks like one that the holder does not know of yet, and a
//! deadlock that never was is found.
//!
//! A snapshot that somebody does not report for, because it crashed or what it
//! was told was lost, is given up when the next one begins. Nodes keep a record
//! of the latest snapshot of each leader, so that two leaders do not disturb
//! each other.

mod machine;
mod recording;
mod rules;
mod settled;
mod wire;

pub use machine::Snapshot;
pub use rules::Rules;
pub use wire::{Cell, Message, Name, Record, Timer};
