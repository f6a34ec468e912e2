use serde::{Deserialize, Serialize};

use crate::Message;

/// A type without values: for a machine that has no messages, commands, outputs,
/// deadlines or cells, and for a protocol without properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Nothing {}

impl Message for Nothing {
    fn kind(&self) -> &'static str {
        match *self {}
    }
}
