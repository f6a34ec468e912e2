//! Groups that keep an order of messages, in the virtual world.

mod conformance;
mod refusals;

use std::path::Path;

use rehearsal::shipped::Ordering;
use rehearsal::sim::{Diagnostic, Files, Scenario};

/// The stock scenario of this name.
fn hunted(name: &str) -> Scenario<Ordering> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/hunt");
    Scenario::open(&folder.join(name).with_extension("ron")).expect("a right scenario")
}

/// Three nodes with these settings.
fn read(settings: &str) -> Result<Scenario<Ordering>, Box<Diagnostic>> {
    let text = format!(
        "(claim: \"a test\", network: (delay: Fixed(\"10ms\")), nodes: 3, until: \"1s\",
        protocol: Ordering(({settings})), expect: [])"
    );
    Scenario::parse("test.ron", &text, Files::none()).map_err(Box::new)
}
