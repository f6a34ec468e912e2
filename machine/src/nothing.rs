use serde::{Deserialize, Serialize};

/// A type without values: for a machine that has no commands, outputs,
/// deadlines or cells, and for a protocol without properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Nothing {}
