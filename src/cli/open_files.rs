//! Whether a process may open as many files as it needs.

use std::fs::File;

use super::CliError;

/// What a process with an event queue opens besides its connections or children: the queue,
/// signals, folder, recording and listener, with room for a few strangers.
const BESIDES: u32 = 24;

/// Refuses to start if the process cannot open so many files, and those that it needs anyway. Some
/// libraries panic if they cannot open theirs.
pub(super) fn are_enough(further: u32) -> Result<(), CliError> {
    let wanted = BESIDES + further;
    let mut open = Vec::new();
    for count in 0..wanted {
        match File::open("/dev/null") {
            Ok(file) => open.push(file),
            Err(error) => {
                return Err(CliError::usage(format!(
                    "this process can open {count} more files, and needs {wanted} ({error}): \
                     raise the limit, such as with `ulimit -n {}`",
                    wanted.max(1_024).next_power_of_two()
                )));
            }
        }
    }
    Ok(())
}
