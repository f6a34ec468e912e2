//! The arguments that say which cluster a real node belongs to.

use std::path::PathBuf;

use clap::Args;

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
