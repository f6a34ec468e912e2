//! A node that cannot send and receive at the same time, like one with a single
//! blocking socket and no buffer.
//!
//! Time is divided into slots. In a sending slot the node sends, and every message
//! that arrives is lost. In the next slot the node listens, and the messages that
//! it would send wait for the slot after. If two nodes have slots of the same phase
//! and a message takes less than a slot beyond a whole number of periods, each of
//! them sends only while the other one sends, and no message ever arrives.

use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use rehearsal_machine::{Context, Effect, Embeds, Input, Machine, Nested, NodeId, Time};

/// A machine behind such a socket, or behind a full-duplex one.
pub struct HalfDuplex<C: Machine> {
    inner: Nested<C>,
    /// The length of a slot; none for full duplex.
    slot: Option<Duration>,
    /// Whether the current slot is for sending.
    is_sending: bool,
    /// The end of the slot, on the node's own clock.
    ends: Time,
    /// Messages that wait for the next sending slot.
    outbox: Vec<(NodeId, C::Message)>,
}

/// A deadline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer<T> {
    /// The next slot begins.
    Slot,
    /// The machine's own.
    Inner(T),
}

/// A deadline of the machine shows as its own name.
impl<T: fmt::Debug> fmt::Debug for Timer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slot => f.write_str("Slot"),
            Self::Inner(timer) => timer.fmt(f),
        }
    }
}

impl<C: Machine> HalfDuplex<C> {
    /// With slots of this length, which must be more than zero; without a length,
    /// full duplex. A node begins with a sending slot.
    pub fn new(machine: C, slot: Option<Duration>) -> Self {
        Self {
            inner: Nested::new(machine),
            slot,
            is_sending: true,
            ends: Time::MAX,
            outbox: Vec::new(),
        }
    }

    /// The machine itself, to look at.
    #[must_use]
    pub fn inner(&self) -> &C {
        &self.inner.machine
    }

    /// A slot includes its first instant, but not the first of the next slot.
    fn is_sending(&self, now: Time) -> bool {
        self.is_sending != (now >= self.ends)
    }

    fn next_slot(&mut self, cx: &mut Context<'_, Self>) {
        self.is_sending = !self.is_sending;
        self.begin_slot(cx);
        if self.is_sending {
            for (to, message) in self.outbox.drain(..) {
                cx.send(to, message);
            }
        }
    }

    fn begin_slot(&mut self, cx: &mut Context<'_, Self>) {
        if let Some(slot) = self.slot {
            self.ends = cx.now() + slot;
            cx.arm(Timer::Slot, slot..=slot);
        }
    }

    fn pass_on(&mut self, input: Input<C>, cx: &mut Context<'_, Self>) {
        let may_send = self.is_sending(cx.now());
        let outbox = &mut self.outbox;
        cx.delegate_filtered(&mut self.inner, input, |effect| match effect {
            Effect::Send { to, message } if !may_send => {
                outbox.push((to, message));
                None
            }
            effect => Some(effect),
        });
    }
}

impl<C: Machine> Embeds<C> for HalfDuplex<C> {
    fn message(message: C::Message) -> C::Message {
        message
    }

    fn timer(timer: C::Timer) -> Timer<C::Timer> {
        Timer::Inner(timer)
    }

    fn cell(cell: C::Cell) -> C::Cell {
        cell
    }

    fn saved(saved: C::Saved) -> C::Saved {
        saved
    }

    fn stored(cell: &C::Cell, saved: &C::Saved) -> Option<(C::Cell, C::Saved)> {
        Some((cell.clone(), saved.clone()))
    }
}

impl<C: Machine> Machine for HalfDuplex<C> {
    type Message = C::Message;
    type Command = C::Command;
    type Output = C::Output;
    type Timer = Timer<C::Timer>;
    type Cell = C::Cell;
    type Saved = C::Saved;

    const HEARS_LINKS: bool = C::HEARS_LINKS;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => {
                self.outbox.clear();
                self.is_sending = true;
                self.begin_slot(cx);
                self.pass_on(Input::Start(storage), cx);
            }
            Input::Command(command) => self.pass_on(Input::Command(command), cx),
            Input::Message { .. } if self.slot.is_some() && self.is_sending(cx.now()) => {}
            Input::Message { from, message } => {
                self.pass_on(Input::Message { from, message }, cx);
            }
            Input::Timer(Timer::Slot) => self.next_slot(cx),
            Input::Timer(Timer::Inner(timer)) => self.pass_on(Input::Timer(timer), cx),
            Input::Link { peer, up } => self.pass_on(Input::Link { peer, up }, cx),
        }
    }
}
