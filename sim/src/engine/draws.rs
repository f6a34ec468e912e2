use std::ops::RangeInclusive;

use rehearsal_protocol::{Draw, NodeId};

use super::decider::Decider;
use crate::chance::{Chance, Sequence, Stream, Words};

/// The numbers that machines draw, each incarnation from a stream of its own.
pub(crate) enum Streams {
    /// Of few nodes: their generators.
    Few(Vec<NodeStream<Generator>>),
    /// Of many, whose generators would be too much memory for a cache: the next
    /// few words of each.
    Many(Vec<NodeStream<Window>>),
}

/// With more nodes than this, their generators are not kept.
const MOST_OF_FEW: usize = 4_096;

/// One incarnation's numbers. It fits into a line of a processor's cache where
/// it holds a window.
#[derive(Clone, Default)]
#[repr(align(64))]
pub(crate) struct NodeStream<W> {
    words: W,
    drawn: u32,
}

/// A stream's words, made when first asked.
#[derive(Clone, Default)]
pub(crate) struct Generator(Option<Sequence>);

/// The words of a stream around the one that was taken last.
#[derive(Clone, Default)]
pub(crate) struct Window {
    words: [u64; WINDOW],
    taken: u32,
}

const WINDOW: usize = 6;

impl Streams {
    pub(crate) fn new(nodes: usize) -> Self {
        if nodes <= MOST_OF_FEW {
            Self::Few(vec![NodeStream::default(); nodes])
        } else {
            Self::Many(vec![NodeStream::default(); nodes])
        }
    }

    /// Forgets what was drawn, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        match self {
            Self::Few(streams) => streams.fill_with(NodeStream::default),
            Self::Many(streams) => streams.fill_with(NodeStream::default),
        }
    }

    /// The node has a new incarnation.
    pub(crate) fn begin(&mut self, node: NodeId) {
        match self {
            Self::Few(streams) => streams[node.index()] = NodeStream::default(),
            Self::Many(streams) => streams[node.index()] = NodeStream::default(),
        }
    }
}

/// The draws of one step: decided by the plan, or by the node's stream.
pub(crate) struct StepDraws<'a> {
    pub(crate) chance: &'a Chance,
    pub(crate) decider: &'a mut Decider,
    pub(crate) streams: &'a mut Streams,
    pub(crate) node: NodeId,
    pub(crate) incarnation: u32,
}

impl Draw for StepDraws<'_> {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (chance, node, incarnation) = (self.chance, self.node, self.incarnation);
        let name = Stream::Node { node, incarnation };
        match self.streams {
            Streams::Few(streams) => {
                let NodeStream { words, drawn } = &mut streams[node.index()];
                *drawn += 1;
                let words = words.0.get_or_insert_with(|| chance.stream(name));
                if self.decider.leaves_all_to_chance() {
                    return words.draw(range);
                }
                self.decider.draw((node, incarnation), *drawn, range, |range| words.draw(range))
            }
            Streams::Many(streams) => {
                let NodeStream { words: window, drawn } = &mut streams[node.index()];
                *drawn += 1;
                let mut words = Taking { chance, name, window };
                if self.decider.leaves_all_to_chance() {
                    return words.uniform(range);
                }
                let by_chance = |range| words.uniform(range);
                self.decider.draw((node, incarnation), *drawn, range, by_chance)
            }
        }
    }
}

/// Takes the words of one stream through a window.
struct Taking<'a> {
    chance: &'a Chance,
    name: Stream,
    window: &'a mut Window,
}

impl Words for Taking<'_> {
    #[inline]
    fn word(&mut self) -> u64 {
        let Window { words, taken } = self.window;
        let place = *taken as usize % WINDOW;
        if place == 0 {
            self.chance.fill(self.name, *taken, words);
        }
        *taken += 1;
        words[place]
    }
}

/// For steps outside a run: every draw gives the low end of its range.
pub(crate) struct LowEnd;

impl Draw for LowEnd {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        *range.start()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Seed;

    #[test]
    fn a_window_gives_the_words_of_its_stream() {
        let chance = Chance::new(Seed(7));
        let name = Stream::Node { node: NodeId::from_index(4_999), incarnation: 2 };
        let (mut sequence, mut window) = (chance.stream(name), Window::default());
        let mut words = Taking { chance: &chance, name, window: &mut window };
        for number in 0..100 {
            assert_eq!(words.word(), sequence.word(), "{number}");
        }
    }
}
