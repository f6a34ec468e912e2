use crate::contest::{Contest, Rounds, Spread, Who};
use crate::workloads;

const ROUNDS: usize = 11;

/// A Markdown table of all workloads whose names contain this.
pub(crate) fn print(filter: &str) {
    println!(
        "| workload | nodes | ours, ns | with digest, ns (factor) | bare heap, ns | bare wheel, ns \
         | speed relative to the heap, or to the run without expectations: median of {ROUNDS} \
         (min..max) | aim |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for mut contest in workloads::all() {
        if !contest.name.contains(filter) {
            continue;
        }
        let results = contest.hold(ROUNDS);
        println!("{}", row(&contest, &results));
    }
}

fn row(contest: &Contest, results: &[(Who, Rounds)]) -> String {
    let find = |wanted| results.iter().find(|(who, _)| *who == wanted).map(|(_, rounds)| rounds);
    let nanos = |who| find(who).map(|rounds| figure(rounds.spread().median));
    let ours = find(Who::Ours).expect("the engine takes part in everything");
    let with_digest = find(Who::Digest).map(|digest| {
        let factor = digest.over(ours).median;
        format!("{} (x{factor:.2})", figure(digest.spread().median))
    });
    let ratio = find(Who::Heap).or_else(|| find(Who::Unwatched)).map(|other| {
        let Spread { median, least, most } = other.over(ours);
        format!("{median:.2} ({least:.2}..{most:.2})")
    });
    let cells = [
        Some(contest.name.to_owned()),
        Some(contest.nodes.to_string()),
        nanos(Who::Ours),
        with_digest,
        nanos(Who::Heap),
        nanos(Who::Wheel),
        ratio,
        contest.required.map(|ratio| format!("{ratio:.2}")),
    ];
    let cells = cells.map(|cell| cell.unwrap_or_else(|| "-".to_owned()));
    format!("| {} |", cells.join(" | "))
}

/// Three significant digits or so.
fn figure(nanos: f64) -> String {
    if nanos < 100.0 { format!("{nanos:.1}") } else { format!("{nanos:.0}") }
}
