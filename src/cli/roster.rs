//! The arguments that say which cluster a real node belongs to.

use std::path::PathBuf;

use clap::Args;
use rehearsal_machine::NodeId;
use rehearsal_sim::source::closest;
use rehearsal_tcp::Roster;

use super::CliError;
use crate::real::node_named;

/// Which nodes there are, and what all of them run.
#[derive(Args)]
pub(super) struct RosterArguments {
    /// The roster of the nodes
    pub(super) roster: PathBuf,
    /// Let the nodes follow this script, if their protocol has scripts
    #[arg(long, value_name = "FILE")]
    pub(super) script: Option<PathBuf>,
    /// Run without keys the nodes of a roster whose notation has no keys, all on this machine
    #[arg(long)]
    pub(super) insecure: bool,
}

/// The node of a roster that this option names, by its number or its name.
pub(super) fn node_of(roster: &Roster, option: &str, said: &str) -> Result<NodeId, CliError> {
    node_named(roster, said).ok_or_else(|| no_such_node(roster, option, said))
}

fn no_such_node(roster: &Roster, option: &str, said: &str) -> CliError {
    const SHOWN: usize = 10;
    let names: Vec<_> = roster.members().map(|(_, member)| member.name.as_str()).collect();
    let meant = closest(said, &names);
    let meant = meant.map_or(String::new(), |name| format!(" (did you mean `{name}`?)"));
    let more = if names.len() > SHOWN { ", .." } else { "" };
    CliError::usage(format!(
        "no node of the roster is called {said:?}{meant}: `{option}` takes a number from 1 to {} \
         or a name ({}{more})",
        roster.nodes(),
        names[..names.len().min(SHOWN)].join(", ")
    ))
}
