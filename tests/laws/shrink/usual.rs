//! The usual values of a plan, on which a shrunk plan stands.

use rehearsal::sim::plan::{Decisions, Rest};
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::sim::{Keep, Options, Report, run};

use crate::courier::{AsWritten as _, Couriers, Five, at, couriers};

/// Otherwise two nodes that do the same would do it at the same instant again and
/// again, and fail to get anywhere.
#[test]
fn nodes_that_do_the_same_usually_do_it_apart() {
    let all = |order: &str| (1..=3).map(|node| at(10, node, order)).collect::<String>();
    let five = couriers().commands(all("Nap") + &all("Roll"));
    let exact = couriers().commands(all("Wait(5)"));
    let report = usual(&five);
    // A nap takes 1 ms at least. Where a range has one number there is no room.
    assert_eq!(armed(&report), [1_000, 1_001, 1_002]);
    assert_eq!(armed(&usual(&exact)), [5_000; 3]);
    let rolled: Vec<_> =
        (report.world.nodes().take(3)).map(|node| report.world.outputs(node)[1].clone()).collect();
    assert_eq!(rolled, ["rolled 1", "rolled 2", "rolled 3"]);
}

fn usual(five: &Five) -> Report<Couriers> {
    let usual = Decisions::listed([], Rest::Usual);
    run(&five.scenario(), Options::seed(1).keep(Keep::Trace).decisions(usual))
}

/// After how many microseconds each timer is due, in the order of the nodes.
fn armed(report: &Report<Couriers>) -> Vec<u64> {
    let events = report.outcome.events.as_ref().expect("they were kept").to_vec();
    let after = |event: &Event| match &event.what {
        EventKind::Arm { deadline, .. } => Some((deadline.as_nanos() - 10_000_000) / 1_000),
        _ => None,
    };
    events.iter().filter_map(after).collect()
}
