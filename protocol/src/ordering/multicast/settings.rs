use core::fmt;

use serde::{Deserialize, Serialize};

use super::Config;
use crate::ordering::Discipline;

/// What a journal depends on: the first thing that a node writes to its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Settings {
    /// The version of the journal's form.
    format: u16,
    discipline: Discipline,
    nodes: u32,
}

/// It changes whenever an earlier journal would be misread.
const FORMAT: u16 = 1;

impl Settings {
    pub(super) fn of(config: Config) -> Self {
        let Config { discipline, nodes, .. } = config;
        Self { format: FORMAT, discipline, nodes }
    }
}

/// As `fifo among 4 nodes (format 1)`.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, discipline, nodes } = self;
        write!(f, "{discipline} among {nodes} nodes (format {format})")
    }
}
