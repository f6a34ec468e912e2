//! The main job under everything at once: whatever the network and the crashes
//! do until the calm, the six windows are the ones that the paper prints.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use rehearsal::sim::network::Lost;
use rehearsal::sim::trace::EventKind;
use rehearsal::sim::{Keep, Options, Trace};

use super::support::{PAPER_50, Run, SAFE, Sketch, Talk, node};
use super::weather::Weather;
use super::windows::expected;

fn sketch(seed: u64) -> (Sketch, Vec<&'static str>) {
    Weather::of(seed, PAPER_50, SAFE)
}

/// A run, and the kinds of its faults in their order.
pub(crate) fn rehearse(seed: u64) -> (Run, Vec<&'static str>) {
    let (sketch, kinds) = sketch(seed);
    (sketch.run_with(Options::seed(seed).keep(Keep::Verdict)), kinds)
}

/// What really happened, so that a sweep that disturbs nothing does not pass.
#[derive(Debug, Default)]
struct Happened {
    doubled: u64,
    restarts: u64,
    /// Deliveries that were saved, and then never told: the user crashed in between.
    untold: u64,
    /// How often each kind of fault struck.
    struck: BTreeMap<&'static str, u64>,
    /// Why messages were lost.
    reasons: BTreeMap<Lost, u64>,
}

impl AddAssign<&Run> for Happened {
    fn add_assign(&mut self, run: &Run) {
        let (tally, world) = (&run.0.tally, &run.0.world);
        self.doubled += tally.duplicates;
        let lives = world.nodes().filter_map(|node| world.incarnation(node));
        self.restarts += lives.map(|life| u64::from(life) - 1).sum::<u64>();
        for (reason, count) in &tally.lost {
            *self.reasons.entry(*reason).or_default() += count;
        }
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
        let (run, kinds) = rehearse(seed);
        assert!(run.0.held(), "seed {seed}: {:?}", run.0.failure);
        assert_eq!(run.0.windows, right, "seed {seed}");
        assert!(is_told_in_order(&run.told(), &windows), "seed {seed}: {:?}", run.told());
        assert!(!run.is_stuck(), "seed {seed}");
        happened += &run;
        for (kind, strikes) in kinds.into_iter().zip(&run.0.strikes) {
            *happened.struck.entry(kind).or_default() += strikes;
        }
    }
    println!("{seeds} seeds: {happened:?}");
    let Happened { doubled, restarts, untold, struck, reasons } = &happened;
    let counts = [doubled, restarts, untold].into_iter().chain(struck.values());
    let mut counts = counts.chain(reasons.values());
    // No message of the script is too large for a network.
    let all = counts.all(|count| *count > 0) && reasons.len() == 6 && struck.len() == 19;
    assert!(seeds < 1_000 || all, "{happened:?}");
}

#[test]
fn messages_of_a_link_overtake_each_other_in_the_sweep() {
    let overtaken = |seed| {
        let run = sketch(seed).0.run_with(Options::seed(seed).keep(Keep::Trace));
        let mut newest: BTreeMap<_, u32> = BTreeMap::new();
        let arrivals =
            run.0.events.iter().flat_map(Trace::iter).filter_map(|event| match event.what {
                EventKind::Deliver { message, copy: 0, .. } => Some(message),
                _ => None,
            });
        let late = arrivals.filter(|message| {
            let newest =
                newest.entry((message.from, message.to, message.kind.clone())).or_default();
            let is_late = message.nth < *newest;
            *newest = message.nth.max(*newest);
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
