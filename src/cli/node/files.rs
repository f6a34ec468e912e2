//! The files of a node, checked before anything is changed.

use std::path::{Path, PathBuf};

use rehearsal_sim::Protocol;

use super::Node;
use crate::cli::CliError;
use crate::cli::output::is_same_place;
use crate::real::{Cluster, OWN_FILES};

/// Refuses files that would replace each other: the node writes its own files and its recording,
/// and reads its roster, the files that the roster names, and its script. Gives those that no file
/// of the protocol may replace.
pub(super) fn check<P: Protocol>(
    cluster: &Cluster<P>,
    wanted: &Node,
    folder: &Path,
) -> Result<Vec<PathBuf>, CliError> {
    let roster = &wanted.roster.roster;
    let kept = &cluster.membership.kept;
    let beside = kept.files.iter().filter(|(name, _)| Some(name) != kept.script.as_ref());
    let read: Vec<PathBuf> = [roster.clone()]
        .into_iter()
        .chain(beside.map(|(name, _)| roster.with_file_name(name)))
        .chain(wanted.roster.script.clone())
        .chain(wanted.key.clone())
        .collect();
    if let Some(recording) = &wanted.record {
        let shown = recording.display();
        if wanted.new_life && recording.exists() {
            return Err(CliError::usage(format!(
                "--record {shown}: it is of an earlier life (record a new life into another file)"
            )));
        }
        if read.iter().any(|input| is_same_place(input, recording)) {
            return Err(CliError::usage(format!(
                "--record {shown}: this command reads that file (write to another one)"
            )));
        }
        refuse_own(recording, folder, &format!("--record {shown}"))?;
    }
    let key = wanted.key.as_ref();
    for input in read.iter().filter(|input| Some(*input) != key) {
        refuse_own(input, folder, &input.display().to_string())?;
    }
    let own = OWN_FILES.iter().map(|own| folder.join(own));
    Ok(read.iter().cloned().chain(wanted.record.clone()).chain(own).collect())
}

/// Refuses a file at the place of one of the node's own.
fn refuse_own(path: &Path, folder: &Path, shown: &str) -> Result<(), CliError> {
    match OWN_FILES.iter().find(|own| is_same_place(path, &folder.join(own))) {
        Some(own) => Err(CliError::usage(format!(
            "{shown}: the node has its own file `{own}` there (use another name)"
        ))),
        None => Ok(()),
    }
}
