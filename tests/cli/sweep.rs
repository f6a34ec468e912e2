//! `rehearsal sweep`: many seeds, kept in a database.

use std::fs;

use rehearsal::Exit;
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::Value;

use super::{Folder, LOSSY, with};

fn lossy() -> Folder {
    Folder::with_paper().file("x.ron", LOSSY)
}

fn repaired() -> Folder {
    Folder::with_paper().file("x.ron", with(LOSSY, "AsPrinted", "Repaired"))
}

/// Every row of the database, in the order of the keys.
fn rows(folder: &Folder, file: &str) -> Vec<Vec<Sql>> {
    let database = Connection::open(folder.path(file)).expect("a database");
    let mut rows = Vec::new();
    for sql in [
        "SELECT scenario, scenario_digest, program_digest, options FROM tables ORDER BY 2, 3, 4",
        "SELECT scenario_digest, options, runs.* FROM runs JOIN tables ON in_table = id \
         ORDER BY 1, 2, seed",
        "SELECT scenario_digest, options, what, name, first_seed FROM sights \
         JOIN tables ON in_table = id ORDER BY 1, 2, what, name",
    ] {
        let mut statement = database.prepare(sql).expect("the schema");
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| (0..columns).map(|place| row.get(place)).collect();
        rows.extend(statement.query_map([], row).expect("rows").map(|row| row.expect("a row")));
    }
    rows
}

/// One object for each run that has ended.
fn runs(folder: &Folder, arguments: &str, exit: Exit) -> Vec<Value> {
    let told = folder.ends(&format!("sweep ./x.ron --jsonl {arguments}"), exit);
    let mut runs: Vec<Value> =
        told.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    runs.sort_by_key(|run| run["seed"].as_u64());
    runs
}

#[test]
fn a_sweep_tells_how_many_held_and_what_failed_nearest_to_the_usual() {
    let folder = lossy();
    let report = folder.ends("sweep ./x.ron --seeds 0..60", Exit::Violated);
    let again = report.lines().find_map(|line| line.trim_start().strip_prefix("again: rehearsal "));
    let plan = again.and_then(|again| again.strip_prefix("replay ")).expect("a plan");
    let replayed = folder.rehearsal(&format!("replay {plan}"));
    fs::remove_file(plan).expect("it was written");
    assert_eq!(replayed.exit, Exit::Violated);
    let seed = report.split_once("seed ").and_then(|(_, rest)| rest.split_once(' ')).expect("it").0;
    let runs = runs(&lossy(), "--seeds 0..60", Exit::Violated);
    let failing = runs.iter().filter(|run| run["verdict"] == "violated");
    let nearest = failing.min_by_key(|run| (run["unusual"].as_u64(), run["seed"].as_u64()));
    assert_eq!(nearest.expect("one fails")["seed"].to_string(), seed);
}

#[test]
fn a_sweep_without_a_failure_says_how_little_that_proves() {
    let report = repaired().ends("sweep ./x.ron --seeds 0..300", Exit::Held);
    assert!(report.contains("300 runs, "), "{report}");
    assert!(
        report.contains("no failure in 300 runs: below 3/300 of all seeds, at 95 %"),
        "{report}"
    );
    assert!(report.contains("Eventually(AllDelivered) held within 1s of the calm"), "{report}");
}

#[test]
fn seeds_that_are_done_are_not_run_again() {
    let folder = lossy();
    let first = runs(&folder, "--seeds 5..20", Exit::Violated);
    assert_eq!(first.len(), 15);
    assert!(runs(&folder, "--seeds 5..20", Exit::Violated).is_empty());
    let more = runs(&folder, "--seeds 0..30", Exit::Violated);
    let seeds: Vec<_> = more.iter().filter_map(|run| run["seed"].as_u64()).collect();
    assert_eq!(seeds, (0..5).chain(20..30).collect::<Vec<_>>());
    let whole = lossy();
    runs(&whole, "--seeds 0..30", Exit::Violated);
    assert_eq!(rows(&folder, "x.sweep.db"), rows(&whole, "x.sweep.db"));
}

