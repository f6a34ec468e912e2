use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::fault::Kind;
use crate::source::{Ratio, TimeSpan};

/// The `swarm` of a scenario file: how far a [swarm](super) may go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SwarmBounds {
    /// What may go wrong: [`Kind::SURVIVABLE`] if absent, and `Start` and `Upgrade`
    /// where the scenario has nodes that join and a configuration to upgrade to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinds: Option<BTreeSet<Kind>>,
    /// What may not go wrong, of those.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub without: BTreeSet<Kind>,
    /// The largest share of messages that the network loses, damages, doubles or
    /// holds back: a fifth if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Ratio>,
    /// How many things go wrong beside that, at most: 6 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mishaps: Option<u32>,
    /// How long any of them lasts, at most: a third of the time before the calm if
    /// absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<TimeSpan>,
}
