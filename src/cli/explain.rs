use std::path::PathBuf;

use clap::Args;
use rehearsal_sim::Keep;
use rehearsal_sim::story::{self, Moment};
use rehearsal_sim::trace::{Event, Origin, Past, lines};
use serde::Serialize;
use serde_json::Value;

use super::missed::Missed;
use super::subject::{RunArguments, Subject, Wanted};
use super::{Cli, CliError, Command, Console, Exit, json};

/// `rehearsal explain`.
#[derive(Args)]
pub(super) struct Explain {
    /// A plan, a trace or a scenario
    input: PathBuf,
    /// `failure`, the number of an event as in a trace, or the key of a message or timer, which
    /// stands for the first event that is about it
    event: Moment,
    /// The seed of a scenario [default: 0]
    #[arg(long)]
    seed: Option<u64>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Tell all ways that led to the event, and all of each
    #[arg(long)]
    whole: bool,
    #[command(flatten)]
    run: RunArguments,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Summary<'a> {
    name: &'a str,
    /// Of `failure`, if no event broke the check.
    missed: Option<&'a Missed>,
    event: Value,
    events: u64,
    before: &'a [u64],
    chains: Vec<ChainSummary>,
    omitted: usize,
}

/// So many ways an object of JSON has at most, unless all are asked for.
const MOST_IN_JSON: usize = 100;

#[derive(Serialize)]
struct ChainSummary {
    from: Origin,
    messages: usize,
    events: Vec<Value>,
}

impl Command for Explain {
    const NAME: &'static str = "explain";
    const ABOUT: &'static str = "Tell what led to an event: from which fault or command, through \
                                 which messages";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let wanted = Wanted {
            arguments: &self.run,
            seed: self.seed,
            has_others: false,
            keep: if self.json { Keep::Values } else { Keep::Trace },
        };
        let subject = cli.subject(&self.input, wanted)?;
        let missed =
            if matches!(self.event, Moment::Failure) { Missed::of(&subject) } else { None };
        let number = match missed.as_ref().and_then(|missed| missed.last_event) {
            Some(number) => number,
            None => self.number(&subject)?,
        };
        let most = match (self.whole, self.json) {
            (true, _) => usize::MAX,
            (false, true) => MOST_IN_JSON,
            (false, false) => story::MOST_WAYS,
        };
        let Some(past) = Past::of(&subject.events, number, most) else {
            unreachable!("`number` gives one that is kept");
        };
        if self.json {
            let summary = Summary { missed: missed.as_ref(), ..summary(&subject, number, &past) };
            console.line(&json::value(&summary).to_string())?;
        } else {
            let told = story::of_past(subject.told(), number, &past, self.whole);
            let head = missed.map_or_else(String::new, |missed| missed.told());
            console.print(&(head + &told))?;
        }
        Ok(Exit::Held)
    }
}

impl Explain {
    /// The number of the event, which is kept.
    fn number(&self, run: &Subject) -> Result<u64, CliError> {
        let events = &run.events;
        let (first, last) = (events.dropped() + 1, events.dropped() + events.len());
        match &self.event {
            _ if last < first => Err(CliError::usage(format!("{} has no events", run.name))),
            Moment::Event(number) if (first..=last).contains(number) => Ok(*number),
            Moment::Event(number) => Err(CliError::usage(format!(
                "{number}: the events of {} are {first} to {last}",
                run.name
            ))),
            Moment::Failure => match run.verdict().as_deref() {
                Some("held") => Err(no_failure(run, "held")),
                None => Err(no_failure(run, "has no verdict")),
                Some(_) => Ok(last),
            },
            Moment::Key(key) => {
                let about = |event: &Event| event.what.key().as_ref() == Some(key);
                let found = events.iter().find(about).map(|event| event.number);
                found.ok_or_else(|| {
                    CliError::usage(format!(
                        "{key}: nothing in {} has that name (`run --keys` shows the names)",
                        run.name
                    ))
                })
            }
        }
    }
}

fn no_failure(run: &Subject, why: &str) -> CliError {
    let name = &run.name;
    CliError::usage(format!("failure: {name} {why}: name an event by its number or key"))
}

fn summary<'a>(run: &'a Subject, number: u64, past: &'a Past) -> Summary<'a> {
    let events = run.events.to_vec();
    let object = |number: &u64| {
        let place = (number - run.events.dropped() - 1) as usize;
        events.get(place).map_or(Value::Null, lines::to_object)
    };
    let chains = past.chains.iter().map(|chain| ChainSummary {
        from: chain.from,
        messages: chain.messages,
        events: chain.events.iter().map(object).collect(),
    });
    Summary {
        name: &run.name,
        missed: None,
        event: object(&number),
        events: run.events.dropped() + run.events.len(),
        before: &past.before,
        chains: chains.collect(),
        omitted: past.more,
    }
}
