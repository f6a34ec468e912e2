//! Every scenario tells the story that its snapshot holds.
//!
//! After a change that is meant to change stories: `INSTA_UPDATE=always cargo
//! test --test scenarios`, then read the diff, and commit it only if you
//! understand every line of it.

use std::path::{Path, PathBuf};

use rehearsal::shipped::{Chat, Deadlock, Election, Script};
use rehearsal::sim::scenario::heading;
use rehearsal::sim::story;
use rehearsal::sim::{Keep, Options, Protocol, Scenario, run};

/// Stories of more lines are kept without their trace; the digest vouches for it.
const MOST_LINES: usize = 400;

#[test]
fn every_scenario_tells_the_story_of_its_snapshot() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenarios = files(&root.join("scenarios"), "ron");
    assert!(!scenarios.is_empty());
    for file in scenarios {
        let name = file.strip_prefix(root).expect("it lies in the project").with_extension("");
        let place = name.strip_prefix("scenarios").expect("it is a scenario");
        let mut settings = insta::Settings::clone_current();
        let folder = place.parent().unwrap_or(Path::new(""));
        settings.set_snapshot_path(root.join("snapshots").join(folder));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            let stem = place.file_stem().expect("it has a name").to_string_lossy();
            insta::assert_snapshot!(stem.as_ref(), told_by_its_protocol(&file));
        });
    }
}

fn told_by_its_protocol(file: &Path) -> String {
    let source = std::fs::read_to_string(file).expect("it can be read");
    let heading = heading(&file.to_string_lossy(), &source).expect("a right scenario");
    match &*heading.protocol {
        Script::NAME => told::<Script>(file),
        Election::NAME => told::<Election>(file),
        Chat::NAME => told::<Chat>(file),
        Deadlock::NAME => told::<Deadlock>(file),
        other => panic!("no protocol {other} is known here"),
    }
}

fn told<P: Protocol>(file: &Path) -> String {
    let scenario = Scenario::<P>::open(file).expect("a right scenario");
    let options = Options::seed(0).keep(Keep::Trace);
    let seed = options.seed;
    let mut report = run(&scenario, options);
    let told = story::tell(&scenario, seed, &report);
    if told.lines().count() <= MOST_LINES {
        return told;
    }
    report.outcome.events = None;
    let digest = report.digest.expect("it was kept");
    format!("{}digest {digest}\n", story::tell(&scenario, seed, &report))
}

/// All files below a folder with this extension, in order.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    paths.sort();
    let below = |path: PathBuf| {
        if path.is_dir() {
            files(&path, extension)
        } else if path.extension().is_some_and(|found| found == extension) {
            vec![path]
        } else {
            Vec::new()
        }
    };
    paths.into_iter().flat_map(below).collect()
}
