use serde::{Deserialize, Serialize};

/// One thing that may go wrong. The milder ones come first: a plan shrinks
/// towards them, if they break the scenario, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Kind {
    /// A message takes longer.
    Delay,
    /// A message arrives twice.
    Duplicate,
    /// A message is lost.
    Lose,
    /// A message arrives damaged.
    Corrupt,
    /// A node handles nothing for a while.
    Pause,
    /// A node's clock jumps, is wrong, or goes at another rate.
    Clock,
    /// A node crashes and comes back with its storage.
    Crash,
    /// A node crashes and comes back without its very last save, or with that torn.
    LostSave,
    /// The messages of a link wait for a while.
    Hold,
    /// Links are cut for a while: between sides, one-way, by pairs, or flapping.
    Partition,
    /// The crashes, pauses, clock faults and partitions on the menu strike
    /// repeatedly, and any node.
    Repeated,
    /// A node that is absent at first joins.
    Start,
    /// A node crashes and comes back with its storage and the scenario's `upgrade`.
    Upgrade,
    /// Something happens to every message that fits for a while: it is lost, late, doubled
    /// or damaged, or waits.
    Filter,
    /// A timer fires at once, or later than it would.
    Timer,
    /// The session of two nodes breaks: what is under way on it is lost.
    Session,
    /// A node comes back without anything that it saved. Few protocols survive it.
    Amnesia,
    /// A disk keeps nothing of what it is told to. No protocol can live with
    /// it: the run is judged on safety alone.
    LyingDisk,
}

impl Kind {
    /// What a protocol that saves before it speaks can be asked to survive; sessions break where
    /// the network has any.
    pub const SURVIVABLE: [Self; 12] = [
        Self::Delay,
        Self::Duplicate,
        Self::Lose,
        Self::Corrupt,
        Self::Pause,
        Self::Clock,
        Self::Crash,
        Self::LostSave,
        Self::Hold,
        Self::Partition,
        Self::Repeated,
        Self::Session,
    ];

    /// Does it happen to a single message, so that a session keeps it from happening?
    pub(crate) fn is_kept_off_by_sessions(self) -> bool {
        matches!(self, Self::Duplicate | Self::Lose | Self::Corrupt)
    }

    /// Does it need two nodes?
    pub(crate) fn is_about_links(self) -> bool {
        matches!(
            self,
            Self::Delay
                | Self::Duplicate
                | Self::Lose
                | Self::Corrupt
                | Self::Hold
                | Self::Filter
                | Self::Partition
                | Self::Session
        )
    }

    /// The actions that are of this kind, apart from what ends them.
    pub(crate) fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Delay => &["Delay"],
            Self::Duplicate => &["Duplicate"],
            Self::Lose => &["Lose"],
            Self::Corrupt => &["Corrupt"],
            Self::Pause => &["Pause"],
            Self::Clock => &["Step", "Skew", "Drift"],
            Self::Crash | Self::LostSave | Self::Amnesia => &["Bounce"],
            Self::Hold => &["Hold"],
            Self::Partition => &["Partition", "OneWay", "Cut", "Flap"],
            Self::Filter => &["Withhold"],
            Self::Timer => &["Fire", "PutOff"],
            Self::Session => &["Break", "BreakAny"],
            Self::Repeated => &[],
            Self::Start => &["Start"],
            Self::Upgrade => &["Upgrade"],
            Self::LyingDisk => &["LyingDisk"],
        }
    }
}
