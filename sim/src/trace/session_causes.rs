use std::collections::BTreeMap;

use rehearsal_machine::{NodeId, Time};

use super::EventKind;

/// Finds what began the setup of sessions, and of which session a node is told.
#[derive(Debug, Default)]
pub(super) struct SessionCauses {
    starts: BTreeMap<NodeId, Moment>,
    /// When cuts have ended. What came before the last setup began is forgotten.
    openings: Vec<Moment>,
    /// The sessions of each pair, the first one first.
    sessions: BTreeMap<(NodeId, NodeId), Vec<Ends>>,
}

/// When an event happened, and its number.
type Moment = (Time, u64);

#[derive(Debug)]
struct Ends {
    connect: u64,
    disconnect: Option<Moment>,
}

impl SessionCauses {
    /// Keeps what a session or news of it can have for its cause.
    pub(super) fn note(&mut self, at: Time, number: u64, what: &EventKind) {
        match what {
            EventKind::Start { node, .. } => {
                self.starts.insert(*node, (at, number));
            }
            EventKind::Heal | EventKind::Mend { .. } | EventKind::Calm => {
                self.openings.push((at, number));
            }
            EventKind::Connect { pairs, .. } => {
                for pair in pairs {
                    let ends = Ends { connect: number, disconnect: None };
                    self.sessions.entry(*pair).or_default().push(ends);
                }
            }
            EventKind::Disconnect { pairs, .. } => {
                for pair in pairs {
                    let sessions = self.sessions.get_mut(pair);
                    if let Some(ends) = sessions.and_then(|sessions| sessions.last_mut()) {
                        ends.disconnect = Some((at, number));
                    }
                }
            }
            _ => {}
        }
    }

    /// What began the setup of these sessions at `since`: the start of a node, the end of the
    /// session before, or the end of a cut. Of several the last one.
    pub(super) fn of_connect(&mut self, pairs: &[(NodeId, NodeId)], since: Time) -> Option<u64> {
        self.openings.retain(|(at, _)| *at >= since);
        let causes = pairs.iter().filter_map(|pair| {
            let starts = [pair.0, pair.1].map(|node| self.starts.get(&node).copied());
            let before = self.sessions.get(pair).and_then(|sessions| sessions.last());
            let end = before.and_then(|ends| ends.disconnect);
            let own = starts.into_iter().chain([end]).flatten().max();
            let is_since = |(at, _): &Moment| *at == since;
            let opening = self.openings.iter().copied().rfind(is_since);
            own.filter(is_since).or(opening).or(own)
        });
        causes.map(|(_, number)| number).max()
    }

    /// The beginning or the end of this session, from 1, of two nodes.
    pub(super) fn of_news(&self, pair: (NodeId, NodeId), session: u32, up: bool) -> Option<u64> {
        let place = (session as usize).checked_sub(1)?;
        let Ends { connect, disconnect } = self.sessions.get(&pair)?.get(place)?;
        if up { Some(*connect) } else { disconnect.map(|(_, number)| number) }
    }
}
