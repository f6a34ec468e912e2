use core::fmt;

use serde::{Deserialize, Serialize};

/// How many of those that were asked must give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Need {
    /// Every one of them: the AND model.
    #[default]
    All,
    /// One of them: the OR model.
    Any,
    /// So many of them, one at least: the k-of-n model.
    AtLeast(u32),
}

/// More are needed than were asked, or nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchNeed;

impl Need {
    /// The number of grants that so many requests wait for.
    ///
    /// # Errors
    /// If they can never come, or none is needed.
    pub fn of(self, requests: usize) -> Result<u32, NoSuchNeed> {
        let requests = u32::try_from(requests).map_err(|_| NoSuchNeed)?;
        let needed = match self {
            Self::All => requests,
            Self::Any => 1,
            Self::AtLeast(needed) => needed,
        };
        if (1..=requests).contains(&needed) { Ok(needed) } else { Err(NoSuchNeed) }
    }
}

/// In words: `all of`, `one of`, `2 of`.
impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all of"),
            Self::Any => f.write_str("one of"),
            Self::AtLeast(needed) => write!(f, "{needed} of"),
        }
    }
}
