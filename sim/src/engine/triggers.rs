use rehearsal_machine::{NodeId, Time};

use crate::fault::{Fault, Trigger, When, Window, fits};

/// What waits for events: faults, or commands. Each is known by its place in the file.
/// One that cannot be set off any more is gone.
pub(super) struct Triggers<'a> {
    all: Vec<Wait<'a>>,
    waiting: Vec<Waiting<'a>>,
    sees_roles: bool,
    sees_texts: bool,
    /// The places of those whose window an event has closed since the last look.
    closed: Vec<usize>,
}

/// What sets something off, and from when to when.
#[derive(Clone, Copy)]
pub(super) struct Wait<'a> {
    pub(super) place: usize,
    pub(super) trigger: &'a Trigger,
    pub(super) window: &'a Window,
    /// Is it set off by every event that fits, from the `nth` on?
    pub(super) is_repeated: bool,
    /// Does it count events of nodes that the calm is for?
    pub(super) is_lasting: bool,
    /// Does it pass over the messages of sessions?
    pub(super) is_kept_off_by_sessions: bool,
}

impl<'a> Wait<'a> {
    /// What this fault waits for, if it waits for an event.
    pub(super) fn of_fault((place, fault): (usize, &'a Fault)) -> Option<Self> {
        Some(Self {
            place,
            trigger: fault.when.trigger()?,
            window: &fault.window,
            is_repeated: matches!(fault.when, When::Each(_)),
            is_lasting: fault.lasting,
            is_kept_off_by_sessions: fault.action.is_kept_off_by_sessions(),
        })
    }
}

struct Waiting<'a> {
    of: Wait<'a>,
    /// How many events of the window's `after` have happened.
    passed: usize,
    /// How many events are still to come of what is awaited: the next of `after`, or the
    /// trigger.
    left: u64,
    /// How many events are still to come of the one that closes the window.
    left_to_close: u64,
    strikes: u32,
    /// Has it struck as often as it can?
    is_exhausted: bool,
}

impl<'a> Waiting<'a> {
    fn new(of: Wait<'a>) -> Self {
        let first = of.window.after.first().unwrap_or(of.trigger);
        let left_to_close = of.window.before.as_ref().map_or(0, |before| before.nth().get());
        let left = first.nth().get();
        Self { of, passed: 0, left, left_to_close, strikes: 0, is_exhausted: false }
    }

    /// Takes note of an event that is within reach, perhaps a message of a session. Does it set
    /// it off?
    fn meet(&mut self, now: Time, is_session: bool, fits: impl Fn(&Trigger) -> bool) -> Met {
        let Window { after, from, before, until, times } = self.of.window;
        if until.is_some_and(|until| now >= Time::ZERO + until) {
            return Met::Closed;
        }
        if let Some(awaited) = after.get(self.passed) {
            if fits(awaited) {
                self.left -= 1;
            }
            if self.left == 0 {
                self.passed += 1;
                let next = after.get(self.passed).unwrap_or(self.of.trigger);
                self.left = next.nth().get();
            }
            return Met::Nothing;
        }
        if from.is_some_and(|from| now < Time::ZERO + from) {
            return Met::Nothing;
        }
        if let Some(before) = before
            && fits(before)
        {
            self.left_to_close -= 1;
            if self.left_to_close == 0 {
                return Met::Closed;
            }
        }
        let is_kept_off = is_session && self.of.is_kept_off_by_sessions;
        if self.is_exhausted || is_kept_off || !fits(self.of.trigger) {
            return Met::Nothing;
        }
        self.left = self.left.saturating_sub(1);
        if self.left > 0 {
            return Met::Nothing;
        }
        self.strikes += 1;
        let is_last =
            !self.of.is_repeated || times.is_some_and(|times| times.get() <= self.strikes);
        Met::Strikes { nth: self.strikes, is_last }
    }
}

/// What an event means to what waits.
enum Met {
    Nothing,
    Strikes { nth: u32, is_last: bool },
    Closed,
}

/// An event that can set off something. Texts are made only if one asks.
pub(super) enum Occasion<'e> {
    Sends {
        from: NodeId,
        to: NodeId,
        kind: &'e str,
        text: &'e dyn Fn() -> String,
        is_session: bool,
    },
    Receives {
        node: NodeId,
        from: NodeId,
        kind: &'e str,
        text: &'e str,
    },
    Emits {
        node: NodeId,
        text: &'e dyn Fn() -> String,
    },
    Fires {
        node: NodeId,
        timer: &'e dyn Fn() -> String,
    },
    Saves {
        node: NodeId,
        cell: &'e dyn Fn() -> String,
    },
    Becomes {
        node: NodeId,
    },
    Hears {
        node: NodeId,
        peer: NodeId,
        up: bool,
    },
    Effect {
        of: NodeId,
    },
}

impl Occasion<'_> {
    /// Whose event it is.
    pub(super) fn node(&self) -> NodeId {
        match self {
            Self::Sends { from: node, .. }
            | Self::Receives { node, .. }
            | Self::Emits { node, .. }
            | Self::Fires { node, .. }
            | Self::Saves { node, .. }
            | Self::Becomes { node, .. }
            | Self::Hears { node, .. }
            | Self::Effect { of: node } => *node,
        }
    }
}

impl<'a> Triggers<'a> {
    pub(super) fn new(all: impl Iterator<Item = Wait<'a>>) -> Self {
        let all: Vec<_> = all.collect();
        let mut triggers = Self {
            sees_roles: all.iter().any(|wait| any(wait, asks_for_role)),
            sees_texts: all.iter().any(|wait| any(wait, asks_for_arriving_text)),
            all,
            waiting: Vec::new(),
            closed: Vec::new(),
        };
        triggers.reset();
        triggers
    }

