use core::time::Duration;

use rehearsal_machine::NodeId;

/// How long a node waits, and what it makes sure of. With `d` the longest time
/// that a message takes, an election settles if the spans are as said here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// How long nobody higher must answer before we lead: more than `2d`.
    pub answer_wait: Duration,
    /// How long whoever answered has to become the leader: at least
    /// `answer_wait` and `2d`.
    pub coordinator_wait: Duration,
    /// How often a leader is heard; not nothing.
    pub heartbeat: Duration,
    /// How long a leader may be silent: at least `heartbeat` and `d`, and with
    /// `check_quorum` another `d`.
    pub leader_wait: Duration,
    /// Does a leader need the votes of a majority? Without, there may be two
    /// leaders at a time, in epochs of their own; with it, one in each term.
    pub majority: bool,
    /// Does a leader that a majority has not heard for `leader_wait` step down?
    pub check_quorum: bool,
    /// How long a node that has started stands back: it follows whoever leads,
    /// a lower one, too, and answers nobody. Nothing: it calls at once.
    pub settle: Duration,
    /// Who keeps what leaders write. It may be one that takes no part itself.
    pub resource: Option<NodeId>,
}
