use rehearsal_machine::NodeId;

use crate::fault::{Fault, Trigger, When};

/// The faults that wait for an event, each with how many such events are still
/// to come. One that has struck is gone.
pub(super) struct Triggers<'a> {
    faults: &'a [Fault],
    waiting: Vec<Waiting<'a>>,
    sees_roles: bool,
}

struct Waiting<'a> {
    /// Its place in the file.
    place: usize,
    left: u64,
    trigger: &'a Trigger,
}

/// An event that can set off a fault. Texts are made only if one asks.
pub(super) enum Occasion<'e> {
    Sends { from: NodeId, to: NodeId, kind: &'e str },
    Receives { node: NodeId, from: NodeId, kind: &'e str },
    Emits { node: NodeId, text: &'e dyn Fn() -> String },
    Fires { node: NodeId, timer: &'e dyn Fn() -> String },
    Becomes { node: NodeId },
    Effect { of: NodeId },
}

impl Occasion<'_> {
    /// Whose event it is.
    pub(super) fn node(&self) -> NodeId {
        match self {
            Self::Sends { from: node, .. }
            | Self::Receives { node, .. }
            | Self::Emits { node, .. }
            | Self::Fires { node, .. }
            | Self::Becomes { node, .. }
            | Self::Effect { of: node } => *node,
        }
    }
}

impl<'a> Triggers<'a> {
    pub(super) fn new(faults: &'a [Fault]) -> Self {
        let mut triggers = Self { faults, waiting: Vec::new(), sees_roles: false };
        triggers.reset();
        triggers
    }

    /// All of them wait again for their first event.
    pub(super) fn reset(&mut self) {
        self.waiting.clear();
        for (place, fault) in self.faults.iter().enumerate() {
            let When::On(trigger) = &fault.when else { continue };
            self.sees_roles |= asks_for_role(trigger);
            self.waiting.push(Waiting { place, left: trigger.nth().get(), trigger });
        }
    }

    /// Does no fault wait for an event?
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Does one of them ask for a node's role?
    pub(super) fn sees_roles(&self) -> bool {
        self.sees_roles
    }

    /// The calm has begun: no fault strikes any more.
    pub(super) fn calm(&mut self) {
        self.waiting.clear();
    }

    /// The places of the faults that this sets off. `role` is that of the
    /// event's node.
    pub(super) fn strike(
        &mut self,
        occasion: &Occasion<'_>,
        role: impl Fn() -> Option<char>,
    ) -> Vec<usize> {
        let mut struck = Vec::new();
        self.waiting.retain_mut(|Waiting { place, left, trigger }| {
            if !fits(trigger, occasion, &role) {
                return true;
            }
            *left -= 1;
            if *left == 0 {
                struck.push(*place);
            }
            *left > 0
        });
        struck
    }
}

fn asks_for_role(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Sends { role, .. }
        | Trigger::Receives { role, .. }
        | Trigger::Emits { role, .. }
        | Trigger::Fires { role, .. } => role.is_some(),
        Trigger::Becomes { .. } => true,
        Trigger::Effect { .. } => false,
    }
}

fn fits(trigger: &Trigger, occasion: &Occasion<'_>, now: &impl Fn() -> Option<char>) -> bool {
    let is = |wanted: &Option<NodeId>, node: &NodeId| wanted.is_none_or(|wanted| wanted == *node);
    let says = |wanted: &Option<String>, text: &str| wanted.as_ref().is_none_or(|it| it == text);
    let tells = |wanted: &Option<String>, text: &dyn Fn() -> String| {
        wanted.as_ref().is_none_or(|wanted| *wanted == text())
    };
    let plays = |wanted: &Option<char>| wanted.is_none() || *wanted == now();
    match (trigger, occasion) {
        (
            Trigger::Sends { from, role, to, kind, nth: _ },
            Occasion::Sends { from: sender, to: receiver, kind: sent },
        ) => is(from, sender) && is(to, receiver) && says(kind, sent) && plays(role),
        (
            Trigger::Receives { node, role, from, kind, nth: _ },
            Occasion::Receives { node: receiver, from: sender, kind: sent },
        ) => is(node, receiver) && is(from, sender) && says(kind, sent) && plays(role),
        (
            Trigger::Emits { node, role, text, nth: _ },
            Occasion::Emits { node: teller, text: told },
        ) => is(node, teller) && tells(text, told) && plays(role),
        (
            Trigger::Fires { node, role, timer, nth: _ },
            Occasion::Fires { node: owner, timer: fired },
        ) => is(node, owner) && tells(timer, fired) && plays(role),
        (Trigger::Becomes { node, role, nth: _ }, Occasion::Becomes { node: who }) => {
            is(node, who) && plays(&Some(*role))
        }
        (Trigger::Effect { of, nth: _ }, Occasion::Effect { of: who }) => of == who,
        _ => false,
    }
}