#[test]
fn a_scenario_that_changed_begins_another_table_and_keeps_the_earlier_one() {
    let folder = lossy();
    runs(&folder, "--seeds 0..10", Exit::Violated);
    folder.write("x.ron", with(LOSSY, "AsPrinted", "Repaired"));
    let ran = folder.rehearsal("sweep ./x.ron --seeds 0..10");
    assert_eq!(ran.exit, Exit::Held, "{}", ran.out);
    assert!(ran.err.contains("10 runs of an earlier version"), "{}", ran.err);
    folder.write("x.ron", LOSSY);
    assert!(runs(&folder, "--seeds 0..10", Exit::Violated).is_empty());
    assert_eq!(rows(&folder, "x.sweep.db").iter().filter(|row| row.len() == 4).count(), 2);
}

#[test]
fn a_file_that_a_scenario_names_is_part_of_it() {
    let folder = lossy();
    runs(&folder, "--seeds 0..5", Exit::Violated);
    let paper = folder.read("paper-50.txt");
    let last = paper.trim_end().rfind('\n').expect("it has lines");
    folder.write("paper-50.txt", &paper[..=last]);
    assert_eq!(runs(&folder, "--seeds 0..5", Exit::Violated).len(), 5);
}

#[test]
fn the_rows_are_the_same_for_any_number_of_jobs() {
    let rows = ["--jobs 1", "--jobs 3"].map(|jobs| {
        let folder = lossy();
        runs(&folder, &format!("--seeds 0..40 --swarm {jobs}"), Exit::Violated);
        rows(&folder, "x.sweep.db")
    });
    assert_eq!(rows[0], rows[1]);
}

#[test]
fn shards_merged_are_the_whole_row_for_row() {
    let folder = lossy();
    runs(&folder, "--seeds 3..53 --database ./whole.db", Exit::Violated);
    let mut count = 0;
    for shard in 1..=4 {
        count += runs(&folder, &format!("--seeds 3..53 --shard {shard}/4"), Exit::Violated).len();
        fs::rename(
            folder.path(&format!("x.{shard}-of-4.sweep.db")),
            folder.path(&format!("{shard}.db")),
        )
        .expect("each shard has a file of its own");
    }
    assert_eq!(count, 50);
    let merged = folder.ends("sweep merge ./all.db ./4.db ./1.db ./3.db ./2.db", Exit::Held);
    assert_eq!(merged, "50 runs from 4 files added to all.db, 0 known before\n");
    assert_eq!(rows(&folder, "all.db"), rows(&folder, "whole.db"));
    let again = folder.ends("sweep merge ./all.db ./whole.db", Exit::Held);
    assert_eq!(again, "0 runs from 1 file added to all.db, 50 known before\n");
    assert_eq!(rows(&folder, "all.db"), rows(&folder, "whole.db"));
    // What contradicts it is not added.
    let other = Connection::open(folder.path("1.db")).expect("a database");
    other.execute("UPDATE runs SET digest = x'00' WHERE seed = 7", []).expect("a row");
    drop(other);
    let ran = folder.rehearsal("sweep merge ./all.db ./1.db");
    assert_eq!(ran.exit, Exit::Nondeterministic, "{}", ran.err);
    assert!(ran.err.contains("1.db: seed 7 has another result than in all.db"), "{}", ran.err);
    assert_eq!(rows(&folder, "all.db"), rows(&folder, "whole.db"));
    // A sweep goes on in what was merged.
    assert!(runs(&folder, "--seeds 3..53 --database ./all.db", Exit::Violated).is_empty());
}

