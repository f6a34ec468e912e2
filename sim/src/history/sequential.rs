use std::fmt;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

/// An object as it behaves if operations come one after the other. `Default` is its state
/// before the first one.
pub trait Sequential: Clone + Default + Eq + Hash + fmt::Debug {
    /// What clients ask of it.
    type Operation: Clone + Eq + fmt::Debug;
    /// What it answers.
    type Answer: Clone + Eq + fmt::Debug;

    /// Takes the operation's effect, and answers.
    fn apply(&mut self, operation: &Self::Operation) -> Self::Answer;
}

/// Which orders of operations explain their answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Consistency {
    /// Those in which an operation that returned before another one was invoked comes first
    /// (Herlihy and Wing 1990). A history is linearizable if that of each key is.
    Linearizable,
    /// Those in which a client's operation that returned before the same client invoked
    /// another one comes first (Lamport 1979). It is asked for each key by itself, which is
    /// weaker than to ask it of all keys together: there may be an order for each key
    /// and none for all of them.
    Sequential,
}

/// In words: `linearizable`, `sequentially consistent for each key`.
impl fmt::Display for Consistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linearizable => "linearizable",
            Self::Sequential => "sequentially consistent for each key",
        })
    }
}
