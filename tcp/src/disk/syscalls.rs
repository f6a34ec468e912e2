//! The system calls of a log, behind a trait so that tests can inject failures and crashes.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

pub(crate) trait Syscalls: fmt::Debug + Send {
    /// Creates an empty file that only its owner can read, replacing any file of that name.
    fn create(&mut self, path: &Path) -> io::Result<File>;

    /// Appends at least one of these bytes, and returns how many.
    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<usize>;

    /// Returns once the file's content is on the disk.
    fn sync(&mut self, file: &File) -> io::Result<()>;

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;

    /// Returns once the folder's file names are on the disk.
    fn sync_folder(&mut self, folder: &Path) -> io::Result<()>;

    /// Appends all of these bytes.
    fn write_all(&mut self, file: &mut File, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write(file, bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Opens files as a node needs them: what it saves and records is for its owner alone, and no
/// symbolic link leads a write out of its folder.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    options
}

/// The real system calls.
#[derive(Debug)]
pub(crate) struct OsSyscalls;

impl Syscalls for OsSyscalls {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => private().write(true).create_new(true).open(path),
        }
    }

    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        file.write(bytes)
    }

    fn sync(&mut self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}
