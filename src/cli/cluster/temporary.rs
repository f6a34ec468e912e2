use std::fs::DirBuilder;
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// A new folder among the system's temporary ones, which only its owner can
/// read. It is removed, with all that is in it, when this is dropped.
pub(super) struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Its name begins with `prefix`.
    pub(super) fn create(prefix: &str) -> io::Result<Self> {
        let process = std::process::id();
        let mut number = 0_u32;
        loop {
            let path = std::env::temp_dir().join(format!("{prefix}-{process}-{number}"));
            // Only the owner may look inside: nodes save there, and may have their keys there.
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                // Left by an earlier process of this number, or put there by somebody else.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What cannot be removed now is left to the system, which empties this place.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn two_folders_differ_are_private_and_go_with_their_owner() {
        let create = || TemporaryFolder::create("rehearsal-test").expect("there is room");
        let (one, other) = (create(), create());
        assert_ne!(one.path(), other.path());
        let mode = std::fs::metadata(one.path()).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        std::fs::write(one.path().join("file"), "text").expect("there is room");
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists() && other.path().exists());
    }
}
