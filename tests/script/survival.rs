//! The main job under everything at once: whatever the network and the crashes
//! do until the calm, the six windows are the ones that the paper prints.

use std::ops::{AddAssign, RangeInclusive};

use rehearsal::protocol::Draw as _;
use rehearsal::sim::chance::{Chance, Seed, Sequence, Stream};
use rehearsal::sim::network::Lost;
use rehearsal::sim::trace::What;
use rehearsal::sim::{Keep, Options};

use super::support::{PAPER_50, Run, SAFE, Sketch, Talk, node};
use super::windows::expected;

/// All that goes wrong in a run is drawn from its seed.
struct Weather(Sequence);

impl Weather {
    fn of(seed: u64) -> Self {
        // Not the run's own seed, or its nodes' draws would go hand in hand with its faults.
        Self(Chance::new(Seed(!seed)).stream(Stream::Options))
    }

    fn up_to(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0.draw(range)
    }

    fn network(&mut self) -> String {
        let [loss, double, held] = [30, 20, 20].map(|most| self.up_to(0..=most));
        let by = self.up_to(1..=1_000);
        format!(
            "delay: Uniform(\"1ms\", \"500ms\"), loss: \"{loss}/100\", \
             duplicate: \"{double}/100\", reorder: Some((share: \"{held}/100\", by: \"{by}ms\"))"
        )
    }

    /// Crashes at any boundary between two effects, and at times.
    fn crashes(&mut self, mut sketch: Sketch) -> Sketch {
        for _ in 0..self.up_to(0..=6) {
            let (of, nth, down) = (self.user(), self.up_to(1..=120), self.up_to(0..=2_000));
            let bounce = format!("do: Bounce(node: {of}, down: \"{down}ms\")");
            sketch = sketch.fault(format!("when: Effect(of: {of}, nth: {nth}), {bounce}"));
        }
        for _ in 0..self.up_to(0..=3) {
            let (of, at, down) = (self.user(), self.up_to(0..=CALM_AT - 1), self.up_to(0..=2_000));
            let bounce = format!("do: Bounce(node: {of}, down: \"{down}ms\")");
            sketch = sketch.fault(format!("at: \"{at}ms\", {bounce}"));
        }
        sketch
    }

    fn partitions(&mut self, mut sketch: Sketch) -> Sketch {
        for _ in 0..self.up_to(0..=3) {
            let at = self.up_to(0..=CALM_AT / 2);
            let heal = at + self.up_to(1..=CALM_AT / 4);
            // Neither nobody nor everybody is on the one side.
            let side = self.up_to(1..=(1 << 6) - 2);
            let side: Vec<_> = (1..=6).filter(|user| side >> (user - 1) & 1 == 1).collect();
            sketch = sketch.fault(format!("at: \"{at}ms\", do: Partition([{side:?}])"));
            sketch = sketch.fault(format!("at: \"{heal}ms\", do: Heal"));
        }
        sketch
    }

    fn user(&mut self) -> u64 {
        self.up_to(1..=6)
    }
}

const CALM_AT: u64 = 12_000;
/// One message after the other, each with the longest wait for a copy, there and back.
const WITHIN: u64 = 50 * (600 + 500 + 500) + 2_000;

fn sketch(seed: u64) -> Sketch {
    let mut weather = Weather::of(seed);
    let resend = weather.up_to(40..=600);
    let sketch = Sketch::of(PAPER_50).resend(resend).network(weather.network());
    let sketch = weather.partitions(sketch);
    let sketch = weather.crashes(sketch).calm_at(CALM_AT).until(CALM_AT + WITHIN);
    sketch.expect(format!("{SAFE}, Eventually(what: AllDelivered, within: \"{WITHIN}ms\")"))
}

pub(crate) fn rehearse(seed: u64) -> Run {
    sketch(seed).run_with(Options::seed(seed).keep(Keep::Verdict))
}

