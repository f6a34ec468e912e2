//! The files that a node opens, checked before anything is changed.

use std::fs::File;
use std::path::{Path, PathBuf};

use rehearsal_sim::Protocol;

use super::Node;
use crate::cli::CliError;
use crate::cli::output::is_same_place;
use crate::real::{Cluster, OWN_FILES};

/// How many files a node opens beside its connections: standard streams, event queue, signals,
/// folder, recording and listener, with room for a few strangers.
const BESIDE_PEERS: u32 = 24;

/// Refuses to start with fewer files than the node needs. Some libraries panic if they cannot open
/// theirs.
pub(super) fn are_enough(nodes: u32) -> Result<(), CliError> {
    let wanted = BESIDE_PEERS + nodes;
    let mut open = Vec::new();
    for count in 0..wanted {
        match File::open("/dev/null") {
            Ok(file) => open.push(file),
            Err(error) => {
                return Err(CliError::usage(format!(
                    "this process can open {count} more files, and a node of this cluster needs \
                     {wanted} ({error}): raise the limit, such as with `ulimit -n 1024`"
                )));
            }
        }
    }
    Ok(())
}

/// Refuses files that would replace each other: the node writes its own files and its recording,
/// and reads its roster, the files that the roster names, and its script.
pub(super) fn check<P: Protocol>(
    cluster: &Cluster<P>,
    wanted: &Node,
    folder: &Path,
) -> Result<(), CliError> {
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
    Ok(())
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
