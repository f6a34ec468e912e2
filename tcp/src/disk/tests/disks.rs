//! Disks that are quick, fail or stop.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::disk::calls::{Calls, System};

/// The system, but for bringing anything to the disk: what a process that goes
/// on sees is the same.
#[derive(Debug)]
pub(super) struct Quick;

impl Calls for Quick {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        System.create(path)
    }

    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        System.write(file, bytes)
    }

    fn sync(&mut self, _: &File) -> io::Result<()> {
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        System.rename(from, to)
    }

    fn sync_folder(&mut self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// A process that is killed after so many steps: a step is a byte written or
/// any other call.
#[derive(Debug)]
pub(super) struct Mortal(pub(super) Arc<AtomicU64>);

impl Mortal {
    pub(super) fn after(steps: u64) -> Self {
        Self(Arc::new(AtomicU64::new(steps)))
    }

    fn step(&self) -> io::Result<()> {
        let left = self.0.load(Ordering::Relaxed).checked_sub(1);
        self.0.store(left.unwrap_or(0), Ordering::Relaxed);
        left.map(|_| ()).ok_or_else(|| io::Error::other("killed"))
    }
}

impl Calls for Mortal {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        self.step()?;
        Quick.create(path)
    }

    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        self.step()?;
        // A byte at a time, as short as writes can be.
        Quick.write(file, &bytes[..1])
    }

    fn sync(&mut self, _: &File) -> io::Result<()> {
        self.step()
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        Quick.rename(from, to)
    }

    fn sync_folder(&mut self, _: &Path) -> io::Result<()> {
        self.step()
    }
}

/// A disk of which one call can fail, once.
#[derive(Clone, Debug, Default)]
pub(super) struct Failing(Arc<Mutex<Option<Failure>>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The system's own answer to a write on a full disk.
    Full,
    /// So many bytes are written, then there is an error.
    Write(usize),
    Sync,
    Rename,
    SyncFolder,
}

impl Failing {
    pub(super) fn fail(&self, next: Failure) {
        *self.0.lock().expect("no panic") = Some(next);
    }

    fn fails(&self, call: Failure) -> io::Result<()> {
        let mut next = self.0.lock().expect("no panic");
        if *next == Some(call) {
            *next = None;
            return Err(io::Error::from_raw_os_error(5));
        }
        Ok(())
    }
}

impl Calls for Failing {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        Quick.create(path)
    }

    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        let next = *self.0.lock().expect("no panic");
        match next {
            Some(Failure::Full) => {
                *self.0.lock().expect("no panic") = None;
                let mut full = OpenOptions::new().write(true).open("/dev/full")?;
                Quick.write(&mut full, bytes)
            }
            Some(Failure::Write(0)) => self.fails(Failure::Write(0)).map(|()| 0),
            Some(Failure::Write(left)) => {
                let written = Quick.write(file, &bytes[..left.min(bytes.len())])?;
                self.fail(Failure::Write(left - written));
                Ok(written)
            }
            _ => Quick.write(file, bytes),
        }
    }

    fn sync(&mut self, _: &File) -> io::Result<()> {
        self.fails(Failure::Sync)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.fails(Failure::Rename)?;
        Quick.rename(from, to)
    }

    fn sync_folder(&mut self, _: &Path) -> io::Result<()> {
        self.fails(Failure::SyncFolder)
    }
}

/// What was asked of the system, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Listing(pub(super) Arc<Mutex<Vec<&'static str>>>);

impl Listing {
    fn list(&self, call: &'static str) {
        self.0.lock().expect("no panic").push(call);
    }
}

impl Calls for Listing {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        self.list("create");
        Quick.create(path)
    }

    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        self.list("write");
        Quick.write(file, bytes)
    }

    fn sync(&mut self, _: &File) -> io::Result<()> {
        self.list("sync");
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.list("rename");
        Quick.rename(from, to)
    }

    fn sync_folder(&mut self, _: &Path) -> io::Result<()> {
        self.list("sync the folder");
        Ok(())
    }
}
