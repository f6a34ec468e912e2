//! The stock scenarios, and which planted bugs are in the code that each of them runs.

use std::path::Path;

use rehearsal::shipped::{Chat, Deadlock, Election, Script};
use rehearsal::sim::scenario::heading;
use rehearsal::sim::{Case, Protocol, Scenario};

/// What the page says before its table.
pub const HEAD: &str = include_str!("head.md");

pub const TABLE: &[(&str, &[&str])] = &[TABLE_HERE];

/// The scenario of this name below `scenarios/hunt`.
pub fn case(name: &str) -> Case {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/hunt");
    let file = folder.join(name).with_extension("ron");
    let source = std::fs::read_to_string(&file).expect("it can be read");
    let heading = heading(&file.to_string_lossy(), &source).expect("a right scenario");
    match heading.protocol.as_str() {
        Chat::NAME => open::<Chat>(&file),
        Deadlock::NAME => open::<Deadlock>(&file),
        Election::NAME => open::<Election>(&file),
        Script::NAME => open::<Script>(&file),
        other => panic!("no protocol {other} is known here"),
    }
}

fn open<P: Protocol>(file: &Path) -> Case {
    Scenario::<P>::open(file).expect("a right scenario").into()
}
