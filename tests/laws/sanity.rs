//! What no network may do, read off the trace of random runs.

use proptest::prelude::*;
use rehearsal::machine::Time;
use rehearsal::sim::network::Lost;

use crate::accountant::{Circumstances, audit};
use crate::courier::{AsWritten, Five, ROUGH, couriers};

fn circumstances(five: &Five) -> Circumstances {
    Circumstances {
        nodes: 5,
        network: five.scenario().network().clone(),
        calm_at: None,
        core: Vec::new(),
        until: Time::from_millis(10_000),
        amnesia: Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_arrives_unsent_twice_early_or_at_a_node_that_is_down(
        seed in 0_u64..1_000_000,
        bounces in prop::collection::vec((0_u32..9_000, 1_u32..=5, 1_u32..2_000), 0..6),
        crashes_by_effect in prop::collection::vec((1_u32..=5, 1_u32..60), 0..4),
        cut in 0_u32..3_000,
    ) {
        let mut faults = format!(
            r#"(at: "{cut}ms", do: Partition([[1, 3]])), (at: "{}ms", do: Heal),"#, cut + 2_000);
        for (at, node, down) in &bounces {
            faults += &format!(r#"(at: "{at}ms", do: Bounce(node: {node}, down: "{down}ms")),"#);
        }
        for (node, nth) in &crashes_by_effect {
            faults += &format!(
                r#"(when: Effect(of: {node}, nth: {nth}), do: Bounce(node: {node}, down: "1s")),"#);
        }
        let five = couriers().over(ROUGH).random(300).wrong(faults);
        let account = audit(&five.events(seed), &circumstances(&five)).map_err(TestCaseError::fail)?;
        prop_assert!(account.delivered > 50);
        prop_assert_eq!(account.disturbed, 0);
    }
}

#[test]
fn mail_to_a_node_that_is_down_is_missed_and_counted() {
    let five = couriers()
        .over(ROUGH)
        .random(300)
        .wrong(r#"(at: "0ms", do: Crash(2)), (at: "2s", do: Bounce(node: 3, down: "3s")),"#);
    let report = five.run(4);
    let account = audit(&five.events(4), &circumstances(&five)).expect("nothing is wrong");
    assert_eq!((account.delivered, &account.lost), (report.tally.delivered, &report.tally.lost));
    assert!(report.tally.lost[&Lost::Down] > 20);
}
