use std::collections::BTreeMap;

use rehearsal_machine::Time;

use super::{Bandwidth, Fifo, Link, Lost, Network};
use crate::source::TimeSpan;

/// What a link remembers of the messages before: when its line is free again,
/// and when the last of them arrives. Kept only where a law asks for it.
pub(crate) struct Pipes<'a> {
    network: &'a Network,
    table: Table,
}

#[derive(Clone, Copy, Default)]
struct Pipe {
    free_at: Time,
    last_arrival: Time,
}

/// A square while that is small, so that a pipe is found in one step.
enum Table {
    Square { nodes: usize, pipes: Vec<Pipe> },
    Sparse(BTreeMap<Link, Pipe>),
}

const MOST_SQUARE: usize = 256;

impl<'a> Pipes<'a> {
    /// Nothing, if no law asks for it.
    pub(crate) fn new(nodes: usize, network: &'a Network) -> Option<Self> {
        let Network { bandwidth, fifo, sessions, .. } = network;
        if bandwidth.is_none() && *fifo == Fifo::None && sessions.is_none() {
            return None;
        }
        let table = if nodes <= MOST_SQUARE {
            Table::Square { nodes, pipes: vec![Pipe::default(); nodes * nodes] }
        } else {
            Table::Sparse(BTreeMap::new())
        };
        Some(Self { network, table })
    }

    pub(crate) fn clear(&mut self) {
        match &mut self.table {
            Table::Square { pipes, .. } => pipes.fill(Pipe::default()),
            Table::Sparse(pipes) => pipes.clear(),
        }
    }

    /// When a message of this size, ready at `now`, has left its sender: after
    /// those before it on the link, at the link's rate.
    pub(crate) fn leave(&mut self, link: Link, size: u64, now: Time) -> Result<Time, Lost> {
        let Some(bandwidth) = &self.network.bandwidth else { return Ok(now) };
        let pipe = self.pipe(link);
        let start = pipe.free_at.max(now);
        let waiting = bandwidth.bytes_in(start.since(now));
        if bandwidth.queue.is_some_and(|most| waiting.saturating_add(size) > most) {
            return Err(Lost::Full);
        }
        pipe.free_at = start + bandwidth.time_for(size);
        Ok(pipe.free_at)
    }

    /// When a message that would arrive then arrives on this FIFO link: not before those
    /// that were sent before it.
    pub(crate) fn arrive(&mut self, link: Link, at: Time) -> Time {
        let pipe = self.pipe(link);
        pipe.last_arrival = pipe.last_arrival.max(at);
        pipe.last_arrival
    }

    /// When the last message arrives that was sent on this FIFO link.
    pub(crate) fn last_arrival(&mut self, link: Link) -> Time {
        self.pipe(link).last_arrival
    }

    /// What was sent on the link is lost: its line is free, and nothing has to wait for
    /// its arrival.
    pub(crate) fn forget(&mut self, link: Link, now: Time) {
        let pipe = self.pipe(link);
        pipe.last_arrival = Time::ZERO;
        pipe.free_at = pipe.free_at.min(now);
    }

    /// What waits to be sent on the link at the calm has left by then.
    pub(crate) fn calm(&mut self, now: Time, is_protected: impl Fn(Link) -> bool) {
        let calm = |pipe: &mut Pipe| pipe.free_at = pipe.free_at.min(now);
        match &mut self.table {
            Table::Square { nodes, pipes } => {
                for (place, pipe) in pipes.iter_mut().enumerate() {
                    if is_protected(Link::at(place, *nodes)) {
                        calm(pipe);
                    }
                }
            }
            Table::Sparse(pipes) => {
                pipes.iter_mut().filter(|(link, _)| is_protected(**link)).for_each(|(_, pipe)| {
                    calm(pipe);
                });
            }
        }
    }

    fn pipe(&mut self, link: Link) -> &mut Pipe {
        match &mut self.table {
            Table::Square { nodes, pipes } => &mut pipes[link.place(*nodes)],
            Table::Sparse(pipes) => pipes.entry(link).or_default(),
        }
    }
}

impl Bandwidth {
    /// How long it takes to send so many bytes.
    fn time_for(&self, bytes: u64) -> TimeSpan {
        let nanos = (u128::from(bytes) * NANOS).div_ceil(u128::from(self.rate.max(1)));
        TimeSpan::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How many bytes can be sent in this time, the last one perhaps in part.
    fn bytes_in(&self, time: std::time::Duration) -> u64 {
        let bytes = (time.as_nanos() * u128::from(self.rate.max(1))).div_ceil(NANOS);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

const NANOS: u128 = 1_000_000_000;
