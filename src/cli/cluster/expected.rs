//! What a scenario expects of the cluster, asked of its recordings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rehearsal_sim::scenario::FileKind;
use rehearsal_tcp::recording::Recording;

use crate::cli::file::FileText;
use crate::cli::protocols::{AnyCluster, AnyProtocol};
use crate::cli::recorded::Aftermath;
use crate::cli::{Cli, CliError, Console, Exit};

/// A scenario of the cluster's protocol, for as many nodes.
pub(super) struct Expected<'a> {
    text: FileText,
    protocol: &'a Arc<dyn AnyProtocol>,
}

impl<'a> Expected<'a> {
    /// Refuses a scenario of another protocol or another number of nodes.
    pub(super) fn open(
        file: &Path,
        cli: &'a Cli,
        cluster: &dyn AnyCluster,
    ) -> Result<Self, CliError> {
        let text = cli.read_as(FileKind::Scenario, file)?;
        let protocol = cli.protocol_of(&text)?;
        let (found, wanted) = (protocol.name(), cluster.protocol());
        if found != wanted {
            return Err(CliError::usage(format!(
                "{} is about `{found}`, and the cluster runs `{wanted}`: use a scenario of the \
                 same protocol",
                text.name
            )));
        }
        let found = protocol.scenario(&text)?.synopsis().nodes;
        let wanted = cluster.membership().roster.nodes();
        if found != wanted {
            return Err(CliError::usage(format!(
                "{} is about {found} nodes, and the cluster has {wanted}: use a scenario for as many",
                text.name
            )));
        }
        Ok(Self { text, protocol })
    }

    /// Asks what the scenario expects of these recordings.
    pub(super) fn judge(
        &self,
        recordings: &[PathBuf],
        aftermath: &Aftermath,
        console: &mut Console<'_>,
    ) -> Result<Exit, CliError> {
        let mut read = Vec::new();
        for file in recordings {
            let name = file.display().to_string();
            let recording = Recording::read(file)
                .map_err(|error| CliError::bad_input(format!("{name}: {error}")))?;
            read.push((name, recording));
        }
        self.protocol.judge_recorded(read, &self.text, aftermath, console)
    }
}