#[test]
fn a_sweep_stops_after_so_many_failures_or_so_long() {
    let folder = lossy();
    runs(&folder, "--seeds 0..100000 --until-failures 3 --jobs 1", Exit::Violated);
    let failures = rows(&folder, "x.sweep.db");
    let violated = |row: &&Vec<Sql>| row.contains(&Sql::Text("violated".to_owned()));
    let failures = failures.iter().filter(violated).count();
    // One more may have begun before the third was known.
    assert!((3..=5).contains(&failures), "{failures}");
    let report = folder.ends("sweep ./x.ron --for 200ms --database ./y.db", Exit::Violated);
    assert!(!report.contains("interrupted"), "{report}");
}

#[test]
fn what_never_happened_is_told_and_fails_a_long_sweep() {
    let never = with(LOSSY, "AsPrinted", "Repaired").replace(
        "    calm_at: \"1s\",",
        "    faults: [(when: Emits(text: \"nobody says so\"), do: Crash(1))],\n    calm_at: \"1s\",",
    );
    let folder = Folder::with_paper().file("x.ron", never);
    let report = folder.ends("sweep ./x.ron --seeds 0..20", Exit::Held);
    assert!(report.contains("never in 20 runs\n      fault: crash n1"), "{report}");
    let report = folder.ends("sweep ./x.ron --seeds 0..20 --enough 20", Exit::Violated);
    assert!(report.contains("FAIL  what never happened was not put to the test"), "{report}");
}

#[test]
fn a_swarm_finds_what_the_scenario_itself_does_not_and_its_plan_needs_no_swarm() {
    let quiet = LOSSY.replace(", loss: \"10/100\", duplicate: \"5/100\"", "");
    let folder = Folder::with_paper().file("x.ron", quiet);
    folder.ends("sweep ./x.ron --seeds 0..50", Exit::Held);
    let report = folder.ends("sweep ./x.ron --seeds 0..50 --swarm", Exit::Violated);
    for again in report.lines().filter_map(|line| line.trim_start().strip_prefix("again: ")) {
        let file = again.strip_prefix("rehearsal replay ").expect("a plan was written");
        let plan = fs::read_to_string(file).expect("it can be read");
        assert!(plan.contains("\n    network: (") && !plan.contains("swarm"), "{plan}");
        let replayed = folder.rehearsal(&format!("replay {file}"));
        assert_eq!(replayed.exit, Exit::Violated, "{}", replayed.err);
        let shrunk = folder.rehearsal(&format!("shrink {file} --plan ./small.ron"));
        assert_eq!(shrunk.exit, Exit::Held, "{}{}", shrunk.out, shrunk.err);
        fs::remove_file(file).expect("it was written");
    }
}

#[test]
fn a_guided_sweep_has_the_same_rows_for_any_number_of_jobs_and_after_a_stop() {
    let whole = |jobs: u64| {
        let folder = repaired();
        folder.ends(
            &format!("sweep ./x.ron --swarm --guided --seeds 3..123 --jobs {jobs}"),
            Exit::Held,
        );
        rows(&folder, "x.sweep.db")
    };
    let one = whole(1);
    assert_eq!(one, whole(3));
    let folder = repaired();
    for end in [20, 61, 123] {
        folder.ends(&format!("sweep ./x.ron --swarm --guided --seeds 3..{end}"), Exit::Held);
    }
    assert_eq!(one, rows(&folder, "x.sweep.db"));
    // A swarm without guidance runs something else.
    let folder = repaired();
    folder.ends("sweep ./x.ron --swarm --coverage --seeds 3..123", Exit::Held);
    let digests =
        |rows: &[Vec<Sql>]| rows.iter().map(|row| row.last().cloned()).collect::<Vec<_>>();
    assert_ne!(digests(&one), digests(&rows(&folder, "x.sweep.db")));
}

