use std::io::Write;
use std::path::Path;

use super::exit::Stop;

/// Prints a line of results.
pub(super) fn line(out: &mut dyn Write, text: &str) -> Result<(), Stop> {
    print(out, &format!("{text}\n"))
}

/// Prints results.
pub(super) fn print(out: &mut dyn Write, text: &str) -> Result<(), Stop> {
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        // Whoever reads our output has read enough: `rehearsal run .. | head`.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Stop::unwritable("results", &error)),
        Ok(()) => Ok(()),
    }
}

/// Writes a file, and the folders it lies in.
pub(super) fn file(path: &Path, text: &str) -> Result<(), Stop> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| Stop::unwritable(&path.display().to_string(), &error))
}
