//! A run in the forms of other programs, read as those read it.

mod dot;
mod mermaid;
mod parts;
mod perfetto;
mod shiviz;

use rehearsal::sim::story::Told;
use rehearsal::sim::{Outcome, Trace};

use crate::stock::Stock;

/// The events of a run of a stock scenario, as an export takes them.
fn told<'a>(one: &'a Stock, run: &'a Outcome) -> Told<'a> {
    let synopsis = one.synopsis();
    Told { events: events(run), network: Some(&synopsis.network), nodes: synopsis.nodes as usize }
}

fn events(run: &Outcome) -> &Trace {
    run.events.as_ref().expect("they were kept")
}

fn text(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut text = Vec::new();
    write(&mut text).expect("there is room");
    String::from_utf8(text).expect("it is UTF-8")
}
