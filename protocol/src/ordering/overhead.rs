//! How large packets are besides the contents of messages.
//!
//! Sizes are those of an encoding in which an integer takes a byte for each seven bits, and
//! an enumeration a byte for its variant, as in postcard.

use super::Discipline;

/// No node counts further than to 2^42: at a thousand messages a second, for a century.
const COUNT: u64 = 6;

/// A variant of an enumeration with less than 128 of them, or of an option.
const VARIANT: u64 = 1;

/// Machines in which a group is nested may wrap its messages in so many more enumerations.
const WRAPPERS: u64 = 4 * VARIANT;

/// The most bytes that messages of a group of `nodes` take on the wire besides the content
/// that they carry, with a window of this many packets; those of the link's acknowledgements
/// included.
#[must_use]
pub fn max_overhead(discipline: Discipline, nodes: u32, window: u32) -> u64 {
    let sizes = Sizes { nodes: nodes.into() };
    let frame = VARIANT + 3 * COUNT + COUNT + VARIANT;
    let window = u64::from(window);
    let ack = VARIANT + 2 * COUNT + integer(window) + window * COUNT;
    WRAPPERS + ack.max(frame + sizes.packet(discipline))
}

struct Sizes {
    nodes: u64,
}

impl Sizes {
    /// Of the largest packet with a message.
    fn packet(&self, discipline: Discipline) -> u64 {
        match discipline {
            Discipline::Unordered => self.message() + VARIANT,
            Discipline::Fifo => self.message() + VARIANT + COUNT,
            Discipline::CausalBroadcast => self.message() + VARIANT + self.vector(),
            Discipline::RaynalSchiperToueg => {
                let matrix = self.list(self.vector());
                self.message() + VARIANT + matrix + self.destinations()
            }
            Discipline::SchiperEggliSandoz => {
                let pairs = self.list(self.node() + self.vector());
                self.message() + VARIANT + self.vector() + pairs + self.destinations()
            }
            Discipline::Sequencer => VARIANT + self.epoch() + COUNT + self.submission(),
            // A part of a promise.
            Discipline::MajoritySequencer => {
                let accepted = COUNT + self.epoch() + VARIANT + self.submission();
                VARIANT + self.epoch() + 2 * COUNT + VARIANT + accepted
            }
            Discipline::Skeen => VARIANT + self.message() + self.timestamp(),
            Discipline::LamportClocks => 2 * COUNT + VARIANT + self.submission(),
            Discipline::PcBroadcast => COUNT + self.message(),
            Discipline::Relay { .. } => VARIANT + COUNT + self.submission(),
        }
    }

    fn submission(&self) -> u64 {
        self.message() + self.destinations()
    }

    fn message(&self) -> u64 {
        self.node() + COUNT
    }

    fn epoch(&self) -> u64 {
        COUNT + self.node()
    }

    fn timestamp(&self) -> u64 {
        COUNT + self.node()
    }

    fn destinations(&self) -> u64 {
        self.list(self.node())
    }

    fn vector(&self) -> u64 {
        self.list(COUNT)
    }

    /// One element for each node.
    fn list(&self, element: u64) -> u64 {
        self.node() + self.nodes.saturating_mul(element)
    }

    fn node(&self) -> u64 {
        integer(self.nodes)
    }
}

/// Of an integer of at most this size.
fn integer(most: u64) -> u64 {
    u64::from(most.max(1).ilog2()) / 7 + 1
}
