//! What a protocol of one's own needs: `use rehearsal::prelude::*;`.

pub use rehearsal_machine::{
    Context, Draw, Input, Machine, Message, Nested, NodeId, Nothing, Storage, Time, mutant,
};
pub use rehearsal_sim::{Files, Lane, Protocol, Reason, Violation, World};
