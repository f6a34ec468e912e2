//! What repeats with other numbers, at other times or among other nodes is counted.

use rehearsal_sim::plan::Decision;
use rehearsal_sim::story::Extent;

use crate::ballot::Ballots;
use crate::gossip::Gossip;
use crate::{key_of, played, scenario, told, trace_of, usual, with_extent};

const BALLOTS: &str = r#"nodes: 3, network: (delay: Fixed("10ms")), until: "8050ms""#;

#[test]
fn the_rounds_of_a_ballot_become_a_line() {
    let scenario = scenario::<Ballots>("Ballots(())", BALLOTS);
    let outcome = played(&scenario, &[]).outcome;
    let whole = told(&scenario, &outcome, &with_extent(Extent::Whole)).text;
    let short = told(&scenario, &outcome, &usual()).text;
    let (whole, short) = (trace_of(&whole), trace_of(&short));
    assert!(whole.len() > 1_000, "{} lines", whole.len());
    assert!(short.len() <= 40, "{}", short.join("\n"));
    let fold = short.iter().find(|line| line.contains(" events as before, until "));
    let fold = fold.expect("there is one");
    assert!(fold.contains("until 8020: 154 ballot, 154 vote"), "{fold}");
    assert!(short.last().expect("a line").contains("events as before"), "{}", short.join("\n"));
}

#[test]
fn echoes_among_changing_nodes_become_a_line() {
    let rest = r#"nodes: 6, network: (delay: Uniform("1ms", "20ms")), until: "5s""#;
    let scenario = scenario::<Gossip>("Gossip(())", rest);
    let report = rehearsal_sim::run(
        &scenario,
        rehearsal_sim::Options::seed(3).keep(rehearsal_sim::Keep::Trace),
    );
    let whole = told(&scenario, &report.outcome, &with_extent(Extent::Whole)).text;
    let short = told(&scenario, &report.outcome, &usual()).text;
    let (whole, short) = (trace_of(&whole), trace_of(&short));
    assert!(whole.len() > 5_000, "{} lines", whole.len());
    assert!(short.len() <= 120, "{} lines\n{}", short.len(), short.join("\n"));
}

#[test]
fn what_a_plan_lists_is_told_in_the_midst_of_what_repeats() {
    let scenario = scenario::<Ballots>("Ballots(())", BALLOTS);
    let lost = [("n1->n3:ballot#40", Decision::Lose)];
    let outcome = played(&scenario, &lost).outcome;
    let mut view = usual();
    view.marked.insert(key_of("n1->n3:ballot#40"));
    // The first loss is news by itself; the second one of the same shape only because it is listed.
    let text = told(&scenario, &outcome, &view).text;
    assert!(text.contains("-x n3  ballot 40  lost"), "{text}");
    let many: Vec<_> =
        (20..40).map(|nth| (format!("n1->n3:ballot#{nth}"), Decision::Lose)).collect();
    let many: Vec<_> = many.iter().map(|(key, lose)| (key.as_str(), lose.clone())).collect();
    let outcome = played(&scenario, &many).outcome;
    assert!(!told(&scenario, &outcome, &usual()).text.contains("ballot 33  lost"));
    view.marked.insert(key_of("n1->n3:ballot#33"));
    let text = told(&scenario, &outcome, &view).text;
    assert!(text.contains("-x n3  ballot 33  lost"), "{text}");
}
