//! Deadlocks and their detectors, as a scenario has them.

mod desk;
mod detector;
mod facts;
mod form;
mod memory;
mod setting;
mod sites;
mod stale;
mod text;
mod timing;
mod truth;
mod workload;

use rehearsal_machine::{Draw, NodeId};
use rehearsal_protocol::deadlock::{Cell, Command, Message, Saved, Site, SiteOutput};
use rehearsal_protocol::election;
use rehearsal_sim::network::Network;
use rehearsal_sim::{
    Answer, Desk, Files, Lane, Look, Nodes, Observed, Owner, Protocol, Question, Reason,
    Vocabulary, World,
};

use super::election::HasElection;

use crate::shipped::names::{DEADLOCK_KINDS, DEADLOCK_TIMERS, ELECTION_KINDS, ELECTION_TIMERS};

pub(crate) use desk::{desk, offers};
pub use facts::Fact;
pub(crate) use facts::holds;
pub use form::{Controller, Form};
pub use memory::Memory;
pub use setting::{Needs, Setting};
pub(crate) use sites::HasSite;

impl HasElection for Site {
    fn election(&self) -> Option<&election::Election> {
        self.election()
    }

    fn told(output: &SiteOutput) -> Option<&election::Output> {
        match output {
            SiteOutput::Election(output) => Some(output),
            _ => None,
        }
    }
}

/// Nodes that wait for each other, and find out whether they are deadlocked:
/// `protocol: Deadlock((detector: Chasing(period: "90ms"), model: And))`.
pub enum Deadlock {}

impl Protocol for Deadlock {
    const NAME: &'static str = "Deadlock";
    type Config = Setting;
    type Machine = Site;
    type Property = Fact;
    type Memory = Memory;
    type Look = Self;
    type Owner = Self;

    fn prepare(
        setting: &mut Setting,
        nodes: &Nodes,
        network: &Network,
        files: &mut Files,
    ) -> Result<(), Reason> {
        setting.check(nodes, network, files)
    }

    fn build(setting: &Setting, me: NodeId, nodes: &Nodes) -> Result<Site, Reason> {
        setting.machine(me, nodes)
    }

    /// Asks some others for what they have.
    fn command(setting: &Setting, node: NodeId, _: &Nodes, draw: &mut dyn Draw) -> Option<Command> {
        setting.command(node, draw)
    }

    fn observe(memory: &mut Memory, world: &World<Site>, observed: &Observed<'_, Site>) {
        memory.observe(world, observed);
    }

    fn holds(fact: &Fact, question: Question<'_, Site, Memory>) -> Answer {
        facts::holds(*fact, question)
    }
}

impl Look<Self> for Deadlock {
    fn describe(setting: &Setting) -> String {
        setting.to_string()
    }

    fn lane(site: &Site) -> Lane {
        lane(site)
    }

    fn vocabulary() -> Vocabulary {
        Vocabulary {
            kinds: &[DEADLOCK_KINDS, ELECTION_KINDS],
            roles: &['.', 'D', 'H', 'W'],
            timers: &[DEADLOCK_TIMERS, ELECTION_TIMERS],
        }
    }

    /// Those that it waits for, deadlocked or not; a lock waits for nobody.
    fn waits_for(site: &Site) -> Vec<NodeId> {
        site.participant().awaited().collect()
    }

    fn state(site: &Site) -> Option<String> {
        Some(format!("{site:#?}"))
    }

    fn legend() -> &'static str {
        LEGEND
    }

    fn message_text(message: &Message) -> String {
        text::message(message)
    }

    fn output_text(output: &SiteOutput) -> String {
        output.to_string()
    }

    fn cell_text(cell: &Cell) -> String {
        text::cell(*cell)
    }

    fn saved_text(cell: &Cell, saved: &Saved) -> String {
        text::saved(*cell, saved)
    }

    fn command_text(command: &Command) -> String {
        text::command(command)
    }
}

impl Owner<Self> for Deadlock {
    fn window(site: &Site) -> Vec<String> {
        window(site)
    }

    fn desk(me: NodeId, site: &Site) -> Desk {
        desk(me, site)
    }

    fn files(site: &Site) -> Vec<(String, String)> {
        files(site)
    }
}

const LEGEND: &str = "Wk waits for node k  Hk is held by node k  D deadlocked  . free";

/// Of the nodes that one waits for, the lane has the first.
fn lane(site: &Site) -> Lane {
    let participant = site.participant();
    let knows = |node| {
        let latest = site.latest().filter(|(_, verdict)| verdict.is_deadlock());
        latest.is_some_and(|(_, verdict)| verdict.diagnosis.deadlocked.contains(&node))
    };
    if let Some(request) = participant.lent() {
        return Lane::towards('H', request.by);
    }
    match participant.awaited().next() {
        None => Lane::from('.'),
        Some(_) if knows(participant.me()) => Lane::from('D'),
        Some(peer) => Lane::towards('W', peer),
    }
}

/// What it needs, and what it was told last.
fn window(site: &Site) -> Vec<String> {
    let awaited: Vec<_> = site.participant().awaited().map(|node| node.to_string()).collect();
    let mut lines = vec![format!("waits for [{}]", awaited.join(", "))];
    if let Some((by, verdict)) = site.latest() {
        lines.extend(verdict.as_told_by(by).to_string().lines().map(str::to_owned));
    }
    lines
}

/// Of the node that found it: the edges as the paper's leader keeps them, and
/// the graph for Graphviz.
fn files(site: &Site) -> Vec<(String, String)> {
    let Some(verdict) = site.own() else { return Vec::new() };
    let graph = verdict.graph(site.participant().config().nodes);
    vec![
        ("tpoint.txt".to_owned(), verdict.edge_list().to_string()),
        ("wait-for.dot".to_owned(), graph.to_dot()),
    ]
}
