use super::victims::announce;
use super::{Notice, Output, Stray, Verdict};
use rehearsal_machine::{Context, Machine, NodeId};

/// The latest verdict that came from a leader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    latest: Option<(NodeId, u64)>,
}

impl Heard {
    /// Takes the verdict of this number of a leader's, unless a later one of
    /// that leader has come before it.
    pub(super) fn take<M>(
        &mut self,
        from: NodeId,
        number: u64,
        verdict: Verdict,
        nodes: u32,
        cx: &mut Context<'_, M>,
    ) where
        M: Machine<Command = Notice, Output = Output>,
    {
        let is_later = |(leader, latest): (NodeId, u64)| leader == from && latest > number;
        let ignored = if !verdict.is_known(nodes) {
            Some(Stray::StrangeName)
        } else if self.latest.is_some_and(is_later) {
            Some(Stray::StaleVerdict)
        } else {
            None
        };
        if let Some(what) = ignored {
            return cx.emit(Output::Ignores { from, what });
        }
        self.latest = Some((from, number));
        announce(verdict, |verdict| Output::Hears { from, verdict }, cx);
    }
}
