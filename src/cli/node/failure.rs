//! How a node's failure is told to the shell.

use rehearsal_machine::NodeId;
use rehearsal_tcp::NodeError;
use rehearsal_tcp::disk::DiskError;
use rehearsal_tcp::recording::RecordingFlaw;

use crate::cli::{CliError, Exit};

/// The node has not started: its arguments or its storage are wrong.
pub(super) fn before(failure: &NodeError) -> CliError {
    if let NodeError::Listen(_, _) = failure {
        let help = "stop what listens there, or give the node another address in all rosters";
        return CliError::usage(format!("{failure}: {help}"));
    }
    let exit = if is_bad_file(failure) { Exit::BadInput } else { Exit::Usage };
    CliError { exit, message: format!("error: {failure}") }
}

/// The node was to run, and could not begin, or has stopped of itself.
pub(super) fn while_running(me: NodeId, failure: &NodeError) -> CliError {
    match failure {
        NodeError::NotInRoster(_)
        | NodeError::Key
        | NodeError::Setup(_)
        | NodeError::Listen(_, _) => before(failure),
        failure if is_bad_file(failure) => before(failure),
        failure => CliError {
            exit: Exit::Violated,
            message: format!(
                "error: {me} has stopped, and has said nothing that it did not save: {failure}"
            ),
        },
    }
}

/// Is it wrong what stands in a file, rather than that it cannot be used now?
fn is_bad_file(failure: &NodeError) -> bool {
    match failure {
        NodeError::Disk(error) => matches!(
            error,
            DiskError::Damaged { .. }
                | DiskError::Version { .. }
                | DiskError::OtherNode { .. }
                | DiskError::Undecodable { .. }
        ),
        NodeError::Recording(error) => matches!(
            error.flaw,
            RecordingFlaw::NotARecording
                | RecordingFlaw::Version(_)
                | RecordingFlaw::Damaged(_)
                | RecordingFlaw::OtherNode { .. }
        ),
        _ => false,
    }
}
