//! Groups that keep an order of messages, in the virtual world.

mod conformance;
mod costs;
mod refusals;
mod swarm;

use std::path::Path;

use rehearsal::shipped::Ordering;
use rehearsal::sim::{Diagnostic, Files, Scenario};

/// What the file of the stock scenario of this name says.
fn source_of(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/hunt");
    std::fs::read_to_string(folder.join(name).with_extension("ron")).expect("it can be read")
}

/// The stock scenario of this name.
fn hunted(name: &str) -> Scenario<Ordering> {
    Scenario::parse(name, &source_of(name), Files::none()).expect("a right scenario")
}

/// Three nodes with these settings.
fn read(settings: &str) -> Result<Scenario<Ordering>, Box<Diagnostic>> {
    let text = format!(
        "(claim: \"a test\", network: (delay: Fixed(\"10ms\")), nodes: 3, until: \"1s\",
        protocol: Ordering(({settings})), expect: [])"
    );
    Scenario::parse("test.ron", &text, Files::none()).map_err(Box::new)
}
