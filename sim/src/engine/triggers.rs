use rehearsal_protocol::NodeId;

use crate::fault::{Action, Fault, Trigger};

/// The faults that wait for an event, each with how many such events are still
/// to come. One that has struck is gone.
pub(crate) struct Triggers<'a> {
    waiting: Vec<Waiting<'a>>,
    is_calm: bool,
}

struct Waiting<'a> {
    left: u64,
    trigger: &'a Trigger,
    struck: Struck<'a>,
}

/// A fault whose event has come.
#[derive(Clone, Copy)]
pub(crate) struct Struck<'a> {
    /// Its place in the file.
    pub(crate) place: usize,
    pub(crate) action: &'a Action,
}

impl<'a> Triggers<'a> {
    pub(crate) fn new(faults: &'a [Fault]) -> Self {
        let waiting = faults.iter().enumerate().filter_map(|(place, fault)| {
            let trigger = fault.when.as_ref()?;
            let (Trigger::Sends { nth, .. } | Trigger::Effect { nth, .. }) = trigger;
            Some(Waiting { left: *nth, trigger, struck: Struck { place, action: &fault.action } })
        });
        Self { waiting: waiting.collect(), is_calm: false }
    }

    /// No fault strikes by itself any more.
    pub(crate) fn calm(&mut self) {
        self.is_calm = true;
    }

    /// The places of those whose event never came.
    pub(crate) fn unstruck(&self) -> Vec<usize> {
        self.waiting.iter().map(|waiting| waiting.struck.place).collect()
    }

    /// A node sends a message: which faults does that set off?
    pub(crate) fn sends(
        &mut self,
        sender: NodeId,
        receiver: NodeId,
        sent: &str,
    ) -> Vec<Struck<'a>> {
        self.strike(|trigger| match trigger {
            Trigger::Sends { from, to, kind, nth: _ } => {
                from.is_none_or(|from| from == sender)
                    && to.is_none_or(|to| to == receiver)
                    && kind.as_ref().is_none_or(|kind| kind == sent)
            }
            Trigger::Effect { .. } => false,
        })
    }

    /// A node has carried out an effect: which faults does that set off?
    pub(crate) fn effect(&mut self, node: NodeId) -> Vec<Struck<'a>> {
        self.strike(|trigger| match trigger {
            Trigger::Effect { of, nth: _ } => *of == node,
            Trigger::Sends { .. } => false,
        })
    }

    fn strike(&mut self, fits: impl Fn(&Trigger) -> bool) -> Vec<Struck<'a>> {
        let mut struck = Vec::new();
        if self.is_calm {
            return struck;
        }
        self.waiting.retain_mut(|waiting| {
            if !fits(waiting.trigger) {
                return true;
            }
            // The loader has refused an `nth` of 0.
            waiting.left -= 1;
            if waiting.left == 0 {
                struck.push(waiting.struck);
            }
            waiting.left > 0
        });
        struck
    }
}
