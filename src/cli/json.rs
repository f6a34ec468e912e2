use rehearsal_machine::NodeId;
use rehearsal_sim::chance::Seed;
use rehearsal_sim::trace::{Digest, Event, FORMAT};
use rehearsal_sim::{Failure, Outcome, Synopsis};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::real::Summary as Recorded;

/// A run as one JSON object. Its fields and their order are part of the command line.
#[derive(Serialize)]
struct Summary<'a> {
    scenario: &'a str,
    seed: Seed,
    outcome: &'static str,
    violations: Vec<&'a Failure>,
    end_ns: u64,
    events: u64,
    sent: Map<String, Value>,
    delivered: u64,
    duplicates: u64,
    lost: Map<String, Value>,
    under_way: u64,
    digest: Option<Digest>,
    outputs: Map<String, Value>,
    safety_alone: Option<&'static str>,
    never: Vec<String>,
    untested: Vec<String>,
    unheard: u64,
}

pub(super) fn summary(synopsis: &Synopsis, seed: Seed, outcome: &Outcome) -> String {
    let tally = &outcome.tally;
    let windows = outcome.windows.iter().enumerate();
    let summary = Summary {
        scenario: &synopsis.name,
        seed,
        outcome: if outcome.held() { "held" } else { "violated" },
        violations: outcome.failure.iter().collect(),
        end_ns: outcome.end.as_nanos(),
        events: tally.events,
        sent: tally
            .sent
            .iter()
            .map(|(kind, count)| ((*kind).to_owned(), (*count).into()))
            .collect(),
        delivered: tally.delivered,
        duplicates: tally.duplicates,
        lost: tally.lost.iter().map(|(why, count)| (why.to_string(), (*count).into())).collect(),
        under_way: tally.under_way(),
        digest: outcome.digest,
        outputs: windows
            .map(|(place, lines)| {
                let node = NodeId::from_index(place).number().to_string();
                (node, lines.clone().into())
            })
            .collect(),
        safety_alone: outcome.safety_alone,
        never: never(synopsis, outcome),
        untested: outcome
            .untested_lines(synopsis)
            .map(|(line, why)| format!("{line}: {why}"))
            .collect(),
        unheard: tally.unheard,
    };
    text(&summary)
}

/// What the scenario provides for and the run did not see: faults that never
/// struck, and each `Sometimes` that never held.
fn never(synopsis: &Synopsis, outcome: &Outcome) -> Vec<String> {
    let unstruck = outcome.unstruck();
    let faults = unstruck.iter().map(|place| synopsis.faults[*place].to_string());
    faults.chain(outcome.never_true(synopsis).map(str::to_owned)).collect()
}

/// A trace as JSON lines: first what decided the run, then its events.
pub(super) fn trace(seed: Seed, plan: &str, events: &[Event]) -> String {
    #[derive(Serialize)]
    struct First<'a> {
        format: u32,
        seed: Seed,
        plan: &'a str,
    }
    lines(&First { format: FORMAT, seed, plan }, events)
}

/// The same of recorded nodes: first what was recorded of them.
pub(super) fn joined_trace(recorded: &Recorded, events: &[Event]) -> String {
    #[derive(Serialize)]
    struct First<'a> {
        format: u32,
        recorded: &'a Recorded,
    }
    lines(&First { format: FORMAT, recorded }, events)
}

fn lines(first: &impl Serialize, events: &[Event]) -> String {
    let lines = std::iter::once(text(first)).chain(events.iter().map(text));
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

fn text(value: &impl Serialize) -> String {
    // Our own structs, with strings for keys: nothing in them can refuse.
    serde_json::to_string(value).expect("numbers, strings, lists and maps of them")
}
