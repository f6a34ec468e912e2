use std::path::Path;

use rehearsal::shipped::Script;
use rehearsal::sim::Scenario;

use crate::test_cluster::within_a_minute;
use crate::worlds::{Real, rehearsed};

#[test]
fn users_hear_the_papers_script_as_they_rehearsed_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/script/paper.ron");
    let scenario: Scenario<Script> = Scenario::open(&path).expect("it is sound");
    let rehearsed = rehearsed(&scenario);
    within_a_minute(async {
        let real = Real::start(&scenario);
        let count = |told: &[Vec<String>]| told.iter().map(Vec::len).sum::<usize>();
        assert_eq!(count(&rehearsed), 50);
        assert_eq!(real.until(|told| count(told) >= 50).await, rehearsed);
    });
}
