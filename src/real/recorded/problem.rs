use std::error::Error;
use std::fmt;

use rehearsal_machine::{NodeId, Time};
use rehearsal_sim::Diagnostic;
use rehearsal_tcp::recording::Difference;

/// Why recordings cannot be put together, or asked about.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// There is no life in them.
    Nothing,
    /// The roster in a recording is none that this program can read.
    Roster {
        /// Which file.
        file: String,
        /// The version of the program that recorded it.
        build: String,
        /// What is wrong with it.
        complaint: Box<Diagnostic>,
    },
    /// The header of a recording names a node that its roster does not have.
    Header {
        /// Which file.
        file: String,
        /// The node.
        node: NodeId,
    },
    /// Two recordings are of different clusters, or of nodes that would not
    /// have talked to each other.
    Clusters {
        /// The one.
        one: String,
        /// The other.
        other: String,
        /// In what they differ.
        differ: &'static str,
    },
    /// Two recordings are of the same life of a node.
    Twice {
        /// The one.
        one: String,
        /// The other.
        other: String,
        /// The node.
        node: NodeId,
        /// Its life.
        incarnation: u32,
    },
    /// A message arrived that is not in the recording of its sender.
    Unsent {
        /// The arrival.
        arrival: Happened,
        /// The sender that the frame names.
        from: NodeId,
        /// In which of its lives.
        incarnation: u32,
        /// Its number on the link.
        count: u32,
    },
    /// A message says something else where it arrived than where it was sent.
    Changed {
        /// Where it was sent.
        send: Happened,
        /// Where it arrived.
        arrival: Happened,
    },
    /// Something came to pass before what led to it, by the clock that both read.
    Backwards {
        /// What led to it.
        cause: Happened,
        /// What came of it.
        effect: Happened,
    },
    /// Each came to pass only after the other.
    Circle(Happened, Happened),
    /// A machine does something else than is recorded.
    Differs {
        /// The node.
        node: NodeId,
        /// Its life.
        incarnation: u32,
        /// What.
        difference: Box<Difference>,
    },
    /// Facts are asked about an instant, and the nodes read different clocks.
    ClocksApart,
    /// Facts are about all nodes, and of these there is no recording.
    Missing(Vec<NodeId>),
    /// The scenario is about another number of nodes.
    Nodes {
        /// As the recordings have it.
        recorded: u32,
        /// As the scenario has it.
        scenario: u32,
    },
}

/// A step of a recorded node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// The node.
    pub node: NodeId,
    /// Its life.
    pub incarnation: u32,
    /// Which step of that, counted from 1.
    pub step: usize,
    /// When, as the joined trace has it.
    pub at: Time,
}

impl fmt::Display for Happened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { node, incarnation, step, at } = self;
        write!(f, "step {step} of {node}, life {incarnation}, at {at}ms")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str(
                "nothing is recorded: the node was killed before it started; use a longer recording",
            ),
            Self::Roster { file, build, complaint } => write!(
                f,
                "{file}: recorded by version {build}, and its roster is none that version {} can \
                 read: use the program that recorded it\n{}",
                env!("CARGO_PKG_VERSION"),
                complaint.render().trim_end()
            ),
            Self::Header { file, node } => write!(
                f,
                "{file}: a recording of {node}, which is not in its roster: use an unchanged copy of the \
                 recording"
            ),
            Self::Clusters { one, other, differ } => write!(
                f,
                "{one} and {other} differ in {differ}: join recordings of one cluster's nodes"
            ),
            Self::Twice { one, other, node, incarnation } => write!(
                f,
                "{one} and {other} are both of {node}, life {incarnation}: give each life once"
            ),
            Self::Unsent { arrival, from, incarnation, count } => write!(
                f,
                "{arrival}: {from} is said to have sent this in life {incarnation} as number \
                 {count}, and its recording does not have that: join recordings of one run; after \
                 a power loss the end of one may be missing"
            ),
            Self::Changed { send, arrival } => write!(
                f,
                "{send}: what is sent is not what arrives, {arrival}: join recordings of one run"
            ),
            Self::Backwards { cause, effect } => write!(
                f,
                "{cause}: this led to something earlier, {effect}: join unchanged recordings of one run"
            ),
            Self::Circle(one, other) => write!(
                f,
                "{one}, and {other}: each comes after the other: join recordings of one run"
            ),
            Self::Differs { node, incarnation, difference } => {
                write!(f, "{node}, life {incarnation}: {difference}")
            }
            Self::ClocksApart => f.write_str(
                "the nodes read different clocks, so that no state of all nodes at one instant is \
                 known: leave out `--expect`, or record all nodes on one machine between two \
                 starts of it",
            ),
            Self::Missing(nodes) => {
                let nodes: Vec<_> = nodes.iter().map(ToString::to_string).collect();
                let nodes = nodes.join(" ");
                write!(f, "facts are about all nodes: give recordings of {nodes}, too")
            }
            Self::Nodes { recorded, scenario } => write!(
                f,
                "the scenario is about {scenario} nodes, and the cluster has {recorded}: use a \
                 scenario for as many"
            ),
        }
    }
}

impl Error for Problem {}
