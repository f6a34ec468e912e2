//! What a fault does to the world.

use rehearsal_protocol::{NodeId, Time};

use super::run::{Pending, Run};
use crate::fault::Action;
use crate::protocol::Protocol;
use crate::queue::Key;
use crate::trace::Step;

impl<P: Protocol> Run<'_, P> {
    /// Carries a fault out; tells which node it changed.
    pub(super) fn act(&mut self, place: usize, action: &Action) -> Option<NodeId> {
        match action {
            Action::Crash(node) => self.crash(*node),
            Action::Restart(node) => {
                self.restart(*node, self.world.now);
                None
            }
            Action::Bounce { node, down } => {
                let crashed = self.crash(*node)?;
                self.restart(crashed, self.world.now + down.as_duration());
                Some(crashed)
            }
            Action::Partition(sides) => {
                self.partitions.add(sides);
                self.record(&Step::Partition { sides });
                None
            }
            Action::Heal => {
                self.partitions.heal();
                self.record(&Step::Heal);
                None
            }
            Action::Lose | Action::Delay(_) | Action::Duplicate(_) => {
                unreachable!("faults[{place}] acts on a message and was loaded without one")
            }
        }
    }

    /// A node that has not started yet is kept from it; one that is down stays so.
    fn crash(&mut self, node: NodeId) -> Option<NodeId> {
        let place = &mut self.world.places[node.index()];
        let was_to_start = place.incarnations == 0 && !place.crashed;
        if place.node.take().is_none() && !was_to_start {
            return None;
        }
        place.crashed = true;
        self.record(&Step::Crash { node });
        self.recorder.lane::<P>(self.world.now, node, None);
        Some(node)
    }

    fn restart(&mut self, node: NodeId, at: Time) {
        self.queue.push(Key::start(at, node), Pending::Start { node, is_first: false });
    }
}
