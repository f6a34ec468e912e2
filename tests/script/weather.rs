//! All that goes wrong in a run of the sweep, drawn from its seed: every kind
//! of fault that the repaired script can be asked to survive. What it cannot
//! is a disk that forgets what it was told to keep.

use std::ops::RangeInclusive;

use rehearsal::machine::Draw as _;
use rehearsal::sim::chance::{Chance, Seed, Sequence, Stream};

use super::support::Sketch;

pub(crate) const CALM_AT: u64 = 12_000;

/// What the seed has drawn so far of it.
pub(crate) struct Weather {
    words: Sequence,
    sketch: Sketch,
    /// The kind of each fault, in their order.
    kinds: Vec<&'static str>,
}

impl Weather {
    /// A whole scenario, and the kinds of its faults in their order.
    pub(crate) fn of(seed: u64, script: &str, expect: &str) -> (Sketch, Vec<&'static str>) {
        // Not the run's own seed, or its nodes' draws would go hand in hand with its faults.
        let mut words = Chance::new(Seed(!seed)).stream(Stream::Options);
        let resend = words.draw(40..=600);
        let sketch = Sketch::of(script).resend(resend);
        let mut weather = Self { words, sketch, kinds: Vec::new() };
        let most = weather.network();
        weather.partitions();
        weather.crashes();
        weather.slowness();
        weather.again_and_again();
        weather.late_join();
        // One message after the other, each with the longest wait for a copy, there and back; then
        // what a clock may be behind.
        let within = 50 * (resend + 2 * most + 100) + 10_000;
        let sketch = weather.sketch.calm_at(CALM_AT).until(CALM_AT + within);
        let all = format!("{expect}, Eventually(what: AllDelivered, within: \"{within}ms\")");
        (sketch.expect(all), weather.kinds)
    }

    fn up_to(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.words.draw(range)
    }

    fn user(&mut self) -> u64 {
        self.up_to(1..=6)
    }

    fn fault(&mut self, kind: &'static str, fault: String) {
        self.kinds.push(kind);
        self.sketch = self.sketch.clone().fault(fault);
    }

    /// Gives the longest delay in milliseconds.
    fn network(&mut self) -> u64 {
        let [loss, double, held, corrupt] = [30, 20, 20, 10].map(|most| self.up_to(0..=most));
        let by = self.up_to(1..=1_000);
        let (delay, most) = match self.up_to(0..=7) {
            0 => ("Exponential(\"20ms\")", 450),
            1 => ("LogNormal(median: \"20ms\", spread: \"1/2\")", 460),
            2 => {
                let bimodal = "Bimodal(usual: (\"1ms\", \"20ms\"), rare: (\"300ms\", \"600ms\"), \
                    share: \"1/20\")";
                (bimodal, 600)
            }
            3 => ("Fixed(\"100ms\")", 100),
            _ => ("Uniform(\"1ms\", \"500ms\")", 500),
        };
        let fifo = ["None", "None", "All", "Links([(1, 2), (2, 1), (4, 5)])"];
        let fifo = fifo[self.up_to(0..=3) as usize];
        let bandwidth = ["", "bandwidth: (rate: 20000),", "bandwidth: (rate: 5000, queue: 200),"];
        let bandwidth = bandwidth[self.up_to(0..=2) as usize];
        self.sketch = self.sketch.clone().network(format!(
            "delay: {delay}, loss: \"{loss}/100\", corrupt: \"{corrupt}/100\", \
             duplicate: \"{double}/100\", reorder: Some((share: \"{held}/100\", by: \"{by}ms\")), \
             fifo: {fifo}, {bandwidth}"
        ));
        most
    }

    /// Crashes at any boundary between two effects, and at times; what was
    /// saved last may be lost or torn if nothing came after it.
    fn crashes(&mut self) {
        let disks = ["Intact", "Intact", "LosesLast", "TearsLast"];
        for _ in 0..self.up_to(0..=6) {
            let (of, nth, down) = (self.user(), self.up_to(1..=120), self.up_to(0..=2_000));
            let disk = disks[self.up_to(0..=3) as usize];
            let bounce = format!("do: Bounce(node: {of}, down: \"{down}ms\", disk: {disk})");
            self.fault(disk, format!("when: Effect(of: {of}, nth: {nth}), {bounce}"));
        }
        for _ in 0..self.up_to(0..=3) {
            let (of, at, down) = (self.user(), self.up_to(0..=CALM_AT - 1), self.up_to(0..=2_000));
            let bounce = format!("do: Bounce(node: {of}, down: \"{down}ms\")");
            self.fault("bounce", format!("at: \"{at}ms\", {bounce}"));
        }
    }

