use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a message that was sent never left its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Lost {
    /// There was no link to its receiver.
    Down,
    /// Its receiver's queue was full.
    Full,
    /// It was larger than allowed.
    TooLarge,
}

/// As the simulator calls it.
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Down => "down",
            Self::Full => "full",
            Self::TooLarge => "too_large",
        })
    }
}
