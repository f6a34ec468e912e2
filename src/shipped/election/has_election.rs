use rehearsal_machine::{Machine, NodeId};
use rehearsal_protocol::election::{Election, Output};
use rehearsal_sim::World;

/// A machine that is an election, or has one among its parts: both have the same
/// properties.
pub(crate) trait HasElection: Machine + Sized {
    /// The election, if it has one.
    fn election(&self) -> Option<&Election>;

    /// The output of the election, if this is one.
    fn told(output: &Self::Output) -> Option<&Output>;
}

impl HasElection for Election {
    fn election(&self) -> Option<&Election> {
        Some(self)
    }

    fn told(output: &Output) -> Option<&Output> {
        Some(output)
    }
}

pub(super) fn election_of<M: HasElection>(world: &World<M>, node: NodeId) -> Option<&Election> {
    world.machine(node).and_then(M::election)
}
