//! Faults written in code: `Action::crash(node).at(time)`,
//! `Action::Lose.when(Sends::of("answer").from(sender))`.

use std::num::NonZeroU32;

use rehearsal_machine::NodeId;

use super::{Action, Fault, Nth, Target, Trigger, When};
use crate::network::Distribution;
use crate::source::TimeSpan;

impl Action {
    /// See [`Action::Crash`].
    pub fn crash(target: impl Into<Target>) -> Self {
        Self::Crash(target.into())
    }

    /// See [`Action::Restart`].
    pub fn restart(target: impl Into<Target>) -> Self {
        Self::Restart(target.into())
    }

    /// See [`Action::Bounce`]; the storage stays as it is.
    pub fn bounce(target: impl Into<Target>, down: impl Into<TimeSpan>) -> Self {
        Self::Bounce { node: target.into(), down: down.into(), disk: super::Disk::Intact }
    }

    /// See [`Action::Pause`].
    pub fn pause(target: impl Into<Target>, lasts: impl Into<TimeSpan>) -> Self {
        Self::Pause { node: target.into(), lasts: Some(lasts.into()) }
    }

    /// This, once, at this time since the run began.
    #[must_use]
    pub fn at(self, at: impl Into<TimeSpan>) -> Fault {
        Fault::new(When::At(at.into()), self)
    }

    /// This, once, right after this event.
    #[must_use]
    pub fn when(self, event: impl Into<Trigger>) -> Fault {
        Fault::new(When::On(event.into()), self)
    }

    /// This, once, at a random instant from the first to the second.
    #[must_use]
    pub fn within(self, least: impl Into<TimeSpan>, most: impl Into<TimeSpan>) -> Fault {
        Fault::new(When::Within(least.into(), most.into()), self)
    }

    /// This, right after every such event, from its `nth` on.
    #[must_use]
    pub fn each(self, event: impl Into<Trigger>) -> Fault {
        Fault::new(When::Each(event.into()), self)
    }

    /// This, again and again until the calm, with such spans of time in between.
    #[must_use]
    pub fn every(self, gap: Distribution) -> Fault {
        Fault::new(When::Every(gap), self)
    }
}

impl Fault {
    /// Only after this event, and after those of earlier calls: see [`Window`](super::Window).
    #[must_use]
    pub fn after(mut self, event: impl Into<Trigger>) -> Self {
        self.window.after.push(event.into());
        self
    }

    /// Not before this instant.
    #[must_use]
    pub fn not_before(mut self, at: impl Into<TimeSpan>) -> Self {
        self.window.from = Some(at.into());
        self
    }

    /// No longer from this event on.
    #[must_use]
    pub fn before(mut self, event: impl Into<Trigger>) -> Self {
        self.window.before = Some(event.into());
        self
    }

    /// No longer from this instant on.
    #[must_use]
    pub fn until(mut self, at: impl Into<TimeSpan>) -> Self {
        self.window.until = Some(at.into());
        self
    }

    /// So often in a run at most; at so many instants, if they are random.
    ///
    /// # Panics
    /// If `times` is 0.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        let times = NonZeroU32::new(times).expect("a fault strikes at least once");
        self.window.times = Some(times);
        self
    }

    /// What it does outlives the calm, and the calm does not keep it from striking.
    #[must_use]
    pub fn lasting(self) -> Self {
        Self { lasting: true, ..self }
    }
}

/// A [`Trigger::Sends`]: the first message that fits all that is given.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Sends {
    from: Option<NodeId>,
    role: Option<char>,
    to: Option<NodeId>,
    kind: Option<String>,
    text: Option<String>,
    nth: Nth,
}

impl Sends {
    /// A message of any kind.
    pub fn any() -> Self {
        Self::default()
    }

