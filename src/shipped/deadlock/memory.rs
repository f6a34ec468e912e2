use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal_machine::{Effect, Input, NodeId, Time};
use rehearsal_protocol::deadlock::{Output, Site, SiteOutput};
use rehearsal_protocol::resource::{Participant, RequestId};
use rehearsal_sim::{NodeEvent, Observed, World};

use super::sites::{HasSite, participant, site_of};
use super::stale::Stale;
use super::truth::graph;
use crate::shipped::election::{self, HasElection};

/// What the facts about deadlocks need to know of the past.
///
/// All times are the world's. A machine reads its own clock, which may be
/// skewed, and which for a recorded node is the clock of its computer: its times
/// cannot be compared with the world's.
#[derive(Debug, Default)]
pub struct Memory {
    pub(crate) election: election::Memory,
    nodes: Vec<Life>,
    /// The nodes that gave up a request although they were not deadlocked.
    needless_victims: BTreeSet<NodeId>,
    /// The deadlocked nodes that gave up a request although they were on no cycle.
    victims_behind: BTreeSet<NodeId>,
    stale: Stale,
}

/// What has happened to a node since its last start.
#[derive(Clone, Debug, Default)]
struct Life {
    /// The request under which it waits, and when that wait began.
    wait: Option<(RequestId, Time)>,
    /// When its detector last came to a verdict.
    own_verdict: Option<Time>,
    /// When it last learned of a verdict, its own or that of another node.
    latest_verdict: Option<Time>,
    /// A node that its latest step wrongly found to be deadlocked.
    phantom: Option<NodeId>,
}

impl Memory {
    /// Since when the node has waited under its present request.
    pub(super) fn waits_since(&self, node: NodeId) -> Option<Time> {
        self.life(node)?.wait.map(|(_, since)| since)
    }

    /// A node that this one, with its latest step, wrongly found to be deadlocked.
    pub(super) fn phantom(&self, node: NodeId) -> Option<NodeId> {
        self.life(node)?.phantom
    }

    /// Has the node ever given up a request although it was not deadlocked?
    pub(super) fn is_needless_victim(&self, node: NodeId) -> bool {
        self.needless_victims.contains(&node)
    }

    /// Has the node ever given up a request while it was deadlocked, but on no cycle?
    pub(super) fn is_victim_behind(&self, node: NodeId) -> bool {
        self.victims_behind.contains(&node)
    }

    /// A node whose own verdict has named another one for longer than this since that one ceased to
    /// be deadlocked, with that other node.
    pub(super) fn stale_verdict(&self, now: Time, within: Duration) -> Option<(NodeId, NodeId)> {
        self.stale.longer_than(now, within)
    }

    /// Has a verdict named `named` since that instant: the latest that `by`
    /// found, or the latest that it knows of?
    pub(super) fn is_named<M: HasSite>(
        &self,
        world: &World<M>,
        by: NodeId,
        named: NodeId,
        since: Time,
    ) -> bool {
        let (Some(site), Some(life)) = (site_of(world, by), self.life(by)) else { return false };
        let own = site.own().zip(life.own_verdict);
        let latest = site.latest().map(|(_, verdict)| verdict).zip(life.latest_verdict);
        own.into_iter()
            .chain(latest)
            .any(|(verdict, at)| at >= since && verdict.diagnosis.deadlocked.contains(&named))
    }

    pub(crate) fn observe<M: HasSite + HasElection>(
        &mut self,
        world: &World<M>,
        observed: &Observed<'_, M>,
    ) {
        self.election.observe(observed);
        let (node, now) = (observed.node, observed.now);
        match observed.event {
            NodeEvent::Input(Input::Start(_)) | NodeEvent::Crash => {
                *self.life_mut(node) = Life::default();
                self.stale.start_or_crash(node);
            }
            NodeEvent::Input(_) => self.life_mut(node).phantom = None,
            NodeEvent::Effect(Effect::Emit(output)) => match M::site_output(output) {
                Some(SiteOutput::Detector(Output::Finds(_))) => {
                    let life = self.life_mut(node);
                    (life.own_verdict, life.latest_verdict) = (Some(now), Some(now));
                }
                Some(SiteOutput::Detector(Output::Hears { .. })) => {
                    self.life_mut(node).latest_verdict = Some(now);
                }
                _ => {}
            },
            NodeEvent::StepEnd => {
                let request = participant(world, node).and_then(Participant::waits_under);
                let life = self.life_mut(node);
                let has_other_wait = life.wait.map(|(request, _)| request) != request;
                if has_other_wait {
                    life.wait = request.map(|request| (request, now));
                }
                life.phantom = phantom_of(world, node);
                self.stale.step(world, node, has_other_wait, now);
                self.look_at_victim(world, node);
            }
            _ => {}
        }
    }

    /// If the node's latest step gave up a request, was that of use?
    fn look_at_victim<M: HasSite>(&mut self, world: &World<M>, node: NodeId) {
        let Some(before) = site_of(world, node).and_then(Site::aborted) else { return };
        let graph = graph(world, Some((node, before)));
        if !graph.deadlocked().contains(&node) {
            self.needless_victims.insert(node);
        } else if !graph.components().iter().any(|component| component.contains(&node)) {
            self.victims_behind.insert(node);
        }
    }

    fn life(&self, node: NodeId) -> Option<&Life> {
        self.nodes.get(node.index())
    }

    fn life_mut(&mut self, node: NodeId) -> &mut Life {
        if self.nodes.len() <= node.index() {
            self.nodes.resize(node.index() + 1, Life::default());
        }
        &mut self.nodes[node.index()]
    }
}

/// A node that is not deadlocked, though the latest step of `finder` says so.
fn phantom_of<M: HasSite>(world: &World<M>, finder: NodeId) -> Option<NodeId> {
    let found = site_of(world, finder)?.found();
    let mut named =
        found.iter().flat_map(|verdict| verdict.diagnosis.deadlocked.iter().copied()).peekable();
    named.peek()?;
    let truth = graph(world, None).deadlocked();
    named.find(|node| !truth.contains(node))
}
