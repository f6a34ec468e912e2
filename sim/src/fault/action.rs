use rehearsal_machine::NodeId;
use serde::{Deserialize, Serialize};

use super::Target;
use crate::source::{Ratio, TimeSpan};

/// What a fault does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Action {
    /// A node loses all but its storage, and stays down until something starts
    /// it later. One that has not started yet does not; one that is down stays
    /// so, though a restart was planned.
    Crash(Target),
    /// A node that is down starts again, with its storage. One that is absent
    /// is not down: only `Start` brings it.
    Restart(Target),
    /// A node that is down starts again, and finds nothing of what it saved.
    Amnesia(Target),
    /// A node that is down starts again, with its storage, and runs by the
    /// scenario's `upgrade` from then on, at every later start.
    Upgrade(Target),
    /// A node of the scenario's `absent` starts for the first time; later
    /// starts are restarts.
    Start(NodeId),
    /// A node crashes and starts again after a while.
    Bounce {
        /// Which one.
        node: Target,
        /// How long it is down.
        down: TimeSpan,
        /// What the crash does to its storage.
        #[serde(default, skip_serializing_if = "Disk::is_intact")]
        disk: Disk,
    },
    /// A node loses all that it saved; if it is up it crashes.
    Wipe(Target),
    /// From now on to its next crash or the calm, what a node saves is not
    /// durable, whatever it is told: a crash takes all of it. No protocol has
    /// to live with that: such a run is judged on safety alone.
    LyingDisk(Target),
    /// A node handles nothing for a while: what comes meanwhile waits, and is
    /// handled afterwards in its order.
    Pause {
        /// Which one.
        node: Target,
        /// How long; until `Resume` or the calm if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lasts: Option<TimeSpan>,
    },
    /// A pause ends.
    Resume(Target),
    /// An armed timer of a node fires now. Nothing happens if it is not armed.
    Fire {
        /// Which node.
        node: Target,
        /// The timer's name, as a trace has it.
        timer: String,
    },
    /// An armed timer of a node fires this much later, on the node's clock. Nothing
    /// happens if it is not armed.
    PutOff {
        /// Which node.
        node: Target,
        /// The timer's name, as a trace has it.
        timer: String,
        /// How much later.
        by: TimeSpan,
    },
    /// A node's clock is set to this far from the true time, and keeps its
    /// rate. A clock keeps its error through crashes, and through the calm.
    Skew {
        /// Whose.
        node: Target,
        /// How far.
        by: Shift,
    },
    /// A node's clock jumps by this much from what it shows.
    Step {
        /// Whose.
        node: Target,
        /// How far.
        by: Shift,
    },
    /// A node's clock goes at another rate from now on, until the calm.
    Drift {
        /// Whose.
        node: Target,
        /// How much faster or slower than the true time.
        by: Rate,
    },
    /// Nodes on different sides no longer hear each other, from the messages
    /// sent now on; nodes that are not named form a side of their own.
    Partition(Vec<Vec<NodeId>>),
    /// What these nodes send to those is cut off; the way back is not.
    OneWay {
        /// Whose messages.
        from: Vec<NodeId>,
        /// The recipient.
        to: Vec<NodeId>,
    },
    /// Each of these pairs no longer hear each other, and still hear all others:
    /// a partial partition.
    Cut(Vec<(NodeId, NodeId)>),
    /// A partition that comes and goes, until it is healed.
    Flap {
        /// Who is on which side.
        sides: Vec<Vec<NodeId>>,
        /// How long they are cut off each time.
        cut: TimeSpan,
        /// How long they hear each other in between.
        open: TimeSpan,
    },
    /// As `Partition`, with random sides of these sizes; the nodes that are left form
    /// one more side.
    Split(Vec<u32>),
    /// As `Cut`, with so many random pairs of nodes.
    CutAny(u32),
    /// The sessions between these pairs break: what is under way on them is lost in both
    /// directions, and their setup begins anew.
    Break(Vec<(NodeId, NodeId)>),
    /// As `Break`, with so many random sessions.
    BreakAny(u32),
    /// All partitions end, of every sort.
    Heal,
    /// What is sent on a link from now on waits at its beginning.
    Hold {
        /// The sender.
        from: NodeId,
        /// The recipient.
        to: NodeId,
    },
    /// What waits on a link sets off, in its order, each message with the
    /// delay it would have had. A partition that began meanwhile does not stop
    /// it: partitions cut what is sent while they last.
    Release {
        /// The sender.
        from: NodeId,
        /// The recipient.
        to: NodeId,
    },
    /// The message that was just sent never arrives. Only with `Sends`.
    Lose,
    /// The message that was just sent takes this long; its further copies, if
    /// it has any, what they would take. Only with `Sends`.
    Delay(TimeSpan),
    /// The message that was just sent arrives once more, this much after the
    /// time at which it would arrive now; fewer than 256 times in all. Only
    /// with `Sends`.
    Duplicate(TimeSpan),
    /// The message that was just sent arrives damaged: the receiver's decoder
    /// refuses it. Only with `Sends`.
    Corrupt,
    /// The message that was just sent waits at the beginning of its link until the
    /// window of the fault closes; then it departs with the delay it would have had.
    /// Only with `Sends`.
    Withhold,
}

/// What a crash does to a node's storage.
///
/// What was saved is durable once a later effect of the node has happened; only
/// the very last effect, if it is a save, can be undone by a crash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Disk {
    /// Nothing.
    #[default]
    Intact,
    /// The last save is lost: its cell holds what it held before.
    LosesLast,
    /// The last save is torn: its cell cannot be read, and is empty.
    TearsLast,
    /// All of it is lost.
    Wiped,
}

