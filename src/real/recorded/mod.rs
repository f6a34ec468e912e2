//! Recordings of a cluster's nodes: replayed each for itself, and joined into
//! one causal trace.
//!
//! A recording has what one node has seen. Frames carry their sender, in which
//! life, and how many went over the link before, so that every delivery of one
//! recording finds its send in another. Where all nodes read the same clock,
//! time puts everything into one order, and what the nodes knew at any instant
//! can be known of all at once: facts about the world can be asked as they are
//! of a simulated one. Where they did not, there is no such instant: only the
//! order that causes have is left (Lamport, Time, clocks, and the ordering of
//! events, 1978).

mod clocks;
mod facts;
mod join;
mod leads;
mod lives;
mod mail;
mod order;
mod problem;
mod undone;

use std::collections::BTreeSet;

use rehearsal_machine::NodeId;
use rehearsal_sim::{Nodes, Protocol};
use rehearsal_tcp::recording::{Difference, Header, Life, Recording, replay};

use super::{FollowScript, Kept, reopen};
use lives::Lives;

pub use facts::{Broken, Verdict};
pub use lives::{RecordedLife, Summary};
pub use problem::{Happened, Problem};

/// Recordings of nodes of one cluster.
pub struct Recorded<P: Protocol> {
    lives: Lives,
    /// What the node of each life ran by.
    configs: Vec<P::Config>,
    /// The nodes whose last life is known to have ended with a kill.
    killed: BTreeSet<NodeId>,
}

impl<P: Protocol> Recorded<P> {
    /// Recordings, each with the name of its file, in any order. They have to
    /// be of this protocol. `follow_script` is needed for those of nodes that
    /// were made to follow a script.
    pub fn of(
        recordings: Vec<(String, Recording)>,
        follow_script: Option<FollowScript<P>>,
    ) -> Result<Self, Problem> {
        let mut all = Vec::new();
        for (file, Recording { lives, torn }) in recordings {
            let last = lives.len().saturating_sub(1);
            for (place, life) in lives.into_iter().enumerate() {
                let torn = torn.filter(|_| place == last);
                all.push(open::<P>(file.clone(), life, torn, follow_script)?);
            }
        }
        all.sort_by(|(one, _), (other, _)| {
            one.name().cmp(&other.name()).then(one.file.cmp(&other.file))
        });
        for place in 1..all.len() {
            let (earlier, later) = all.split_at_mut(place);
            let ((life, _), (next, _)) = (&mut earlier[place - 1], &later[0]);
            if life.life.header.node == next.life.header.node {
                let undone = undone::undone::<P::Machine>(&life.life, &next.life);
                let kept = life.life.steps.len() - undone;
                life.undone = life.life.steps.split_off(kept);
            }
        }
        let (lives, configs) = all.into_iter().unzip();
        Ok(Self { lives: Lives::of(lives)?, configs, killed: BTreeSet::new() })
    }

    /// The same, where these nodes were killed and not started again: their last lives end with a
    /// crash right after their last steps. A recording does not say so itself.
    #[must_use]
    pub fn killed(mut self, nodes: impl IntoIterator<Item = NodeId>) -> Self {
        self.killed.extend(nodes);
        self
    }

    /// All lives, by node and in their order.
    #[must_use]
    pub fn lives(&self) -> &[RecordedLife] {
        &self.lives.lives
    }

    /// How many nodes the cluster has, recorded or not.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.lives.nodes()
    }

    /// Have all nodes read the same clock, in all their lives?
    #[must_use]
    pub fn is_on_one_clock(&self) -> bool {
        self.lives.is_on_one_clock
    }

    /// The nodes of the cluster of which nothing is recorded.
    #[must_use]
    pub fn missing(&self) -> Vec<NodeId> {
        self.lives.missing()
    }

    /// What is recorded, in a few words for a program.
    #[must_use]
    pub fn summary(&self) -> Summary {
        self.lives.summary()
    }

    /// Feeds all that was recorded of a life to the pure machine, undone steps
    /// included, and returns the first thing that it does otherwise. `place` counts [`lives`](Self::lives)
    /// from 0.
    ///
    /// The machine's panics are not caught.
    ///
    /// # Panics
    /// If there is no such life.
    pub fn replay(&self, place: usize) -> Result<(), Difference> {
        let lived = &self.lives()[place];
        if lived.undone.is_empty() {
            return replay(&lived.life, self.machine(place));
        }
        let mut life = lived.life.clone();
        life.steps.extend_from_slice(&lived.undone);
        replay(&life, self.machine(place))
    }

    /// The machine of a life as it was before its start.
    pub(super) fn machine(&self, place: usize) -> P::Machine {
        let Header { node, nodes, .. } = self.lives()[place].life.header;
        // Opening the roster has built it before.
        P::build(&self.configs[place], node, &Nodes::all(nodes)).expect("a node can be built of it")
    }
}

fn open<P: Protocol>(
    file: String,
    life: Life,
    torn: Option<u64>,
    follow_script: Option<FollowScript<P>>,
) -> Result<(RecordedLife, P::Config), Problem> {
    let header = &life.header;
    let cluster = reopen::<P>(&Kept::of(header), follow_script);
    let cluster = cluster.map_err(|complaint| Problem::Roster {
        file: file.clone(),
        build: header.build.clone(),
        complaint: Box::new(complaint),
    })?;
    let (config, membership) = (cluster.config, cluster.membership);
    if header.nodes != membership.roster.nodes() || membership.roster.member(header.node).is_none()
    {
        return Err(Problem::Header { file, node: header.node });
    }
    let undone = Vec::new();
    Ok((RecordedLife { file, life, undone, torn, membership }, config))
}
