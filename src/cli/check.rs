use std::path::{Path, PathBuf};

use clap::Args;
use rehearsal_sim::scenario::FileKind;

use super::file::FileText;
use super::{Cli, CliError, Command, Console, Exit};
use crate::real::digest_text;

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
                Ok(details) => console.line(&format!("ok    {}{details}", file.display()))?,
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
    let text = FileText::read(file)?;
    let protocol = cli.protocol_of(&text)?;
    match text.kind() {
        FileKind::Scenario => protocol.scenario(&text).map(drop)?,
        FileKind::Plan => protocol.plan(&text).map(drop)?,
        FileKind::Roster => {
            let cluster = protocol.cluster(cli.roster(file, false)?, None)?;
            let membership = cluster.membership();
            let (nodes, name) = (membership.roster.nodes(), membership.roster.cluster());
            let digest = digest_text(&membership.digest);
            return Ok(format!(": {nodes} nodes of {name:?}, digest {digest}"));
        }
    }
    Ok(String::new())
}