    /// Links that are cut in every way, or held.
    fn partitions(&mut self) {
        for _ in 0..self.up_to(0..=3) {
            let at = self.up_to(0..=CALM_AT / 2);
            let heal = at + self.up_to(1..=CALM_AT / 4);
            // Neither nobody nor everybody is on the one side.
            let side = self.up_to(1..=(1 << 6) - 2);
            let side: Vec<_> = (1..=6).filter(|user| side >> (user - 1) & 1 == 1).collect();
            let (one, other) = (side[0], side[0] % 6 + 1);
            let (kind, cut) = match self.up_to(0..=4) {
                0 => ("one-way", format!("OneWay(from: {side:?}, to: [1, 2, 3, 4, 5, 6])")),
                1 => ("partial", format!("Cut([({one}, {other})])")),
                2 => ("flap", format!("Flap(sides: [{side:?}], cut: \"90ms\", open: \"70ms\")")),
                3 => ("hold", format!("Hold(from: {one}, to: {other})")),
                _ => ("partition", format!("Partition([{side:?}])")),
            };
            self.fault(kind, format!("at: \"{at}ms\", do: {cut}"));
            if kind == "hold" {
                let release = format!("do: Release(from: {one}, to: {other})");
                self.fault("release", format!("at: \"{heal}ms\", {release}"));
            } else {
                self.fault("heal", format!("at: \"{heal}ms\", do: Heal"));
            }
        }
    }

    /// Pauses, and clocks that are off.
    fn slowness(&mut self) {
        for _ in 0..self.up_to(0..=3) {
            let (user, at, span) =
                (self.user(), self.up_to(0..=CALM_AT - 1), self.up_to(1..=3_000));
            let (kind, what) = match self.up_to(0..=5) {
                0 => ("skew", format!("Skew(node: {user}, by: Ahead(\"{span}ms\"))")),
                1 => ("step", format!("Step(node: {user}, by: Behind(\"{span}ms\"))")),
                2 => ("drift", format!("Drift(node: {user}, by: Fast(\"{}/100\"))", span % 100)),
                3 => ("drift", format!("Drift(node: {user}, by: Slow(\"{}/100\"))", span % 90)),
                _ => ("pause", format!("Pause(node: {user}, lasts: \"{span}ms\")")),
            };
            self.fault(kind, format!("at: \"{at}ms\", do: {what}"));
        }
    }

    /// Faults that strike at random, and on whomever they meet.
    fn again_and_again(&mut self) {
        if self.up_to(0..=2) == 0 {
            let every = self.up_to(200..=5_000);
            let bounce = "Bounce(node: \"any\", down: \"150ms\")";
            self.fault("every", format!("every: Exponential(\"{every}ms\"), do: {bounce}"));
        }
        if self.up_to(0..=2) == 0 {
            let nth = self.up_to(1..=20);
            let bounce = "do: Bounce(node: \"it\", down: \"100ms\")";
            self.fault("becomes", format!("when: Becomes(role: '<', nth: {nth}), {bounce}"));
        }
        if self.up_to(0..=2) == 0 {
            let nth = self.up_to(1..=20);
            let pause = "do: Pause(node: \"it\", lasts: \"700ms\")";
            self.fault("receives", format!("when: Receives(kind: \"data\", nth: {nth}), {pause}"));
        }
    }

    /// A user that is not there at first.
    fn late_join(&mut self) {
        if self.up_to(0..=3) == 0 {
            let (user, at) = (self.user(), self.up_to(0..=CALM_AT - 1));
            self.sketch = self.sketch.clone().absent(user);
            self.fault("start", format!("at: \"{at}ms\", do: Start({user})"));
        }
    }
}
