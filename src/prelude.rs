//! What a protocol of one's own needs: `use rehearsal::prelude::*;`.

pub use rehearsal_machine::{
    Context, Draw, Effect, Input, Machine, Message, Nested, NodeId, Nothing, Storage, Time, mutant,
};
pub use rehearsal_sim::{
    Answer, Files, Lane, Look, NodeEvent, Nodes, Observed, Owner, Plain, Protocol, Question,
    Reason, View, Violation, World,
};