#[test]
fn the_plan_of_a_guided_failure_replays_it_also_when_nothing_is_left_to_run() {
    let lossless = with(LOSSY, ", loss: \"10/100\", duplicate: \"5/100\"", "");
    let once = r#"swarm: (kinds: [Lose], share: "0/1", mishaps: 1), expect:"#;
    let folder = Folder::with_paper().file("x.ron", with(&lossless, "expect:", once));
    // Tells whether the run that represents the failures has the fates of another seed, and gives
    // its plan, which fails.
    let sweep = |first: u64, until: &str| {
        let end = first + 200;
        let command = format!("sweep ./x.ron --swarm --guided --seeds {first}..{end}{until}");
        let report = folder.ends(&command, Exit::Violated);
        let seed = report.split_once("seed ").and_then(|(_, rest)| rest.split_once(' '));
        let plan = report.split_once("rehearsal replay ").expect("a plan").1;
        let plan = plan.split_whitespace().next().expect("a file");
        let text = fs::read_to_string(plan).expect("it was written");
        let replayed = folder.rehearsal(&format!("replay {plan}"));
        fs::remove_file(plan).expect("it was written");
        assert_eq!(replayed.exit, Exit::Violated, "{}", replayed.out);
        (!text.contains(&format!("seed: {},", seed.expect("a seed").0)), text)
    };
    let (first, plan) = (0..10_000)
        .step_by(200)
        .find_map(|first| Some(sweep(first, "")).filter(|it| it.0).map(|it| (first, it.1)))
        .expect("many seeds are varied");
    // There are failures enough, so no block is begun.
    assert_eq!(sweep(first, " --until-failures 1").1, plan);
}

#[test]
fn guidance_needs_a_swarm_and_the_whole_range() {
    let folder = repaired();
    for (arguments, other) in [("--guided", "--swarm"), ("--swarm --guided --shard 1/2", "--shard")]
    {
        let refused = folder.rehearsal(&format!("sweep ./x.ron {arguments}"));
        assert_eq!(refused.exit, Exit::Usage);
        assert!(refused.err.contains(other), "{}", refused.err);
    }
}

#[test]
fn results_are_written_as_junit_has_them() {
    let folder = lossy();
    folder.ends("sweep ./x.ron --seeds 0..30 --junit ./x.xml", Exit::Violated);
    let xml = folder.read("x.xml");
    assert!(xml.contains("<testsuite name=\"x.ron\"") || xml.contains("x.ron\" tests="), "{xml}");
    assert!(xml.contains("<failure message=\"a user is stuck, in "), "{xml}");
}

#[test]
fn a_database_that_is_none_is_refused_and_stays_as_it_is() {
    let folder = lossy()
        .file("x.sweep.db", "this is no database, and longer than a header of one\n".repeat(9));
    let refused = folder.refused("sweep ./x.ron --seeds 0..5");
    assert!(refused.contains("this is no database of results"), "{refused}");
    let folder = lossy();
    let other = Connection::open(folder.path("x.sweep.db")).expect("a database");
    other.execute_batch("CREATE TABLE tickets (id INTEGER)").expect("a table");
    drop(other);
    let refused = folder.refused("sweep ./x.ron --seeds 0..5");
    assert!(refused.contains("this database is another program's"), "{refused}");
    let folder = lossy();
    runs(&folder, "--seeds 0..5", Exit::Violated);
    let later = Connection::open(folder.path("x.sweep.db")).expect("a database");
    later.pragma_update(None, "user_version", 2).expect("it is ours");
    drop(later);
    let refused = folder.refused("sweep ./x.ron --seeds 0..5");
    assert!(refused.contains("its results have format 2"), "{refused}");
}

#[test]
fn a_database_that_cannot_be_written_is_refused_with_the_option_that_names_another() {
    let folder = lossy();
    for database in ["./absent/x.db", "./."] {
        let ran = folder.rehearsal(&format!("sweep ./x.ron --seeds 0..5 --database {database}"));
        assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""), "{}", ran.err);
        assert!(ran.err.contains("--database"), "{}", ran.err);
    }
    let ran = folder.rehearsal("sweep merge ./all.db ./absent.db");
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.err.contains("there is no file absent.db"), "{}", ran.err);
    assert!(!folder.path("all.db").exists());
}