    /// A message of this kind.
    pub fn of(kind: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()), ..Self::default() }
    }

    /// Only from this node.
    pub fn from(self, node: NodeId) -> Self {
        Self { from: Some(node), ..self }
    }

    /// Only from a node in this role.
    pub fn role(self, role: char) -> Self {
        Self { role: Some(role), ..self }
    }

    /// Only to this node.
    pub fn to(self, node: NodeId) -> Self {
        Self { to: Some(node), ..self }
    }

    /// Only one that says this, its kind included, as a trace has it; a `*` stands for any
    /// characters.
    pub fn text(self, text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..self }
    }

    /// Not the first one but the one of this number, counted from 1.
    ///
    /// # Panics
    /// If `nth` is 0.
    pub fn nth(self, nth: u64) -> Self {
        Self { nth: counted(nth), ..self }
    }
}

impl From<Sends> for Trigger {
    fn from(Sends { from, role, to, kind, text, nth }: Sends) -> Self {
        Self::Sends { from, role, to, kind, text, nth }
    }
}

/// A [`Trigger::Receives`]: the first arrival that fits all that is given.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Receives {
    node: Option<NodeId>,
    role: Option<char>,
    from: Option<NodeId>,
    kind: Option<String>,
    text: Option<String>,
    nth: Nth,
}

impl Receives {
    /// A message of any kind.
    pub fn any() -> Self {
        Self::default()
    }

    /// A message of this kind.
    pub fn of(kind: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()), ..Self::default() }
    }

    /// Only at this node.
    pub fn at(self, node: NodeId) -> Self {
        Self { node: Some(node), ..self }
    }

    /// Only at a node that is in this role afterwards.
    pub fn role(self, role: char) -> Self {
        Self { role: Some(role), ..self }
    }

    /// Only from this node.
    pub fn from(self, node: NodeId) -> Self {
        Self { from: Some(node), ..self }
    }

    /// Only one that says this, its kind included, as a trace has it; a `*` stands for any
    /// characters.
    pub fn text(self, text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..self }
    }

    /// Not the first one but the one of this number, counted from 1.
    ///
    /// # Panics
    /// If `nth` is 0.
    pub fn nth(self, nth: u64) -> Self {
        Self { nth: counted(nth), ..self }
    }
}

impl From<Receives> for Trigger {
    fn from(Receives { node, role, from, kind, text, nth }: Receives) -> Self {
        Self::Receives { node, role, from, kind, text, nth }
    }
}

impl Trigger {
    /// The first time that a node's role becomes this one.
    #[must_use]
    pub fn becomes(role: char) -> Self {
        Self::Becomes { node: None, role, nth: Nth::FIRST }
    }

    /// The first time that a timer of this name fires, on any node.
    #[must_use]
    pub fn fires(timer: impl Into<String>) -> Self {
        Self::Fires { node: None, role: None, timer: Some(timer.into()), nth: Nth::FIRST }
    }

    /// The first output with this text, as a trace shows it, of any node.
    #[must_use]
    pub fn emits(text: impl Into<String>) -> Self {
        Self::Emits { node: None, role: None, text: Some(text.into()), nth: Nth::FIRST }
    }

    /// The first save of this cell, of any node. It is named as a timer is.
    #[must_use]
    pub fn saves(cell: impl Into<String>) -> Self {
        Self::Saves { node: None, role: None, cell: Some(cell.into()), nth: Nth::FIRST }
    }

    /// The first time that a node hears that a session with a peer has begun, or ended.
    #[must_use]
    pub fn hears(up: bool) -> Self {
        Self::Hears { node: None, role: None, peer: None, up: Some(up), nth: Nth::FIRST }
    }

    /// The effect of this number of a node, counted from 1 over the whole run.
    ///
    /// # Panics
    /// If `nth` is 0.
    #[must_use]
    pub fn effect(of: NodeId, nth: u64) -> Self {
        Self::Effect { of, nth: counted(nth) }
    }
}

fn counted(nth: u64) -> Nth {
    Nth::new(nth).expect("events are counted from 1")
}
