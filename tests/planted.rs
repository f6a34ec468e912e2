//! Planted bugs are found by the swarm, and what is found becomes 1-minimal. The figures for all
//! of them are in docs/planted-bugs.md; here is the first bug of each stock scenario, or all
//! with `REHEARSAL_PLANTED=all`.

#![cfg(feature = "mutants")]
#![expect(
    clippy::disallowed_methods,
    reason = "how many bugs and seeds are tried is for the person who runs the tests"
)]

#[path = "../examples/planted_bugs/causes.rs"]
mod causes;
#[path = "../examples/planted_bugs/drill.rs"]
mod drill;
#[path = "../examples/planted_bugs/stock.rs"]
mod stock;
#[path = "../examples/planted_bugs/triggers.rs"]
mod triggers;

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use rehearsal::sim::Options;
use rehearsal::sim::chance::Seed;

/// Bugs that no hunt finds; docs/planted-bugs.md says what would be needed.
const MISSED: &[&str] = &["SelfMessage", "NoRevote", "PastAnswers", "GrantUnsaved"];

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("not 0")
}

#[test]
fn a_swarm_finds_planted_bugs_and_shrinks_them_to_1_minimal_plans() {
    let is_all = is_all();
    let mut left = String::new();
    for (scenario, mutants) in stock::TABLE {
        let case = stock::case(scenario);
        let hunted = mutants.iter().filter(|mutant| !MISSED.contains(mutant));
        for mutant in hunted.take(if is_all { usize::MAX } else { 1 }) {
            let sweep = drill::sweep(&case, mutant);
            let (_, swept) = drill::first_failure(&sweep, 0, 1_000, threads(2))
                .unwrap_or_else(|| panic!("{mutant} is not found in {scenario}"));
            let shrunk = drill::shrunk(&sweep, &swept, threads(2))
                .unwrap_or_else(|why| panic!("{mutant} in {scenario}, seed {}: {why}", swept.seed));
            assert_eq!(drill::idle_parts(&shrunk.plan), Vec::<String>::new(), "{mutant}");
            let again = shrunk.plan.case.run(Options::plan(&shrunk.plan));
            assert_eq!(again.fingerprint(shrunk.plan.case.synopsis()), shrunk.plan.fails);
            let alone = drill::shrunk(&sweep, &swept, threads(1)).expect("it shrinks again");
            assert_eq!(alone.plan.to_string(), shrunk.plan.to_string(), "{mutant}");
            let (seed, after) = (swept.seed, &shrunk.after);
            let failure = again.failure.expect("it fails");
            left += &format!("{scenario}, {mutant}, seed {seed}: {}\n", failure.check);
            left += &format!("    {} at {}ms\n    {after}\n", failure.reason, failure.at);
            left += &format!("    digest {}\n", again.digest.expect("the run has ended"));
        }
    }
    if !is_all {
        // The same in debug and release builds.
        insta::assert_snapshot!(left);
    }
}

/// As the page has it: of several hunts, the failures that are nearest to the usual are shrunk.
#[test]
fn plans_of_orders_are_little_larger_than_the_counterexamples_of_textbooks() {
    for (scenario, mutants) in stock::TABLE {
        let case = stock::case(scenario);
        let of_textbooks = mutants.iter().filter_map(|it| Some((it, stock::textbook(it)?)));
        for (mutant, (counterexample, size)) in of_textbooks.take(if is_all() { 99 } else { 1 }) {
            let sweep = drill::sweep(&case, mutant);
            let hunts = (0..20).map(|hunt| hunt * 1_000_000);
            let found =
                hunts.filter_map(|first| drill::first_failure(&sweep, first, 500, threads(2)));
            let found = found.map(|(_, swept)| swept).collect();
            let smallest =
                drill::smallest(found, &mut |swept| drill::shrunk(&sweep, swept, threads(2)));
            let (_, shrunk) = smallest.expect("it is found").expect("it shrinks");
            let left = shrunk.after.unusual();
            assert!(
                left <= size + stock::BEYOND_TEXTBOOK,
                "{mutant}: {left} are left, the textbook has {size}: {counterexample}"
            );
        }
    }
}

