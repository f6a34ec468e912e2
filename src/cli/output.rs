//! The files that a command writes.
//!
//! A file is written beside its place and then renamed, so that nobody reads
//! half of it and a failure leaves the old one. Before anything is run, the
//! places are checked: a mistake in an option must not cost an input file.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Component, Path, PathBuf};

use super::CliError;

/// Refuses places that are no good: an input of the same command, the same place
/// twice, a folder that does not exist or is named in the place of a file. Each
/// output has the name of its option.
pub(super) fn check(
    outputs: &[(&'static str, Option<&Path>)],
    inputs: &[PathBuf],
) -> Result<(), CliError> {
    let outputs = outputs.iter().filter_map(|(option, path)| Some((*option, (*path)?)));
    let outputs: Vec<_> = outputs.collect();
    for (nth, (option, path)) in outputs.iter().enumerate() {
        let shown = path.display();
        let folder = folder_of(path);
        if !folder.is_dir() {
            let folder = folder.display();
            return Err(CliError::usage(format!(
                "{option} {shown}: there is no folder {folder} (create it first)"
            )));
        }
        if *option != "--files" && path.is_dir() {
            return Err(CliError::usage(format!(
                "{option} {shown}: this is a folder (name a file)"
            )));
        }
        if inputs.iter().any(|input| is_same(input, path)) {
            return Err(CliError::usage(format!(
                "{option} {shown}: this command reads that file (write to another one)"
            )));
        }
        if let Some((other, _)) = outputs[..nth].iter().find(|(_, other)| is_same(other, path)) {
            return Err(CliError::usage(format!(
                "{option} {shown}: {other} is written there, too (write to another one)"
            )));
        }
    }
    Ok(())
}

/// Are these two names of one place, whether or not there is a file?
pub(super) fn is_same_place(one: &Path, other: &Path) -> bool {
    one == other || is_same(one, other)
}

/// Writes a file into a folder that exists.
pub(super) fn write(path: &Path, text: &str) -> Result<(), CliError> {
    write_with(path, |out| out.write_all(text.as_bytes()))
}

/// The same of a text that is written piece by piece.
pub(super) fn write_with(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), CliError> {
    replace(path, write).map_err(|error| CliError::unwritable(&path.display().to_string(), &error))
}

/// Writes a file, and creates the folders that it lies in.
pub(super) fn write_below(path: &Path, text: &str) -> Result<(), CliError> {
    fs::create_dir_all(folder_of(path))
        .map_err(|error| CliError::unwritable(&path.display().to_string(), &error))?;
    write(path, text)
}

/// Refuses a name that is more than a file's name: a protocol must not choose the folder.
pub(super) fn check_name(name: &str) -> Result<(), CliError> {
    let mut parts = Path::new(name).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) if !name.ends_with('/') => Ok(()),
        _ => Err(CliError::usage(format!(
            "the protocol calls a file of a node `{name}`, which is no name of a file alone: \
             `Owner::files` gives names without folders"
        ))),
    }
}

/// Writes a file of a real node, and creates the folders that it lies in. Only
/// their owner can read them, and no symbolic link is followed.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), CliError> {
    let write = || {
        let folder = folder_of(path);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        // Such a file is its owner's alone, and takes the place of a link.
        let mut beside = tempfile::Builder::new().tempfile_in(folder)?;
        beside.write_all(text.as_bytes())?;
        beside.persist(path).map_err(|error| error.error)
    };
    write().map(drop).map_err(|error| CliError::unwritable(&path.display().to_string(), &error))
}

fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> io::Result<()> {
    let through = |out: &mut dyn io::Write| {
        let mut out = io::BufWriter::new(out);
        write(&mut out)?;
        out.flush()
    };
    // Where standard output goes to a file, that file must not be replaced.
    match path.to_str() {
        Some("/dev/stdout") => return through(&mut io::stdout()),
        Some("/dev/stderr") => return through(&mut io::stderr()),
        _ => {}
    }
    // A terminal, a pipe or a device cannot be replaced.
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return through(&mut fs::OpenOptions::new().write(true).open(path)?);
    }
    let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut builder = tempfile::Builder::new();
    let before = fs::metadata(&place).ok().map(|there| there.permissions());
    let permissions = before.unwrap_or_else(usual_permissions);
    let mut beside = builder.permissions(permissions).tempfile_in(folder_of(&place))?;
    through(&mut beside)?;
    beside.persist(&place).map_err(|error| error.error)?;
    Ok(())
}

/// What a file gets that `File::create` makes; the process's mask narrows it.
fn usual_permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(0o666)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Are these two names of one file?
fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        fs::canonicalize(path).or_else(|_| {
            let folder = fs::canonicalize(folder_of(path))?;
            Ok::<_, io::Error>(folder.join(path.file_name().unwrap_or_default()))
        })
    };
    matches!((place(one), place(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_file_has_no_folder() {
        for name in ["tpoint.txt", "..txt", ".hidden", "a b"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", ".", "..", "/", "/etc/x", "../x", "a/b", "a/", "a/.."] {
            let refusal = check_name(name).expect_err(name).message;
            assert!(refusal.contains("names without folders"), "{refusal}");
        }
    }
}
