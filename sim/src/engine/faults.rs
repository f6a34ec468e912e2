//! What a fault does to the world.

use rehearsal_protocol::{NodeId, Time};

use super::pending::Pending;
use super::run::Run;
use crate::fault::Action;
use crate::protocol::Protocol;
use crate::queue::Key;
use crate::trace::Step;

impl<P: Protocol> Run<'_, P> {
    pub(super) fn act(&mut self, place: usize, action: &Action) {
        match action {
            Action::Crash(node) => {
                if !self.crash(*node) {
                    // It is down already; a restart that was planned is taken back.
                    self.world.places[node.index()].crashes += 1;
                }
            }
            Action::Restart(node) => {
                if !self.world.is_up(*node) {
                    self.restart(*node, self.world.now);
                }
            }
            Action::Bounce { node, down } => {
                if self.crash(*node) {
                    self.restart(*node, self.world.now + *down);
                }
            }
            Action::Partition(sides) => {
                self.partitions.add(sides);
                self.record(&Step::Partition { sides });
            }
            Action::Heal => {
                self.partitions.heal();
                self.record(&Step::Heal);
            }
            Action::Lose | Action::Delay(_) | Action::Duplicate(_) => {
                unreachable!("faults[{place}] acts on a message and was loaded without one")
            }
        }
    }

    /// Takes the node down, if it is up. One that has not started yet is kept
    /// from it.
    fn crash(&mut self, node: NodeId) -> bool {
        let place = &mut self.world.places[node.index()];
        let is_to_start = place.incarnations == 0 && place.crashes == 0;
        if place.node.take().is_none() && !is_to_start {
            return false;
        }
        place.crashes += 1;
        self.record(&Step::Crash { node });
        self.recorder.lane::<P>(self.world.now, node, None);
        self.changed.push(node);
        true
    }

    fn restart(&mut self, node: NodeId, at: Time) {
        let crashes = self.world.places[node.index()].crashes;
        self.schedule(Key::start(at, node), Pending::Start { node, crashes });
    }
}
