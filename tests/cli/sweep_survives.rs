//! What a sweep survives: machines that panic or do not return, and being killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use rehearsal::Exit;
use rehearsal::machine::{Context, Input, Machine, NodeId, Nothing};
use rehearsal::sim::{Answer, Nodes, Plain, Protocol, Question, Reason};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::{Folder, LOSSY};

const SCENARIO: &str = r#"(claim: "It ends.", protocol: Fragile(HOW), nodes: 2, until: "1s",
    network: (delay: Fixed("1ms")), expect: [])"#;

/// Lets the machines return that were given up.
static IS_OVER: AtomicBool = AtomicBool::new(false);

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Fragile {
    Panics,
    Hangs,
}

impl Machine for Fragile {
    type Message = Nothing;
    type Command = Nothing;
    type Output = ();
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    /// One seed in eight goes wrong.
    fn handle(&mut self, _: Input<Self>, cx: &mut Context<'_, Self>) {
        if cx.draw(0..=15) > 0 {
            return;
        }
        match self {
            Self::Panics => panic!("it broke"),
            Self::Hangs => {
                while !IS_OVER.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            }
        }
    }
}

impl Protocol for Fragile {
    const NAME: &'static str = "Fragile";
    type Config = Self;
    type Machine = Self;
    type Property = Nothing;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build(how: &Self, _: NodeId, _: &Nodes) -> Result<Self, Reason> {
        Ok(*how)
    }

    fn holds(never: &Nothing, _: Question<'_, Self>) -> Answer {
        match *never {}
    }
}

fn folder(how: Fragile) -> Folder {
    let folder = Folder { cli: rehearsal::cli().protocol::<Fragile>(), ..Folder::new() };
    folder.file("x.ron", SCENARIO.replace("HOW", &format!("{how:?}")))
}

fn verdicts(folder: &Folder) -> Vec<(u64, String, Option<String>)> {
    let database = Connection::open(folder.path("x.sweep.db")).expect("a database");
    let sql = "SELECT seed, verdict, check_name FROM runs ORDER BY seed";
    let mut statement = database.prepare(sql).expect("the schema");
    let row = |row: &rusqlite::Row<'_>| {
        Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?, row.get(2)?))
    };
    statement.query_map([], row).expect("rows").map(|row| row.expect("a row")).collect()
}

#[test]
fn a_panic_of_a_machine_is_one_more_failure_and_the_sweep_goes_on() {
    let folder = folder(Fragile::Panics);
    let report = folder.ends("sweep ./x.ron --seeds 0..100", Exit::Violated);
    assert!(
        report.contains("FAIL  no_panic: panicked at tests/cli/sweep_survives.rs:"),
        "{report}"
    );
    let verdicts = verdicts(&folder);
    let failed = verdicts.iter().filter(|(_, verdict, _)| verdict == "violated").count();
    assert_eq!(verdicts.len(), 100);
    assert!((3..40).contains(&failed), "{failed}");
}

#[test]
fn a_machine_that_does_not_return_is_left_behind_and_the_sweep_goes_on() {
    let folder = folder(Fragile::Hangs);
    let arguments = "sweep ./x.ron --seeds 0..20 --jobs 2 --step-limit 200ms";
    let report = folder.ends(arguments, Exit::Violated);
    IS_OVER.store(true, Ordering::Relaxed);
    assert!(report.contains("FAIL  hangs: a step did not end in time"), "{report}");
    assert!(report.contains("--step-limit 200ms"), "{report}");
    let verdicts = verdicts(&folder);
    assert_eq!(verdicts.len(), 20);
    assert!(verdicts.iter().any(|(_, _, check)| check.as_deref() == Some("hangs")));
    assert!(verdicts.iter().any(|(_, verdict, _)| verdict == "held"));
    // It is the computer's time that has decided, so such a seed is run again; it returns by now.
    folder.ends(arguments, Exit::Held);
    assert!(self::verdicts(&folder).iter().all(|(_, verdict, _)| verdict == "held"));
}

/// Twenty sweeps are killed after a number of runs that is different each time, and the
/// last one comes to its end.
#[test]
fn a_sweep_that_was_killed_again_and_again_has_the_rows_of_one_that_was_not() {
    let sweep = |folder: &Folder| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
        command.current_dir(folder.path("."));
        command
            .args(["sweep", "x.ron", "--seeds", "0..20000", "--swarm", "--jsonl", "--jobs", "2"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        command
    };
    let folder = || Folder::with_paper().file("x.ron", LOSSY);
    let (killed, whole) = (folder(), folder());
    for kill in 0..20_u64 {
        let mut child = sweep(&killed).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        // Some are killed before their first run has ended.
        let after = kill * 2_654_435_761 % 97;
        for _ in 0..after {
            if lines.next().is_none() {
                break;
            }
        }
        child.kill().expect("it is there");
        child.wait().expect("it ends");
    }
    let before = verdicts(&killed).len();
    assert!((300..20_000).contains(&before), "{before} were done");
    for folder in [&killed, &whole] {
        let ran = sweep(folder).output().expect("it runs");
        assert_eq!(ran.status.code(), Some(1));
    }
    assert_eq!(verdicts(&killed).len(), 20_000);
    assert_eq!(dump(&killed), dump(&whole));
}

/// All of the file's content, in the order of its keys.
fn dump(folder: &Folder) -> Vec<Vec<rusqlite::types::Value>> {
    let database = Connection::open(folder.path("x.sweep.db")).expect("a database");
    let mut rows = Vec::new();
    for table in ["tables", "runs", "sights"] {
        let sql = format!("SELECT * FROM {table} ORDER BY 1, 2, 3");
        let mut statement = database.prepare(&sql).expect("the schema");
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| (0..columns).map(|place| row.get(place)).collect();
        rows.extend(statement.query_map([], row).expect("rows").map(|row| row.expect("a row")));
    }
    rows
}
