use std::fmt;

use rehearsal_machine::Machine;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// States the bounds once, for the trait and for its blanket implementation.
macro_rules! real_machine {
    ($($bounds:tt)*) => {
        /// A machine that can run as a real node: its messages can be sent, its saved values
        /// written to a disk, and its inputs and effects recorded and shown.
        ///
        /// It is implemented for every machine whose types satisfy the bounds.
        pub trait RealMachine: Machine<$($bounds)*> {}

        impl<M: Machine<$($bounds)*>> RealMachine for M {}
    };
}

real_machine! {
    Message: Serialize + DeserializeOwned + fmt::Debug,
    Command: Serialize + DeserializeOwned + fmt::Debug,
    Output: Serialize + fmt::Debug,
    Timer: Serialize + DeserializeOwned + fmt::Debug,
    Cell: Serialize + DeserializeOwned + fmt::Debug,
    Saved: Serialize + DeserializeOwned,
}
