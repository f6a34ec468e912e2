//! The choice of victims, and how they are told.

use serde::{Deserialize, Serialize};

use super::{DetectorInput, Output, Unexpected, Verdict};
use crate::resource::{RequestId, View};
use rehearsal_machine::{Context, Machine, NodeId, Time};

/// How the victims are chosen that give up so that the others can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Victims {
    /// The process with the highest number of every strongly connected component, again
    /// and again until no node is deadlocked.
    Highest,
    /// As this, but the process that asked last for the first time: the others
    /// have waited longer, and who is a victim keeps its age, so that nobody is
    /// one without end.
    Youngest,
}

/// A process that could give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Candidate {
    /// What it would give up.
    pub request: RequestId,
    /// When it first asked for that, by its own clock.
    pub since: Time,
}

impl Victims {
    /// Which of two gives up rather than the other.
    #[must_use]
    pub fn of(self, one: Candidate, other: Candidate) -> Candidate {
        let rank = |candidate: &Candidate| {
            let age = Some(candidate.since).filter(|_| self == Self::Youngest);
            (age, candidate.request)
        };
        if rank(&other) > rank(&one) { other } else { one }
    }

    /// The same where a candidate may be absent; none without a policy.
    pub(super) fn greatest(
        policy: Option<Self>,
        one: Option<Candidate>,
        other: Option<Candidate>,
    ) -> Option<Candidate> {
        let policy = policy?;
        match (one, other) {
            (Some(one), Some(other)) => Some(policy.of(one, other)),
            (one, other) => one.or(other),
        }
    }
}

impl Candidate {
    /// The node of this view, if it is a process and waits. A lock that is lent
    /// has nothing to give up.
    #[must_use]
    pub fn from_view(view: &View) -> Option<Self> {
        let since = view.wait.as_ref()?.since?;
        Some(Self { request: view.request()?, since })
    }
}

/// Tells our site of a verdict that we have found, or heard of; and that our
/// request is to be given up, where the verdict says so.
pub(super) fn announce<M>(
    verdict: Verdict,
    as_output: impl FnOnce(Verdict) -> Output,
    cx: &mut Context<'_, M>,
) where
    M: Machine<Command = DetectorInput, Output = Output>,
{
    let ours = verdict.victim_of(cx.me());
    cx.emit(as_output(verdict));
    if let Some(request) = ours {
        cx.emit(Output::Condemns(request));
    }
}

/// Has a request given up: at once if it is ours, or else by this message.
pub(super) fn condemn<M>(request: RequestId, message: M::Message, cx: &mut Context<'_, M>)
where
    M: Machine<Command = DetectorInput, Output = Output>,
{
    if request.by == cx.me() {
        cx.emit(Output::Condemns(request));
    } else {
        cx.send(request.by, message);
    }
}

/// Another node has found that a request is to be given up.
pub(super) fn be_condemned<M>(
    from: NodeId,
    request: RequestId,
    view: &View,
    cx: &mut Context<'_, M>,
) where
    M: Machine<Command = DetectorInput, Output = Output>,
{
    // A lock that is lent waits under a request that is another's.
    cx.emit(if request.by == cx.me() && view.waits_for(request) {
        Output::Condemns(request)
    } else {
        Output::Ignores { from, what: Unexpected::StaleRequest(request) }
    });
}
