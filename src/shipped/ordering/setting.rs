use std::fmt;
use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_protocol::link::sliding_window;
use rehearsal_protocol::ordering::group::Member;
use rehearsal_protocol::ordering::multicast::Config;
use rehearsal_protocol::ordering::{Discipline, max_overhead};
use rehearsal_sim::network::Network;
use rehearsal_sim::source::{Path, TimeSpan};
use rehearsal_sim::{Files, Nodes, Protocol as _, Reason};
use serde::Deserialize;

use crate::shipped::{Election, election};

const NO_EPOCHS: &str = "a sequencer needs a leader with an epoch";

/// What a scenario says of a group.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    discipline: Discipline,
    /// How long a node waits for an acknowledgement at first.
    resend: TimeSpan,
    /// How long it waits at most; eight times as long by default.
    #[serde(default)]
    resend_most: Option<TimeSpan>,
    /// How many consecutive packets may be in flight to a peer.
    #[serde(default = "usual_window")]
    window: u32,
    /// How many packets to a peer the link holds.
    #[serde(default = "usual_buffer")]
    buffer: u32,
    /// How many packets or messages may be unfinished before the owner is refused.
    #[serde(default = "usual_backlog")]
    backlog: u32,
    /// How the nodes elect the leader of a sequencer.
    #[serde(default)]
    election: Option<election::Setting>,
    #[serde(skip)]
    nodes: u32,
    /// How large the content of a message may be, in bytes.
    #[serde(skip)]
    max_content: u64,
}

fn usual_window() -> u32 {
    8
}

fn usual_buffer() -> u32 {
    64
}

fn usual_backlog() -> u32 {
    256
}

impl Setting {
    pub(crate) fn discipline(&self) -> Discipline {
        self.discipline
    }

    pub(super) fn prepare(
        &mut self,
        nodes: &Nodes,
        network: &Network,
        files: &mut Files,
    ) -> Result<(), Reason> {
        self.check_own(nodes.count(), network)?;
        let Some(election) = &mut self.election else { return Ok(()) };
        if !self.discipline.has_leader() {
            return Err(Reason::new(format!("{} needs no leader", self.discipline))
                .field("election")
                .help("leave it out"));
        }
        if !election.has_epochs() {
            return Err(Reason::new(NO_EPOCHS).field("election").help("take the form `Hardened`"));
        }
        Election::prepare(election, nodes, network, files)
            .map_err(|reason| reason.within(&Path::root().field("election")))
    }

    /// Checks it as a part of something that has this election.
    pub(crate) fn check_within(
        &mut self,
        nodes: u32,
        network: &Network,
        election: &election::Setting,
    ) -> Result<(), Reason> {
        if self.election.is_some() {
            return Err(Reason::new("there is one election for all that users do")
                .field("election")
                .help("leave it out here"));
        }
        if self.discipline.has_leader() && !election.has_epochs() {
            return Err(Reason::new(NO_EPOCHS)
                .field("discipline")
                .help("take an election of the form `Hardened`, or another discipline"));
        }
        self.check_own(nodes, network)
    }

    fn check_own(&mut self, nodes: u32, network: &Network) -> Result<(), Reason> {
        self.nodes = nodes;
        self.check_link(network)?;
        self.max_content = self.room_for_content(network)?;
        if let Discipline::Relay { server } = self.discipline
            && server.number() > self.nodes
        {
            return Err(Reason::new(format!(
                "there is no node {} to be the server",
                server.number()
            ))
            .at(Path::root().field("discipline").field("server"))
            .help(format!("nodes are numbered from 1 to {}", self.nodes)));
        }
        Ok(())
    }

    /// What the largest packet leaves to the content of a message.
    fn room_for_content(&self, network: &Network) -> Result<u64, Reason> {
        let overhead = max_overhead(self.discipline, self.nodes, self.window);
        let room = network.max_message.checked_sub(overhead).filter(|room| *room > 0);
        room.ok_or_else(|| {
            let most = network.max_message;
            if max_overhead(self.discipline, self.nodes, 1) < most {
                return Reason::new(format!(
                    "with a window of {} an acknowledgement takes up to {overhead} bytes, and the \
                     network carries {most}",
                    self.window
                ))
                .field("window")
                .help("take a smaller window, or a larger `max_message`");
            }
            Reason::new(format!(
                "among {} nodes a packet takes up to {overhead} bytes without any content, and the \
                 network carries {most}",
                self.nodes
            ))
            .field("discipline")
            .help("take fewer nodes, another discipline, or a larger `max_message`")
        })
    }

    fn check_link(&self, network: &Network) -> Result<(), Reason> {
        if self.resend == TimeSpan::ZERO {
            return Err(Reason::new("a packet cannot be sent again without a pause")
                .field("resend")
                .help("give a span longer than nothing, at least a round trip"));
        }
        let round_trip = network.delay.least().saturating_mul(2);
        if self.resend.as_nanos() < round_trip {
            let round_trip = TimeSpan::from_nanos(round_trip);
            return Err(Reason::new("no acknowledgement comes before a packet is sent again")
                .field("resend")
                .help(format!("give at least {round_trip}, the shortest round trip")));
        }
        if self.resend_most.is_some_and(|most| most < self.resend) {
            return Err(Reason::new("the longest wait is shorter than the first one")
                .field("resend_most")
                .help(format!("give at least {}, or leave it out", self.resend)));
        }
        let least_one = [("window", self.window), ("backlog", self.backlog)];
        if let Some((field, _)) = least_one.iter().find(|(_, count)| *count == 0) {
            return Err(Reason::new("nothing could ever be sent")
                .field(field)
                .help("give at least 1"));
        }
        if self.buffer < self.window {
            return Err(Reason::new("the buffer has no room for a window")
                .field("buffer")
                .help(format!("give at least {}, the window", self.window)));
        }
        Ok(())
    }

    pub(super) fn member(&self, me: NodeId, nodes: &Nodes) -> Result<Member, Reason> {
        let build = |election| Election::build(election, me, nodes);
        let election = self.election.as_ref().map(build).transpose();
        let election = election.map_err(|reason| reason.within(&Path::root().field("election")))?;
        Ok(Member::new(self.config(), me, election))
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            discipline: self.discipline,
            nodes: self.nodes,
            link: sliding_window::Config {
                resend: self.resend.as_duration(),
                resend_most: self.resend_most(),
                window: self.window,
                buffer: self.buffer,
            },
            backlog: self.backlog,
            max_content: self.max_content,
        }
    }

    fn resend_most(&self) -> Duration {
        let usual = self.resend.as_duration().saturating_mul(8);
        self.resend_most.map_or(usual, TimeSpan::as_duration)
    }
}

/// The head of a trace: `causal broadcast, resend 50ms, window 8`.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, resend {}, window {}", self.discipline, self.resend, self.window)?;
        match &self.election {
            Some(election) => write!(f, ", election {election}"),
            None => Ok(()),
        }
    }
}
