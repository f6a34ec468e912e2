//! System calls for tests: without syncs, with a limited life, with a fault, or listed.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::disk::syscalls::{OsSyscalls, Syscalls};

/// The real system calls without syncs, which a surviving process cannot tell apart.
#[derive(Debug)]
pub(super) struct Quick;

impl Syscalls for Quick {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        OsSyscalls.create(path)
    }

    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        OsSyscalls.write(file, bytes)
    }

    fn sync(&mut self, _: &File) -> io::Result<()> {
        Ok(())
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        OsSyscalls.rename(from, to)
    }

    fn sync_folder(&mut self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// A process that is killed after a number of steps. A step is a written byte, or any other call.
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

impl Syscalls for Mortal {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        self.step()?;
        Quick.create(path)
    }

    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        self.step()?;
        // One byte per write, so that a kill can fall between any two bytes.
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

/// A disk on which one call can fail, once.
#[derive(Clone, Debug, Default)]
pub(super) struct Failing(Arc<Mutex<Option<DiskFault>>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DiskFault {
    /// A write fails with the system's error for a full disk.
    Full,
    /// A write fails after this many bytes.
    Write(usize),
    Sync,
    Rename,
    SyncFolder,
}

impl Failing {
    pub(super) fn fail(&self, next: DiskFault) {
        *self.0.lock().expect("no panic") = Some(next);
    }

    fn fails(&self, call: DiskFault) -> io::Result<()> {
        let mut next = self.0.lock().expect("no panic");
        if *next == Some(call) {
            *next = None;
            return Err(io::Error::from_raw_os_error(5));
        }
        Ok(())
    }
}

impl Syscalls for Failing {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        Quick.create(path)
    }

    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        let next = *self.0.lock().expect("no panic");
        match next {
            Some(DiskFault::Full) => {
                *self.0.lock().expect("no panic") = None;
                let mut full = OpenOptions::new().write(true).open("/dev/full")?;
                Quick.write(&mut full, bytes)
            }
            Some(DiskFault::Write(0)) => self.fails(DiskFault::Write(0)).map(|()| 0),
            Some(DiskFault::Write(left)) => {
                let written = Quick.write(file, &bytes[..left.min(bytes.len())])?;
                self.fail(DiskFault::Write(left - written));
                Ok(written)
            }
            _ => Quick.write(file, bytes),
        }
    }

    fn sync(&mut self, _: &File) -> io::Result<()> {
        self.fails(DiskFault::Sync)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.fails(DiskFault::Rename)?;
        Quick.rename(from, to)
    }

    fn sync_folder(&mut self, _: &Path) -> io::Result<()> {
        self.fails(DiskFault::SyncFolder)
    }
}

/// Lists the calls, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Listing(pub(super) Arc<Mutex<Vec<&'static str>>>);

impl Listing {
    fn list(&self, call: &'static str) {
        self.0.lock().expect("no panic").push(call);
    }
}

impl Syscalls for Listing {
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
