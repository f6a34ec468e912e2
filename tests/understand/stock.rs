//! The scenarios and plans that come along.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use rehearsal::shipped::{Chat, Deadlock, Election, Ordering, Script};
use rehearsal::sim::chance::Seed;
use rehearsal::sim::plan::{Plan, Rest};
use rehearsal::sim::scenario::{FileKind, heading};
use rehearsal::sim::{Keep, Options, Outcome, Protocol, Scenario, Synopsis};

/// What a file in `scenarios` is.
pub(crate) struct Stock {
    pub(crate) file: PathBuf,
    /// Its plan; of a scenario that of the run with seed 0.
    pub(crate) plan: Plan,
}

impl Stock {
    /// Its run with all that can be kept of it.
    pub(crate) fn run(&self) -> Outcome {
        run(&self.plan)
    }

    pub(crate) fn synopsis(&self) -> &Synopsis {
        self.plan.case.synopsis()
    }
}

/// The run of a plan with all that can be kept of it.
pub(crate) fn run(plan: &Plan) -> Outcome {
    plan.case.run(Options::plan(plan).keep(Keep::Values).waits(true))
}

/// All files in `scenarios`.
pub(crate) fn stock() -> Vec<Stock> {
    let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"));
    assert!(files.len() > 100, "{} scenarios", files.len());
    files.into_iter().map(|file| open(&file)).collect()
}

fn open(file: &Path) -> Stock {
    let source = std::fs::read_to_string(file).expect("it can be read");
    let heading = heading(&file.to_string_lossy(), &source).expect("a right file");
    let is_plan = heading.kind == FileKind::Plan;
    let plan = match heading.protocol.as_str() {
        Script::NAME => of_protocol::<Script>(file, &source, is_plan),
        Election::NAME => of_protocol::<Election>(file, &source, is_plan),
        Chat::NAME => of_protocol::<Chat>(file, &source, is_plan),
        Deadlock::NAME => of_protocol::<Deadlock>(file, &source, is_plan),
        Ordering::NAME => of_protocol::<Ordering>(file, &source, is_plan),
        other => panic!("no protocol {other} is known here"),
    };
    Stock { file: file.to_owned(), plan }
}

fn of_protocol<P: Protocol>(file: &Path, source: &str, is_plan: bool) -> Plan {
    if is_plan {
        return Plan::parse::<P>("plan.ron", source).expect("a right plan");
    }
    Plan {
        case: Scenario::<P>::open(file).expect("a right scenario").into(),
        seed: Seed(0),
        rest: Rest::Seed,
        decisions: IndexMap::new(),
        mutant: None,
        fails: None,
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    paths.sort();
    let below = |path: PathBuf| {
        if path.is_dir() {
            files(&path)
        } else if path.extension().is_some_and(|found| found == "ron") {
            vec![path]
        } else {
            Vec::new()
        }
    };
    paths.into_iter().flat_map(below).collect()
}
