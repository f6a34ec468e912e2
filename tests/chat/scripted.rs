//! The paper's first task, done by the whole node.

use rehearsal::shipped::Script;
use rehearsal::sim::{Keep, Options, Scenario, run};

use super::support::{rehearse, shipped};

#[test]
fn the_windows_are_those_of_users_who_do_nothing_else() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/script/paper.ron");
    let alone = Scenario::<Script>::open(path.as_ref()).expect("a right scenario");
    let alone = run(&alone, Options::seed(1).keep(Keep::Verdict));
    let whole = rehearse(&shipped("script"), 1);
    assert_eq!(alone.windows.iter().map(Vec::len).sum::<usize>(), 50);
    assert_eq!(whole.windows, alone.windows);
    assert_eq!(whole.tally.sent_of("data"), alone.tally.sent_of("data"));
    assert_eq!(whole.tally.sent_of("ack"), alone.tally.sent_of("ack"));
}
