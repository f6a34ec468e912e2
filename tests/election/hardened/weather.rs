//! All that goes wrong in a run before its calm, drawn from a seed: loss to
//! 30%, messages twelve times as late as in the calm, doubled ones, crashes at
//! times and between any two effects, restarts, partitions of every kind, held
//! links, pauses, and what was saved last lost or torn.

use std::ops::RangeInclusive;

use rehearsal::machine::Draw as _;
use rehearsal::sim::chance::{Chance, Seed, Sequence, Stream};

use crate::support::{LEAST, Sketch, Spans};

/// How nodes come down, and whether all come up again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crashes {
    /// Some stay down until the end.
    ForEver,
    /// All are up at the calm.
    AllReturn,
}

/// A scenario of so many nodes that take part; what else runs in it has the numbers after theirs.
pub(crate) fn of(seed: u64, members: u64, others: u64, crashes: Crashes) -> Sketch {
    // Not the run's own seed, or its nodes' draws would go hand in hand with its faults.
    let words = Chance::new(Seed(!seed)).stream(Stream::Options);
    let mut weather = Weather { words, members, sketch: Sketch::hardened(members + others, LEAST) };
    weather.spans();
    weather.network();
    weather.partitions();
    weather.slowness();
    weather.disks(crashes);
    weather.crashes(crashes);
    weather.sketch
}

struct Weather {
    words: Sequence,
    members: u64,
    sketch: Sketch,
}

impl Weather {
    fn up_to(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.words.draw(range)
    }

    fn node(&mut self) -> u64 {
        self.up_to(1..=self.members)
    }

    fn instant(&mut self) -> u64 {
        self.up_to(0..=self.sketch.calm_at - 1)
    }

    fn fault(&mut self, fault: String) {
        self.sketch = self.sketch.clone().fault(fault);
    }

    /// Spans that the bound allows, most of them as short as they may be.
    fn spans(&mut self) {
        let delay = self.up_to(1..=20);
        let [more_answer, more_coordinator, more_leader] =
            [0; 3].map(|_: u64| if self.up_to(0..=1) == 0 { 0 } else { self.up_to(0..=60) });
        let answer_wait = 2 * delay + 1 + more_answer;
        let heartbeat = self.up_to(1..=6 * delay);
        let calm_at = self.up_to(1..=1_000);
        let coordinator_wait = answer_wait + 2 * delay + more_coordinator;
        let leader_wait = heartbeat + delay + more_leader;
        let spans = Spans { delay, answer_wait, coordinator_wait, heartbeat, leader_wait };
        let sketch = Sketch::hardened(self.sketch.nodes, spans);
        self.sketch = sketch.calm(calm_at, calm_at + 6 * spans.bound());
    }

    fn network(&mut self) {
        let delay = self.sketch.spans.delay;
        let [loss, double, late] = [30, 20, 50].map(|most| self.up_to(0..=most));
        let law = match self.up_to(0..=2) {
            0 => format!("Fixed(\"{delay}ms\")"),
            _ => format!("Uniform(\"0ms\", \"{delay}ms\")"),
        };
        let fifo = ["None", "All"][self.up_to(0..=1) as usize];
        self.sketch = self.sketch.clone().network(format!(
            "delay: {law}, loss: \"{loss}/100\", duplicate: \"{double}/100\", fifo: {fifo}, \
             reorder: (share: \"{late}/100\", by: \"{}ms\")",
            11 * delay
        ));
    }

    /// Links that are cut in every way, or held; not all of them heal before the calm.
    fn partitions(&mut self) {
        let all: Vec<_> = (1..=self.members).collect();
        for _ in 0..self.up_to(0..=4) {
            let (at, heal) = (self.instant(), self.instant());
            // Neither nobody nor everybody is on the one side.
            let side = self.up_to(1..=(1 << self.members) - 2);
            let side: Vec<_> = all.iter().filter(|node| side >> (*node - 1) & 1 == 1).collect();
            let (one, other) = (*side[0], *side[0] % self.members + 1);
            let kind = self.up_to(0..=5);
            let cut = match kind {
                0 => format!("OneWay(from: {side:?}, to: {all:?})"),
                1 => format!("Cut([({one}, {other})])"),
                2 => format!("Flap(sides: [{side:?}], cut: \"90ms\", open: \"70ms\")"),
                3 => format!("Hold(from: {one}, to: {other})"),
                _ => format!("Partition([{side:?}])"),
            };
            self.fault(format!("at: \"{at}ms\", do: {cut}"));
            if heal > at && kind == 3 {
                self.fault(format!("at: \"{heal}ms\", do: Release(from: {one}, to: {other})"));
            } else if heal > at {
                self.fault(format!("at: \"{heal}ms\", do: Heal"));
            }
        }
    }

    fn slowness(&mut self) {
        for _ in 0..self.up_to(0..=2) {
            let (node, at, lasts) = (self.node(), self.instant(), self.up_to(1..=400));
            self.fault(format!("at: \"{at}ms\", do: Pause(node: {node}, lasts: \"{lasts}ms\")"));
        }
    }

    /// Crashes right after a save, which is lost or torn by them, or after a vote.
    fn disks(&mut self, crashes: Crashes) {
        for _ in 0..self.up_to(0..=6) {
            let node = self.up_to(1..=self.sketch.nodes);
            let disk = ["LosesLast", "TearsLast"][self.up_to(0..=1) as usize];
            let when = match self.up_to(0..=2) {
                0 => format!("Sends(from: {node}, kind: \"vote\", nth: {})", self.up_to(1..=3)),
                // A node's first effects are few, and most of its saves are among them.
                _ => format!("Effect(of: {node}, nth: {})", self.up_to(1..=20)),
            };
            // None may come back after the calm, whenever it went down.
            let down = if crashes == Crashes::AllReturn { self.up_to(0..=200) } else { 0 };
            let bounce = format!("Bounce(node: {node}, down: \"{down}ms\", disk: {disk})");
            self.fault(format!("when: {when}, do: {bounce}"));
        }
    }

    fn crashes(&mut self, crashes: Crashes) {
        for _ in 0..self.up_to(0..=4) {
            let (node, nth) = (self.node(), self.up_to(1..=80));
            self.fault(format!("when: Effect(of: {node}, nth: {nth}), do: Crash({node})"));
            let at = self.instant();
            self.fault(format!("at: \"{at}ms\", do: Restart({node})"));
        }
        for _ in 0..self.up_to(0..=3) {
            let (node, nth) = (self.node(), self.up_to(1..=6));
            let kind = ["coordinator", "heartbeat", "election", "answer"];
            let kind = kind[self.up_to(0..=3) as usize];
            let when = format!("Sends(from: {node}, kind: \"{kind}\", nth: {nth})");
            self.fault(format!("when: {when}, do: Crash({node})"));
            let at = self.instant();
            self.fault(format!("at: \"{at}ms\", do: Restart({node})"));
        }
        for _ in 0..self.up_to(0..=4) {
            let (node, at) = (self.node(), self.instant());
            self.fault(format!("at: \"{at}ms\", do: Crash({node})"));
            if self.up_to(0..=2) > 0 {
                let back = self.up_to(at..=self.sketch.calm_at - 1);
                self.fault(format!("at: \"{back}ms\", do: Restart({node})"));
            }
        }
        if crashes == Crashes::AllReturn {
            for node in 1..=self.members {
                self.fault(format!("at: \"{}ms\", do: Restart({node})", self.sketch.calm_at));
            }
        }
    }
}
