use rehearsal_machine::NodeId;
use rehearsal_sim::chance::Seed;
use rehearsal_sim::trace::Digest;
use rehearsal_sim::{Failure, Outcome, Stuck, Synopsis};
use serde::Serialize;
use serde_json::{Map, Value};

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
    costs: &'a [String],
    digest: Option<Digest>,
    outputs: Map<String, Value>,
    safety_alone: Option<&'static str>,
    never: Vec<String>,
    untested: Vec<String>,
    unheard: u64,
    stuck: Option<&'a Stuck>,
}

pub(super) fn summary(synopsis: &Synopsis, seed: Seed, outcome: &Outcome) -> String {
    text(&summarized(synopsis, seed, outcome))
}

/// The same as the end of a trace has it.
pub(super) fn verdict(synopsis: &Synopsis, seed: Seed, outcome: &Outcome) -> Value {
    value(&summarized(synopsis, seed, outcome))
}

fn summarized<'a>(synopsis: &'a Synopsis, seed: Seed, outcome: &'a Outcome) -> Summary<'a> {
    let tally = &outcome.tally;
    let windows = outcome.windows.iter().enumerate();
    Summary {
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
        costs: &outcome.costs,
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
        stuck: outcome.stuck.as_ref(),
    }
}

/// What the scenario provides for and the run did not see: faults that never
/// struck, and each `Sometimes` that never held.
fn never(synopsis: &Synopsis, outcome: &Outcome) -> Vec<String> {
    let unstruck = outcome.unstruck();
    let faults = unstruck.iter().map(|place| synopsis.faults[*place].to_string());
    faults.chain(outcome.never_true(synopsis).map(str::to_owned)).collect()
}

/// As JSON to be put into something larger.
pub(super) fn value(value: &impl Serialize) -> Value {
    // As `text`.
    serde_json::to_value(value).expect("numbers, strings, lists and maps of them")
}

fn text(value: &impl Serialize) -> String {
    // Our own structs, with strings for keys: nothing in them can refuse.
    serde_json::to_string(value).expect("numbers, strings, lists and maps of them")
}
