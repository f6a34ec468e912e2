use std::path::{Path, PathBuf};

use clap::Args;
use rehearsal_machine::printable;
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::source::bytes_of;

use super::file::FileText;
use super::watchdog::LOAD_LIMIT;
use super::{Cli, CliError, Command, Console, Exit};
use crate::real::{RosterText, digest_text};

/// `rehearsal check`.
#[derive(Args)]
pub(super) struct Check {
    /// Scenarios, plans and rosters
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl Command for Check {
    const NAME: &'static str = "check";
    const ABOUT: &'static str =
        "Check scenarios, plans and rosters for mistakes, without running anything";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let mut exit = Exit::Held;
        for file in &self.files {
            match checked(cli, file) {
                Ok(details) => {
                    let line = format!("ok    {}{details}", file.display());
                    console.line(&printable(&line))?;
                }
                Err(error) => {
                    console.complain(&error.message);
                    exit = error.exit;
                }
            }
        }
        Ok(exit)
    }
}

/// What there is to say of a right file, to be put after its name.
fn checked(cli: &Cli, file: &Path) -> Result<String, CliError> {
    let bytes = bytes_of(file)?;
    // A script names no keys, so a run of it needs `--insecure`. A check does not.
    if let Some(roster) = cli.translated(file, &bytes, true)? {
        return roster_details(cli, file, roster);
    }
    let text = FileText::of_bytes(file, bytes, &[])?;
    match text.kind() {
        FileKind::Scenario => cli.case(text, LOAD_LIMIT).map(drop)?,
        FileKind::Plan => cli.plan(text, LOAD_LIMIT).map(drop)?,
        FileKind::Roster => {
            return roster_details(cli, file, RosterText::of(file, text.source, &[], false)?);
        }
    }
    Ok(String::new())
}

fn roster_details(cli: &Cli, file: &Path, roster: RosterText) -> Result<String, CliError> {
    let cluster = cli.cluster_of(file, roster, None)?;
    let membership = cluster.membership();
    let (nodes, name) = (membership.roster.nodes(), membership.roster.cluster());
    let digest = digest_text(&membership.digest);
    Ok(format!(": {nodes} nodes of {name:?}, digest {digest}"))
}
