use std::collections::BTreeSet;

use clap::Args;
use rehearsal_machine::NodeId;
use rehearsal_sim::Plan;
use rehearsal_sim::story::{self, Extent, Margin, Moment, View};
use rehearsal_sim::trace::Trace;

use super::CliError;

/// The arguments that say which part of a run a story tells. Nothing of it changes the run.
#[derive(Args)]
pub(super) struct ViewArguments {
    #[command(flatten)]
    filter: FilterArguments,
    /// Tell what happened around this event step by step: `failure`, the number of an event as in a
    /// trace, or a key as `--keys` shows it
    #[arg(long, value_name = "EVENT", conflicts_with_all = ["json", "whole"])]
    around: Option<Moment>,
    /// How many steps before and after that event
    #[arg(long, value_name = "STEPS", requires = "around", default_value_t = CONTEXT)]
    context: usize,
    /// Tell all of the run step by step, saves included: no repetitions are folded, and of a long
    /// failing run nothing is left out
    #[arg(long, conflicts_with = "json")]
    whole: bool,
}

/// The arguments that leave parts of a story out, and say what stands beside it.
#[derive(Args)]
pub(super) struct FilterArguments {
    /// Show the key of each message and timer in the story, as a plan lists it
    #[arg(long, conflicts_with = "json")]
    keys: bool,
    #[command(flatten)]
    parts: PartArguments,
}

/// The arguments that leave parts of a run out.
#[derive(Args)]
pub(super) struct PartArguments {
    /// Leave out the messages of this kind, or the timer of this name; can be given again
    #[arg(long, value_name = "KIND")]
    hide: Vec<String>,
    /// Tell only what happens to these nodes and in the network, as in n1,n2
    #[arg(long, value_name = "NODES", value_delimiter = ',', value_parser = node)]
    only: Vec<NodeId>,
}

const CONTEXT: usize = 20;

/// A plan of more decisions than this has not been shrunk, and its decisions are not what matters.
const MOST_MARKED: usize = 32;

fn node(text: &str) -> Result<NodeId, String> {
    let number = text.strip_prefix('n').unwrap_or(text).parse().ok();
    number.and_then(NodeId::new).ok_or_else(|| format!("`{text}` is no node: write `n1`"))
}

impl ViewArguments {
    /// The view of a run of this plan.
    pub(super) fn of_plan(&self, plan: &Plan) -> View {
        let mut view = self.view();
        if plan.decisions.len() <= MOST_MARKED {
            view.marked = plan.decisions.keys().cloned().collect();
        }
        view
    }

    pub(super) fn view(&self) -> View {
        let mut view = self.filter.view();
        view.extent = match &self.around {
            Some(what) => Extent::Around { what: what.clone(), context: self.context },
            None if self.whole => Extent::Whole,
            // Who looks for something has no use for an excerpt.
            None if view.only.is_empty() && view.hidden.is_empty() => Extent::Usual,
            None => Extent::Folded,
        };
        view
    }

    /// Refuses nodes that are not among so many.
    pub(super) fn check(&self, nodes: u32) -> Result<(), CliError> {
        self.filter.check(nodes)
    }

    /// What was asked for and is not to be found in this run.
    pub(super) fn missing(&self, events: &Trace) -> Vec<String> {
        let mut missing = self.filter.missing(&[events]);
        let first = events.dropped() + 1;
        let last = events.dropped() + events.len();
        match &self.around {
            Some(Moment::Event(number)) if !(first..=last).contains(number) => {
                missing.push(format!("--around {number}: the events are {first} to {last}"));
            }
            Some(Moment::Key(key))
                if !events.iter().any(|event| event.what.key().as_ref() == Some(key)) =>
            {
                missing.push(format!("--around {key}: nothing in this run has that name"));
            }
            _ => {}
        }
        missing
    }

    /// The options that are given, for a command that prints no story.
    pub(super) fn given(&self) -> [(bool, &'static str); 5] {
        [
            (self.filter.keys, "--keys"),
            (!self.filter.parts.hide.is_empty(), "--hide"),
            (!self.filter.parts.only.is_empty(), "--only"),
            (self.around.is_some(), "--around"),
            (self.whole, "--whole"),
        ]
    }
}

impl FilterArguments {
    /// The view with these parts left out.
    pub(super) fn view(&self) -> View {
        let mut view = self.parts.view();
        view.margin = if self.keys { Margin::Keys } else { Margin::Empty };
        view
    }

    /// Refuses nodes that are not among so many.
    pub(super) fn check(&self, nodes: u32) -> Result<(), CliError> {
        self.parts.check(nodes)
    }

    /// What was asked for and is not to be found in any of these runs.
    pub(super) fn missing(&self, runs: &[&Trace]) -> Vec<String> {
        self.parts.missing(runs)
    }
}

impl PartArguments {
    /// The view with these parts left out.
    pub(super) fn view(&self) -> View {
        let mut view = View::default();
        view.only = self.only.iter().copied().collect();
        view.hidden = self.hide.iter().cloned().collect();
        view
    }

    /// The options that are given, for a command that cannot leave parts out.
    pub(super) fn given(&self) -> [(bool, &'static str); 2] {
        [(!self.hide.is_empty(), "--hide"), (!self.only.is_empty(), "--only")]
    }

    /// Refuses nodes that are not among so many.
    pub(super) fn check(&self, nodes: u32) -> Result<(), CliError> {
        let last: BTreeSet<_> = self.only.iter().filter(|node| node.number() > nodes).collect();
        match last.first() {
            Some(node) => Err(CliError::usage(format!(
                "--only {node}: there is no such node (the nodes are n1 to n{nodes})"
            ))),
            None => Ok(()),
        }
    }

    /// What was asked for and is not to be found in any of these runs.
    pub(super) fn missing(&self, runs: &[&Trace]) -> Vec<String> {
        let mut unknown: BTreeSet<_> = self.hide.iter().map(String::as_str).collect();
        for event in runs.iter().flat_map(|events| events.iter()) {
            if unknown.is_empty() {
                break;
            }
            unknown
                .retain(|name| !event.what.key().is_some_and(|key| story::is_called(&key, name)));
        }
        let unknown = unknown.into_iter();
        unknown
            .map(|name| format!("--hide {name}: no message and no timer is called so here"))
            .collect()
    }
}
