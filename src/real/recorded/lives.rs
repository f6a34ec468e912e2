use std::collections::BTreeSet;

use rehearsal_machine::NodeId;
use rehearsal_sim::{Nodes, Protocol};
use rehearsal_tcp::recording::{Difference, Header, Life, Recording, replay};
use serde::Serialize;

use super::Problem;
use crate::real::{Kept, Opened, reopen};

/// Recordings of nodes of one cluster.
pub struct Recorded<P: Protocol> {
    /// By node, and by life.
    lives: Vec<Lived<P>>,
    is_on_one_clock: bool,
}

/// A recorded life, and what its node ran.
pub struct Lived<P: Protocol> {
    /// In which file it was found.
    pub file: String,
    /// What is recorded.
    pub life: Life,
    /// How many bytes of a last step were left out, if the node was killed
    /// while it wrote them.
    pub torn: Option<u64>,
    pub(super) opened: Opened<P>,
}

/// What is recorded, for whoever reads a joined trace.
#[derive(Debug, Serialize)]
pub struct Summary {
    protocol: &'static str,
    nodes: u32,
    one_clock: bool,
    rosters: Vec<Kept>,
    lives: Vec<LifeSummary>,
}

#[derive(Debug, Serialize)]
struct LifeSummary {
    node: NodeId,
    incarnation: u32,
    /// Its place among the rosters.
    roster: usize,
    steps: usize,
    torn: bool,
    build: String,
}

impl<P: Protocol> Recorded<P> {
    /// Recordings, each with the name of its file, in any order. They have to
    /// be of this protocol.
    pub fn of(recordings: Vec<(String, Recording)>) -> Result<Self, Problem> {
        let mut lives = Vec::new();
        for (file, Recording { lives: recorded, torn }) in recordings {
            let last = recorded.len().saturating_sub(1);
            for (place, life) in recorded.into_iter().enumerate() {
                let torn = torn.filter(|_| place == last);
                lives.push(Lived::open(file.clone(), life, torn)?);
            }
        }
        lives.sort_by(|one, other| one.name().cmp(&other.name()).then(one.file.cmp(&other.file)));
        let Some(first) = lives.first() else { return Err(Problem::Nothing) };
        let clusters = |other: &Lived<P>, differ| Problem::Clusters {
            one: first.file.clone(),
            other: other.file.clone(),
            differ,
        };
        for other in &lives {
            if other.life.header.protocol != first.life.header.protocol {
                return Err(clusters(other, "their protocols"));
            }
            if other.opened.roster.cluster() != first.opened.roster.cluster() {
                return Err(clusters(other, "the names of their clusters"));
            }
            if !other.talks_to(first) {
                return Err(clusters(other, "their configurations"));
            }
        }
        for pair in lives.windows(2) {
            let [one, other] = pair else { continue };
            if one.name() == other.name() {
                let (node, incarnation) = one.name();
                let (one, other) = (one.file.clone(), other.file.clone());
                return Err(Problem::Twice { one, other, node, incarnation });
            }
        }
        let is_same = |pair: &[Lived<P>]| {
            let [one, other] = pair else { return true };
            one.life.header.clock.is_same_as(&other.life.header.clock)
        };
        let is_on_one_clock = lives.windows(2).all(is_same);
        Ok(Self { lives, is_on_one_clock })
    }

    /// All lives, by node and in their order.
    #[must_use]
    pub fn lives(&self) -> &[Lived<P>] {
        &self.lives
    }

    /// How many nodes the cluster has, recorded or not.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.lives.first().map_or(0, |lived| lived.life.header.nodes)
    }

    /// Have all nodes read the same clock, in all their lives?
    #[must_use]
    pub fn is_on_one_clock(&self) -> bool {
        self.is_on_one_clock
    }

    /// The nodes of the cluster of which nothing is recorded.
    #[must_use]
    pub fn missing(&self) -> Vec<NodeId> {
        let recorded = self.lives.iter().filter(|lived| !lived.life.steps.is_empty());
        let recorded: BTreeSet<_> = recorded.map(|lived| lived.life.header.node).collect();
        NodeId::all(self.nodes()).filter(|node| !recorded.contains(node)).collect()
    }

    /// What is recorded, in a few words for a program.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut rosters: Vec<Kept> = Vec::new();
        let mut lives = Vec::new();
        for Lived { life: Life { header, steps }, torn, opened, .. } in &self.lives {
            let kept = &opened.kept;
            let roster = rosters.iter().position(|other| other == kept).unwrap_or_else(|| {
                rosters.push(kept.clone());
                rosters.len() - 1
            });
            lives.push(LifeSummary {
                node: header.node,
                incarnation: header.incarnation,
                roster,
                steps: steps.len(),
                torn: torn.is_some(),
                build: header.build.clone(),
            });
        }
        let (nodes, one_clock) = (self.nodes(), self.is_on_one_clock);
        Summary { protocol: P::NAME, nodes, one_clock, rosters, lives }
    }
}

impl<P: Protocol> Lived<P> {
    fn open(file: String, life: Life, torn: Option<u64>) -> Result<Self, Problem> {
        let header = &life.header;
        let opened = reopen::<P>(&Kept::of(header)).map_err(|complaint| Problem::Roster {
            file: file.clone(),
            build: header.build.clone(),
            complaint: Box::new(complaint),
        })?;
        if header.nodes != opened.roster.nodes() || opened.roster.member(header.node).is_none() {
            return Err(Problem::Header { file, node: header.node });
        }
        Ok(Self { file, life, torn, opened })
    }

    /// The node, and which life of it this is.
    #[must_use]
    pub fn name(&self) -> (NodeId, u32) {
        let Header { node, incarnation, .. } = self.life.header;
        (node, incarnation)
    }

    /// Feeds all that happened to the pure machine, and tells the first thing
    /// that it does otherwise.
    ///
    /// The machine's panics are not caught.
    pub fn replay(&self) -> Result<(), Difference> {
        replay(&self.life, self.machine())
    }

    /// The machine as it was before its start.
    pub(super) fn machine(&self) -> P::Machine {
        let Header { node, nodes, .. } = self.life.header;
        // Opening the roster has built it before.
        P::build(&self.opened.config, node, &Nodes::all(nodes)).expect("a node can be built of it")
    }

    /// Would the two have let each other in?
    fn talks_to(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.opened, &other.opened);
        ours.digest == theirs.digest
            || ours.also.contains(&theirs.digest)
            || theirs.also.contains(&ours.digest)
    }
}
