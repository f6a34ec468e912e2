//! What a protocol of one's own needs: `use rehearsal::prelude::*;`.

pub use rehearsal_protocol::{
    Context, Draw, Input, Machine, Message, NodeId, Nothing, Storage, Time,
};
pub use rehearsal_sim::{Files, Lane, Protocol, Reason, Violation, World};
