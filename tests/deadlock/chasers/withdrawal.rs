//! A verdict does not outlive its deadlock for long.

use rehearsal::protocol::deadlock::labels::{Config, Labels};
use rehearsal::protocol::resource::View;

use super::rounds::{DELAY, PERIOD};
use crate::chance::random;
use crate::drive::{Delay, World, at, ms};
use crate::support::{self, MOST, Sketch, node, seeds};
use crate::waits::Waits;

/// Each detector without a leader, and the most milliseconds that its verdicts may be untrue.
fn detectors() -> Vec<(&'static str, u64, Sketch)> {
    let [chasing, diffusing, labels, ..] = Sketch::others();
    let (nodes, round_trips) = (u64::from(chasing.2.nodes()), 2);
    let way = nodes * MOST;
    vec![
        (chasing.0, 3 * support::PERIOD + way, chasing.2),
        // Its period is as long as a round may take.
        (diffusing.0, 3 * round_trips * way + round_trips * way, diffusing.2),
        (labels.0, 3 * support::PERIOD + way, labels.2),
    ]
}

/// Every 300 ms somebody cancels. Nodes work for so long that others wait on behind them.
fn cancelled(sketch: &Sketch, seed: u64) -> Sketch {
    let mut state = seed.wrapping_mul(1_000_003);
    let nodes = u64::from(sketch.nodes());
    (1..10).fold(sketch.clone().works_for(1_500), |sketch, nth| {
        let to = 1 + random(&mut state) % nodes;
        sketch.command(&format!("at: \"{}ms\", to: {to}, command: Cancel", 300 * nth))
    })
}

/// Runs with a verdict that is untrue for longer than it may be, and runs with a deadlock.
pub(crate) fn outlived(place: usize) -> (usize, usize) {
    let (_, bound, sketch) = &detectors()[place];
    let expect = format!("Always(NoStaleVerdict(\"{bound}ms\")), Sometimes(SomebodyDeadlocked)");
    let (mut outlived, mut deadlocks) = (0, 0);
    for seed in 1..=seeds(60) {
        let run = cancelled(sketch, seed).expect(&expect).run(seed);
        outlived += usize::from(run.failure.is_some());
        deadlocks += usize::from(run.since[1].is_some());
    }
    (outlived, deadlocks)
}

#[test]
fn a_verdict_is_withdrawn_within_the_bound_when_another_node_cancels() {
    for (place, (name, ..)) in detectors().iter().enumerate() {
        let (outlived, deadlocks) = outlived(place);
        assert_eq!(outlived, 0, "{name}");
        assert!(deadlocks > 30, "{name}: {deadlocks}");
    }
}

/// When 3, which detects on a ring of three, finds the deadlock, and when it withdraws that, if 2
/// has nothing to wait for any more after two and a half periods.
#[test]
fn a_label_that_is_told_again_by_nodes_behind_does_not_confirm_a_verdict() {
    let labels =
        |nodes, me| Labels::new(Config { nodes, period: ms(PERIOD), resolves: false }, node(me));
    let mut world = World::new(3, Delay::Constant(ms(DELAY)), 0, |me| labels(3, me.number()));
    let ring = Waits::ring(3);
    world.see(&ring);
    world.run_until(2 * PERIOD + PERIOD / 2);
    assert_eq!(world.finders(), [3; 3]);
    world.look(2, &View { wait: None, ..ring.view(2) });
    world.look(3, &View { pending: Vec::new(), ..ring.view(3) });
    world.run_until(10 * PERIOD);
    assert_eq!(world.finders(), [3; 3]);
    assert_eq!(world.withdrawn(), [(at(5 * PERIOD), 3)]);
}