#[test]
fn two_sweeps_do_not_add_to_one_database_at_once() {
    let folder = lossy();
    runs(&folder, "--seeds 0..5", Exit::Violated);
    let file = fs::File::open(folder.path("x.sweep.db")).expect("it is there");
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive).expect("a lock");
    let ran = folder.rehearsal("sweep ./x.ron --seeds 0..50");
    assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""));
    assert!(ran.err.contains("another sweep adds to it"), "{}", ran.err);
    drop(file);
    assert_eq!(runs(&folder, "--seeds 0..6", Exit::Violated).len(), 1);
}

#[test]
fn results_are_not_replaced_by_another_output_or_an_input() {
    let folder = lossy();
    runs(&folder, "--seeds 0..5", Exit::Violated);
    let before = rows(&folder, "x.sweep.db");
    for wrong in ["--junit ./x.sweep.db", "--database ./x.ron", "--database ./paper-50.txt"] {
        let ran = folder.rehearsal(&format!("sweep ./x.ron --seeds 0..9 {wrong}"));
        assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""), "{wrong}: {}", ran.err);
    }
    assert_eq!(rows(&folder, "x.sweep.db"), before);
    assert_eq!(folder.read("x.ron"), LOSSY);
}

#[test]
fn a_shard_without_a_seed_has_nothing_to_do() {
    let folder = lossy();
    let told = folder.ends("sweep ./x.ron --seeds 0..3 --shard 4/9", Exit::Held);
    assert_eq!(told, "no seed is in this shard\n");
    // Its file can be merged with those of the others.
    folder.ends("sweep merge ./all.db ./x.4-of-9.sweep.db", Exit::Held);
}

#[cfg(feature = "mutants")]
#[test]
fn a_planted_bug_that_no_run_reaches_is_usage() {
    let folder = repaired();
    // The second time all runs are done already.
    for _ in 0..2 {
        let ran = folder.rehearsal("sweep ./x.ron --seeds 0..5 --mutant NoSuchBug");
        assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""));
        assert!(ran.err.contains("no code asked for the planted bug `NoSuchBug`"), "{}", ran.err);
    }
}

#[test]
fn coverage_is_counted_and_ends_a_sweep_that_covers_nothing_new() {
    let folder = repaired();
    let report = folder.ends("sweep ./x.ron --until-plateau 100 --jobs 2", Exit::Held);
    assert!(report.contains("covered: ") && report.contains(" step shapes, "), "{report}");
    let database = Connection::open(folder.path("x.sweep.db")).expect("a database");
    let count =
        |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count");
    assert!((100..5_000).contains(&count("SELECT count(*) FROM runs")));
    assert_eq!(count("SELECT count(*) FROM runs WHERE coverage IS NULL OR coverage < 5"), 0);
    assert!(count("SELECT count(*) FROM sights WHERE what = 'step'") > 10);
}

#[test]
fn ranges_and_shards_that_are_none_are_usage() {
    let folder = lossy();
    for wrong in [
        "--seeds 5..5",
        "--seeds 7..3",
        "--seeds 0..18446744073709551615",
        "--seeds all",
        "--shard 5/4",
        "--shard auto",
        "--until-failures 0",
        "--for 0s",
    ] {
        let ran = folder.rehearsal(&format!("sweep ./x.ron {wrong}"));
        assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""), "{wrong}");
    }
    assert!(!folder.path("x.sweep.db").exists());
}

#[test]
fn a_swarm_of_a_scenario_without_a_calm_is_refused() {
    let endless = with(LOSSY, "    calm_at: \"1s\",\n", "").replace(
        "expect: [Eventually(what: AllDelivered, within: \"1s\")]",
        "expect: [AtEnd(AllDelivered)]",
    );
    let folder = Folder::with_paper().file("x.ron", endless);
    let refused = folder.refused("sweep ./x.ron --swarm");
    assert!(refused.contains("give it a `calm_at`"), "{refused}");
}
