//! The rounds that a waiting process begins: the first one when it has waited for
//! a while, then one in every period.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::standing::Standing;
use super::victims::condemn;
use super::{Candidate, DetectorInput, Output, Refusal, Verdict};
use crate::resource::{RequestId, View};
use rehearsal_machine::{Context, Machine, NodeId, mutant};

/// A process's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Begin a round.
    Round,
}

/// There are no durable cells: a wait's name is never used again, whatever a
/// crash makes a node forget of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {}

/// What a node knows of its own wait, and the rounds that it has begun for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rounds {
    pub(super) view: View,
    /// The number of the last round of this wait.
    pub(super) last: u64,
    /// The verdict on this wait, while there is one.
    standing: Option<Standing>,
}

impl Rounds {
    /// Takes a new view. Returns whether a round is to begin now: the node has
    /// begun to wait, and no patience is asked of it.
    pub(super) fn look<M>(
        &mut self,
        view: View,
        patience: Duration,
        cx: &mut Context<'_, M>,
    ) -> bool
    where
        M: Machine<Timer = Timer>,
    {
        let before = self.view.request();
        self.view = view;
        if self.view.request() == before {
            return false;
        }
        self.last = 0;
        self.standing = None;
        cx.disarm(Timer::Round);
        let can_begin = self.candidate().is_some();
        if can_begin && !patience.is_zero() {
            cx.arm(Timer::Round, patience..=patience);
        }
        can_begin && patience.is_zero()
    }

    /// Whether the owner may ask for a round now; refuses if not.
    pub(super) fn check<M>(&self, cx: &mut Context<'_, M>) -> bool
    where
        M: Machine<Output = Output>,
    {
        let can_begin = self.candidate().is_some();
        if !can_begin {
            let is_lock = self.view.wait.is_some();
            let refusal = if is_lock { Refusal::Lock } else { Refusal::NotWaiting };
            cx.emit(Output::Refuses(refusal));
        }
        can_begin
    }

    /// The next round is due. If the last ones have not confirmed the verdict, withdraws it.
    pub(super) fn end_period<M>(&mut self, cx: &mut Context<'_, M>)
    where
        M: Machine<Output = Output>,
    {
        let Some(standing) = self.standing else { return };
        if mutant!(NeverWithdraws) {
            return;
        }
        self.standing = standing.after_period();
        if self.standing.is_none() {
            cx.emit(Output::Withdraws);
        }
    }

    /// A round has shown that this node is deadlocked: tells the site, and has the victim give up.
    pub(super) fn declare<M>(
        &mut self,
        me: NodeId,
        is_on_cycle: bool,
        victim: Option<Candidate>,
        message: impl FnOnce(RequestId) -> M::Message,
        cx: &mut Context<'_, M>,
    ) where
        M: Machine<Command = DetectorInput, Output = Output>,
    {
        self.standing = Some(Standing::CONFIRMED);
        let victim = victim.map(|victim| victim.request);
        cx.emit(Output::Finds(Verdict::of_one(me, is_on_cycle, victim)));
        if let Some(request) = victim {
            condemn(request, message(request), cx);
        }
    }

    /// Begins a round, and returns the request for which the node waits. Only a
    /// process that waits can begin one.
    pub(super) fn begin<M>(
        &mut self,
        period: Duration,
        cx: &mut Context<'_, M>,
    ) -> Option<RequestId>
    where
        M: Machine<Timer = Timer>,
    {
        let request = self.candidate()?.request;
        // No wait lasts for 2^64 rounds.
        self.last = self.last.saturating_add(1);
        if !mutant!(RoundsOnce) {
            cx.arm(Timer::Round, period..=period);
        }
        Some(request)
    }

    /// This node, if it is a process that waits.
    pub(super) fn candidate(&self) -> Option<Candidate> {
        Candidate::from_view(&self.view)
    }
}