/// What really happened, so that a sweep that disturbs nothing does not pass.
#[derive(Debug, Default)]
struct Happened {
    lost: u64,
    cut: u64,
    missed: u64,
    doubled: u64,
    restarts: u64,
    /// Deliveries that were saved, and then never told: the user crashed in between.
    untold: u64,
}

impl AddAssign<&Run> for Happened {
    fn add_assign(&mut self, run: &Run) {
        let (tally, world) = (&run.0.tally, &run.0.world);
        let lost = |reason| tally.lost.get(&reason).copied().unwrap_or_default();
        self.lost += lost(Lost::Loss);
        self.cut += lost(Lost::Partition);
        self.missed += lost(Lost::Down);
        self.doubled += tally.duplicates;
        let lives = world.nodes().filter_map(|node| world.incarnation(node));
        self.restarts += lives.map(|life| u64::from(life) - 1).sum::<u64>();
        self.untold += 50 - run.told().iter().flatten().count() as u64;
    }
}

/// Owners are told at most once, in order; a crash between saving and telling
/// costs the telling, never the line in the window.
fn is_told_in_order(told: &[Vec<usize>], windows: &[Vec<usize>]) -> bool {
    told.iter().zip(windows).all(|(told, window)| {
        told.is_sorted_by(|a, b| a < b) && told.iter().all(|number| window.contains(number))
    })
}

#[test]
fn all_windows_are_right_whatever_happens_before_the_calm() {
    #[expect(clippy::disallowed_methods, reason = "how long to try is up to who runs the tests")]
    let seeds = std::env::var("REHEARSAL_SEEDS").map_or(10_000, |seeds| seeds.parse().unwrap());
    let windows = Talk::read(PAPER_50).windows();
    let right = expected(50);
    let mut happened = Happened::default();
    for seed in 1..=seeds {
        let run = rehearse(seed);
        assert!(run.0.held(), "seed {seed}: {:?}", run.0.failure);
        assert_eq!(run.0.windows, right, "seed {seed}");
        assert!(is_told_in_order(&run.told(), &windows), "seed {seed}: {:?}", run.told());
        assert!(!run.is_stuck(), "seed {seed}");
        happened += &run;
    }
    println!("{seeds} seeds: {happened:?}");
    let Happened { lost, cut, missed, doubled, restarts, untold } = happened;
    let kinds = [lost, cut, missed, doubled, restarts, untold];
    assert!(seeds < 1_000 || kinds.iter().all(|count| *count > 0), "{happened:?}");
}

#[test]
fn messages_of_a_link_overtake_each_other_in_the_sweep() {
    let overtaken = |seed| {
        let run = sketch(seed).run_with(Options::seed(seed).keep(Keep::Trace));
        let mut newest = [[0; 6]; 6];
        let arrivals = run.0.events.iter().flatten().filter_map(|event| match &event.what {
            What::Deliver { node, message } if message.copy == 0 => Some((*node, message)),
            _ => None,
        });
        let late = arrivals.filter(|(to, message)| {
            let newest = &mut newest[message.from.index()][to.index()];
            let is_late = message.count < *newest;
            *newest = message.count.max(*newest);
            is_late
        });
        late.count()
    };
    let overtaken: usize = (1..=20).map(overtaken).sum();
    assert!(overtaken > 20, "{overtaken}");
}

#[test]
fn a_restarted_user_shows_the_window_it_had() {
    // User 4 has the longest window; it crashes after every one of its effects in turn.
    let mut crashes = 0;
    for nth in 1.. {
        let crash = format!("when: Effect(of: 4, nth: {nth}), do: Bounce(node: 4, down: \"20ms\")");
        let run = Sketch::of(PAPER_50).fault(crash).run();
        run.assert_held();
        assert_eq!(run.0.windows, expected(50), "effect {nth}");
        if run.0.world.incarnation(node(4)) == Some(1) {
            break;
        }
        crashes += 1;
    }
    assert!(crashes > 12 * 3, "each delivery has three effects: {crashes}");
}