impl Disk {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    fn is_intact(&self) -> bool {
        *self == Self::Intact
    }
}

/// A difference of a clock from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Shift {
    /// It shows a later time.
    Ahead(TimeSpan),
    /// It shows an earlier time, at the earliest that of the run's beginning.
    Behind(TimeSpan),
}

/// How a clock's rate differs from the true one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Rate {
    /// It gains this share of the time that passes: `Fast("1/100")` shows 101
    /// seconds after 100.
    Fast(Ratio),
    /// It loses this share, less than all of it.
    Slow(Ratio),
}

impl Action {
    /// Does it act on the message of its trigger, rather than on the world?
    #[must_use]
    pub fn is_on_message(&self) -> bool {
        matches!(
            self,
            Self::Lose | Self::Delay(_) | Self::Duplicate(_) | Self::Corrupt | Self::Withhold
        )
    }

    /// Does a session keep it from happening to a message?
    pub(crate) fn is_kept_off_by_sessions(&self) -> bool {
        matches!(self, Self::Lose | Self::Corrupt | Self::Duplicate(_))
    }

    /// The one node that it is about, and where in the action it stands.
    pub(crate) fn target(&self) -> Option<(&'static [&'static str], Target)> {
        Some(match self {
            Self::Crash(node) => (&["Crash"], node.clone()),
            Self::Restart(node) => (&["Restart"], node.clone()),
            Self::Amnesia(node) => (&["Amnesia"], node.clone()),
            Self::Upgrade(node) => (&["Upgrade"], node.clone()),
            Self::Start(node) => (&["Start"], Target::Node(*node)),
            Self::Bounce { node, .. } => (&["Bounce", "node"], node.clone()),
            Self::Wipe(node) => (&["Wipe"], node.clone()),
            Self::LyingDisk(node) => (&["LyingDisk"], node.clone()),
            Self::Pause { node, .. } => (&["Pause", "node"], node.clone()),
            Self::Resume(node) => (&["Resume"], node.clone()),
            Self::Fire { node, .. } => (&["Fire", "node"], node.clone()),
            Self::PutOff { node, .. } => (&["PutOff", "node"], node.clone()),
            Self::Skew { node, .. } => (&["Skew", "node"], node.clone()),
            Self::Step { node, .. } => (&["Step", "node"], node.clone()),
            Self::Drift { node, .. } => (&["Drift", "node"], node.clone()),
            _ => return None,
        })
    }

    /// The same on another target, if it is about one node.
    pub(crate) fn striking(mut self, target: Target) -> Self {
        match &mut self {
            Self::Crash(node)
            | Self::Restart(node)
            | Self::Amnesia(node)
            | Self::Upgrade(node)
            | Self::Bounce { node, .. }
            | Self::Wipe(node)
            | Self::LyingDisk(node)
            | Self::Pause { node, .. }
            | Self::Resume(node)
            | Self::Fire { node, .. }
            | Self::PutOff { node, .. }
            | Self::Skew { node, .. }
            | Self::Step { node, .. }
            | Self::Drift { node, .. } => *node = target,
            _ => {}
        }
        self
    }

    /// Its name in a file.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Crash(_) => "Crash",
            Self::Restart(_) => "Restart",
            Self::Amnesia(_) => "Amnesia",
            Self::Upgrade(_) => "Upgrade",
            Self::Start(_) => "Start",
            Self::Bounce { .. } => "Bounce",
            Self::Wipe(_) => "Wipe",
            Self::LyingDisk(_) => "LyingDisk",
            Self::Pause { .. } => "Pause",
            Self::Resume(_) => "Resume",
            Self::Fire { .. } => "Fire",
            Self::PutOff { .. } => "PutOff",
            Self::Skew { .. } => "Skew",
            Self::Step { .. } => "Step",
            Self::Drift { .. } => "Drift",
            Self::Partition(_) => "Partition",
            Self::OneWay { .. } => "OneWay",
            Self::Cut(_) => "Cut",
            Self::Flap { .. } => "Flap",
            Self::Split(_) => "Split",
            Self::CutAny(_) => "CutAny",
            Self::Break(_) => "Break",
            Self::BreakAny(_) => "BreakAny",
            Self::Heal => "Heal",
            Self::Hold { .. } => "Hold",
            Self::Release { .. } => "Release",
            Self::Lose => "Lose",
            Self::Delay(_) => "Delay",
            Self::Duplicate(_) => "Duplicate",
            Self::Corrupt => "Corrupt",
            Self::Withhold => "Withhold",
        }
    }

    /// Does it take a node down?
    pub(crate) fn takes_down(&self) -> bool {
        matches!(self, Self::Crash(_) | Self::Bounce { .. } | Self::Wipe(_))
    }

    /// Does it only bring back what was taken away?
    pub(crate) fn is_start(&self) -> bool {
        self.is_restart() || matches!(self, Self::Start(_))
    }

    /// Does it only end what another one has begun?
    pub(crate) fn is_repair(&self) -> bool {
        self.is_start() || matches!(self, Self::Heal | Self::Release { .. } | Self::Resume(_))
    }

    /// Does it bring back a node that is down, and no other?
    pub(crate) fn is_restart(&self) -> bool {
        matches!(self, Self::Restart(_) | Self::Amnesia(_) | Self::Upgrade(_))
    }
}
