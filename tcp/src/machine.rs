use std::fmt;

use rehearsal_machine::Machine;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A machine that can run as a real node: what its peers say can be put on a
/// wire, what it saves on a disk, and all that happens to it into a recording.
///
/// Every machine whose names and values serialize is one.
pub trait RealMachine:
    Machine<
        Message: Serialize + DeserializeOwned + fmt::Debug,
        Command: Serialize + DeserializeOwned + fmt::Debug,
        Output: Serialize + fmt::Debug,
        Timer: Serialize + DeserializeOwned + fmt::Debug,
        Cell: Serialize + DeserializeOwned + fmt::Debug,
        Saved: Serialize + DeserializeOwned,
    >
{
}

impl<M> RealMachine for M where
    M: Machine<
            Message: Serialize + DeserializeOwned + fmt::Debug,
            Command: Serialize + DeserializeOwned + fmt::Debug,
            Output: Serialize + fmt::Debug,
            Timer: Serialize + DeserializeOwned + fmt::Debug,
            Cell: Serialize + DeserializeOwned + fmt::Debug,
            Saved: Serialize + DeserializeOwned,
        >
{
}