    /// All of them wait again for their first event.
    pub(super) fn reset(&mut self) {
        self.waiting.clear();
        self.waiting.extend(self.all.iter().copied().map(Waiting::new));
        self.closed.clear();
    }

    /// Does nothing wait for an event?
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Does one of them ask for a node's role?
    pub(super) fn sees_roles(&self) -> bool {
        self.sees_roles
    }

    /// Does one of them ask what an arriving message says?
    pub(super) fn sees_texts(&self) -> bool {
        self.sees_texts
    }

    /// The calm has begun for all nodes: only what outlives it waits.
    pub(super) fn calm(&mut self) {
        self.waiting.retain(|waiting| waiting.of.is_lasting);
    }

    /// What stands at this place waits no longer.
    pub(super) fn forget(&mut self, place: usize) {
        self.waiting.retain(|waiting| waiting.of.place != place);
    }

    /// What this sets off: the places, and which strike it is of each, from 1. `role` is
    /// that of the event's node, and `is_calm` says whether the calm is for it.
    pub(super) fn strike(
        &mut self,
        occasion: &Occasion<'_>,
        now: Time,
        is_calm: bool,
        role: impl Fn() -> Option<char>,
    ) -> Vec<(usize, u32)> {
        let mut struck = Vec::new();
        let closed = &mut self.closed;
        let is_session = matches!(occasion, Occasion::Sends { is_session: true, .. });
        self.waiting.retain_mut(|waiting| {
            let Wait { place, is_lasting, .. } = waiting.of;
            if is_calm && !is_lasting {
                return true;
            }
            match waiting.meet(now, is_session, |trigger| is_met(trigger, occasion, &role)) {
                Met::Nothing => true,
                Met::Closed => {
                    closed.push(place);
                    false
                }
                Met::Strikes { nth, is_last } => {
                    struck.push((place, nth));
                    waiting.is_exhausted = is_last;
                    // The event that closes its window may still come.
                    !is_last || waiting.of.window.before.is_some()
                }
            }
        });
        struck
    }

    /// Has an event closed a window since the last look?
    #[inline]
    pub(super) fn have_closed(&self) -> bool {
        !self.closed.is_empty()
    }

    /// The places of those whose windows have closed since the last look.
    pub(super) fn take_closed(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.closed)
    }
}

fn any(wait: &Wait<'_>, asks: impl Fn(&Trigger) -> bool) -> bool {
    asks(wait.trigger) || wait.window.triggers().any(|(_, _, trigger)| asks(trigger))
}

fn asks_for_role(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Sends { role, .. }
        | Trigger::Receives { role, .. }
        | Trigger::Emits { role, .. }
        | Trigger::Saves { role, .. }
        | Trigger::Fires { role, .. }
        | Trigger::Hears { role, .. } => role.is_some(),
        Trigger::Becomes { .. } => true,
        Trigger::Effect { .. } => false,
    }
}

fn asks_for_arriving_text(trigger: &Trigger) -> bool {
    matches!(trigger, Trigger::Receives { text: Some(_), .. })
}

fn is_met(
    trigger: &Trigger,
    occasion: &Occasion<'_>,
    role_now: &impl Fn() -> Option<char>,
) -> bool {
    let is = |wanted: &Option<NodeId>, node: &NodeId| wanted.is_none_or(|wanted| wanted == *node);
    let says = |wanted: &Option<String>, text: &str| {
        wanted.as_ref().is_none_or(|wanted| fits(wanted, text))
    };
    let tells = |wanted: &Option<String>, text: &dyn Fn() -> String| {
        wanted.as_ref().is_none_or(|wanted| fits(wanted, &text()))
    };
    let plays = |wanted: &Option<char>| wanted.is_none() || *wanted == role_now();
    match (trigger, occasion) {
        (
            Trigger::Sends { from, role, to, kind, text, nth: _ },
            Occasion::Sends {
                from: sender,
                to: receiver,
                kind: sent,
                text: content,
                is_session: _,
            },
        ) => {
            is(from, sender)
                && is(to, receiver)
                && says(kind, sent)
                && plays(role)
                && tells(text, content)
        }
        (
            Trigger::Receives { node, role, from, kind, text, nth: _ },
            Occasion::Receives { node: receiver, from: sender, kind: sent, text: content },
        ) => {
            is(node, receiver)
                && is(from, sender)
                && says(kind, sent)
                && plays(role)
                && says(text, content)
        }
        (
            Trigger::Emits { node, role, text, nth: _ },
            Occasion::Emits { node: teller, text: told },
        ) => is(node, teller) && tells(text, told) && plays(role),
        (
            Trigger::Fires { node, role, timer, nth: _ },
            Occasion::Fires { node: owner, timer: fired },
        ) => is(node, owner) && tells(timer, fired) && plays(role),
        (
            Trigger::Saves { node, role, cell, nth: _ },
            Occasion::Saves { node: owner, cell: saved },
        ) => is(node, owner) && tells(cell, saved) && plays(role),
        (
            Trigger::Hears { node, role, peer, up, nth: _ },
            Occasion::Hears { node: owner, peer: other, up: is_up },
        ) => {
            let is_meant = up.is_none_or(|up| up == *is_up);
            is(node, owner) && is(peer, other) && is_meant && plays(role)
        }
        (Trigger::Becomes { node, role, nth: _ }, Occasion::Becomes { node: who }) => {
            is(node, who) && plays(&Some(*role))
        }
        (Trigger::Effect { of, nth: _ }, Occasion::Effect { of: who }) => of == who,
        _ => false,
    }
}
