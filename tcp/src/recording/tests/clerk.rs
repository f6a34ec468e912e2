//! A small machine that uses every kind of input and effect, and can be changed in one respect.

use std::time::Duration;

use rehearsal_machine::{Context, Input, Machine, Message, NodeId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Default)]
pub(crate) struct Clerk {
    pub(crate) count: u64,
    pub(crate) change: Option<Change>,
}

/// How a changed version of the machine differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It counts pings twice.
    Count,
    /// It draws from another range for a greeting.
    Range,
    /// It does not draw for a greeting.
    NoDraw,
    /// It draws once more on a retry.
    OneMoreDraw,
    /// It emits no count.
    Silent,
    /// It emits one output more when told to stop.
    Talkative,
    /// Its first span may be longer.
    Span,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Say {
    Ping(u32),
    Wrapped(Inner),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Inner {
    SourceFile(String),
    Pair { a: u8, b: Option<u64> },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Order {
    Greet(NodeId),
    Stop,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Heard {
    Count(u64),
    From(NodeId),
    /// A value that cannot be serialized.
    #[serde(skip)]
    Unserializable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Timer {
    Idle,
    Retry(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Cell {
    Count,
    Last(NodeId),
}

impl Message for Say {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ping(_) => "ping",
            Self::Wrapped(_) => "wrapped",
        }
    }
}

impl Clerk {
    pub(crate) fn with(change: Change) -> Self {
        Self { change: Some(change), ..Self::default() }
    }

    fn has(&self, change: Change) -> bool {
        self.change == Some(change)
    }
}

impl Machine for Clerk {
    type Message = Say;
    type Command = Order;
    type Output = Heard;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        let millis = Duration::from_millis;
        // No recording has it, nor does a replay need it.
        cx.mark("handled");
        match input {
            Input::Start(storage) => {
                self.count = storage.get(&Cell::Count).copied().unwrap_or_default();
                let longest = if self.has(Change::Span) { 21 } else { 20 };
                cx.arm(Timer::Idle, millis(10)..=millis(longest));
            }
            Input::Command(Order::Greet(to)) => {
                let drawn = match self.change {
                    Some(Change::NoDraw) => 6,
                    Some(Change::Range) => cx.draw(0..=6),
                    _ => cx.draw(1..=6),
                };
                let pair = Inner::Pair { a: drawn as u8, b: Some(self.count) };
                cx.send(to, Say::Wrapped(pair));
                cx.arm(Timer::Retry(drawn), millis(5)..=millis(5));
            }
            Input::Command(Order::Stop) => {
                cx.disarm(Timer::Idle);
                if self.has(Change::Talkative) {
                    cx.emit(Heard::Count(self.count));
                }
            }
            Input::Message { from, message: Say::Ping(number) } => {
                let times = if self.has(Change::Count) { 2 } else { 1 };
                self.count = self.count.saturating_add(u64::from(number) * times);
                cx.save(Cell::Count, self.count);
                cx.send(from, Say::Wrapped(Inner::SourceFile("counted".to_owned())));
                if !self.has(Change::Silent) {
                    cx.emit(Heard::Count(self.count));
                }
            }
            Input::Message { from, message: Say::Wrapped(_) } => {
                cx.erase(Cell::Last(from));
                cx.emit(Heard::From(from));
            }
            Input::Timer(Timer::Retry(_)) => {
                let sum = cx.draw(0..=9) + cx.draw(0..=99);
                if self.has(Change::OneMoreDraw) {
                    cx.draw(0..=1);
                }
                cx.send(cx.me(), Say::Ping(sum as u32));
            }
            Input::Timer(Timer::Idle) => cx.arm(Timer::Idle, millis(10)..=millis(20)),
            Input::Link { .. } => {}
        }
    }
}