/// The first bug of every fourth scenario, or all.
#[test]
fn the_causes_of_planted_bugs_are_as_the_page_has_them() {
    let page = fs::read_to_string("docs/planted-causes.md").expect("it is there");
    let step = if is_all() { 1 } else { 4 };
    for (scenario, mutants) in stock::TABLE.iter().step_by(step) {
        let case = stock::case(scenario);
        for mutant in mutants.iter().take(if is_all() { usize::MAX } else { 1 }) {
            if let Some(row) = causes::row(scenario, &case, mutant, threads(2)) {
                assert!(page.contains(&row), "{row}");
            }
        }
    }
}

#[test]
fn what_sets_a_planted_bug_off_is_among_the_first_causes_of_nine_in_ten() {
    let page = fs::read_to_string("docs/planted-causes.md").expect("it is there");
    assert!(page.starts_with(causes::HEAD), "the page is written anew by its command");
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    let missed = rows.iter().filter(|row| causes::is_missed(row)).count();
    assert!(rows.len() >= 100 && missed * 10 <= rows.len(), "{missed} of {}", rows.len());
    let told: BTreeSet<_> = triggers::SETS_OFF.iter().map(|(mutant, _)| *mutant).collect();
    let hunted = stock::TABLE.iter().flat_map(|(_, mutants)| mutants.iter().copied());
    let hunted: BTreeSet<_> = hunted.filter(|mutant| !MISSED.contains(mutant)).collect();
    assert_eq!(told, hunted);
    let in_page: BTreeSet<_> = rows.iter().filter_map(|row| row.split(' ').nth(1)).collect();
    assert_eq!(in_page, told);
}

fn is_all() -> bool {
    std::env::var("REHEARSAL_PLANTED").is_ok_and(|which| which == "all")
}

/// A bug that is in no table is one that nobody looks for.
#[test]
fn every_planted_bug_is_in_the_table_once() {
    let mut planted = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("protocol/src"), &mut planted);
    let hunted: Vec<_> = stock::TABLE.iter().flat_map(|(_, mutants)| mutants.iter()).collect();
    let distinct: BTreeSet<_> = hunted.iter().map(|mutant| (**mutant).to_owned()).collect();
    assert_eq!(distinct.len(), hunted.len());
    assert_eq!(distinct, planted);
    assert!(planted.len() >= 60, "{}", planted.len());
    let of_orders = stock::TABLE.iter().filter(|(scenario, _)| scenario.starts_with("ordering-"));
    let of_orders: BTreeSet<_> = of_orders.flat_map(|(_, mutants)| mutants.iter()).collect();
    let with_textbook: BTreeSet<_> = stock::TEXTBOOK.iter().map(|(mutant, ..)| mutant).collect();
    assert_eq!(with_textbook, of_orders);
    assert!(!stock::HEAD.is_empty());
}

fn collect(folder: &Path, planted: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, planted);
            continue;
        }
        let source = fs::read_to_string(&path).expect("text");
        let names = source.split("mutant!(").skip(1).filter_map(|rest| rest.split(')').next());
        planted.extend(names.map(str::to_owned));
    }
}

/// The same file serves for the clean machine, which survives it. Files are swept in full,
/// so that one run over many seeds tells of all failures.
#[test]
fn the_clean_machines_survive_the_same_swarm() {
    let seeds: u64 =
        std::env::var("REHEARSAL_SEEDS").map_or(40, |seeds| seeds.parse().expect("a number"));
    let (mut failures, mut runs) = (Vec::new(), 0);
    for (scenario, _) in stock::TABLE {
        let sweep = rehearsal::sim::sweep::Sweep::of(&stock::case(scenario));
        let sweep = sweep.swarming(&|case, options| case.run(options)).expect("it has a calm");
        let mut runner = sweep.runner();
        for swept in (0..seeds).map(|seed| runner.run(Seed(seed))) {
            runs += 1;
            if let Some(fingerprint) = swept.fingerprint {
                failures.push(format!("{scenario}, seed {}: {fingerprint:?}", swept.seed));
            }
        }
    }
    println!("{runs} runs of clean machines, {} failures", failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
