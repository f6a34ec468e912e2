//! Files as they are read from outside: bounded, once, and with a remedy.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::diagnostic::Diagnostic;

/// No text is larger, in bytes.
pub const MOST_BYTES: u64 = 64 << 20;

/// The first bytes of a file, which tell what it is.
const FIRST: u64 = 64;

/// Reads a text file.
///
/// # Errors
/// As [`bytes_of`], and if the file is not UTF-8.
pub fn text_of(path: &Path) -> Result<String, Diagnostic> {
    text_from(path, bytes_of(path)?)
}

/// Reads a file of at most [`MOST_BYTES`], once, so that a pipe will do.
///
/// # Errors
/// If the file cannot be read, is neither a regular file nor a pipe, or is larger.
pub fn bytes_of(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    bytes_within(path, |_| MOST_BYTES)
}

/// Reads a file, once, of at most so many bytes as its first ones allow.
///
/// # Errors
/// As [`bytes_of`].
pub fn bytes_within(path: &Path, most: impl FnOnce(&[u8]) -> u64) -> Result<Vec<u8>, Diagnostic> {
    let shown = path.display().to_string();
    let refused = |why: &dyn std::fmt::Display| {
        Diagnostic::new(&shown, "", 0..0, format!("cannot read `{shown}`: {why}"))
    };
    let file = File::open(path).map_err(|error| refused(&error))?;
    if !is_file_or_pipe(&file).map_err(|error| refused(&error))? {
        return Err(refused(&"it is neither a file nor a pipe"));
    }
    let mut bytes = Vec::new();
    (&file).take(FIRST).read_to_end(&mut bytes).map_err(|error| refused(&error))?;
    let most = most(&bytes);
    let rest = most.saturating_add(1).saturating_sub(bytes.len() as u64);
    file.take(rest).read_to_end(&mut bytes).map_err(|error| refused(&error))?;
    if bytes.len() as u64 > most {
        return Err(refused(&format!("it has more than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

/// The text of a file with these bytes, without the byte order mark that some
/// editors put before it.
pub fn text_from(path: &Path, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let shown = path.display().to_string();
        Diagnostic::new(&shown, &text, good..good + 1, "this is not UTF-8")
            .with_help("save the file as UTF-8")
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

fn is_file_or_pipe(file: &File) -> io::Result<bool> {
    let kind = file.metadata()?.file_type();
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        Ok(kind.is_file() || kind.is_fifo() || kind.is_socket())
    }
    #[cfg(not(unix))]
    Ok(kind.is_file())
}
