//! A disk for tests: the real one, without the syncs that a surviving process cannot tell apart.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::disk::syscalls::{OsSyscalls, Syscalls};

/// Lists its calls. One of them can fail, and the process can be killed at any of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    calls: Vec<&'static str>,
    fault: Option<DiskFault>,
    /// The steps until the process is killed. A step is a written byte, or any other call.
    steps: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiskFault {
    /// A write fails because the disk is full.
    Full,
    /// A write fails after this many bytes.
    Write(usize),
    Sync,
    Rename,
    SyncFolder,
}

impl Disk {
    pub(super) fn of_a_process_killed_after(steps: u64) -> Self {
        Self(Arc::new(Mutex::new(State { steps: Some(steps), ..State::default() })))
    }

    /// The next such call fails, once.
    pub(crate) fn fail(&self, next: DiskFault) {
        self.0.lock().expect("no panic").fault = Some(next);
    }

    /// The calls since this was last asked, in order.
    pub(super) fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().expect("no panic").calls)
    }

    fn call(&self, name: &'static str, fault: Option<DiskFault>) -> io::Result<()> {
        let mut state = self.0.lock().expect("no panic");
        state.calls.push(name);
        if let Some(steps) = &mut state.steps {
            *steps = steps.checked_sub(1).ok_or_else(|| io::Error::other("killed"))?;
        }
        match state.fault.take_if(|next| Some(*next) == fault) {
            Some(DiskFault::Full) => Err(io::ErrorKind::StorageFull.into()),
            Some(_) => Err(io::Error::from_raw_os_error(5)),
            None => Ok(()),
        }
    }
}

impl Syscalls for Disk {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        self.call("create", None)?;
        OsSyscalls.create(path)
    }

    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        let (fault, is_mortal) = {
            let state = self.0.lock().expect("no panic");
            (state.fault, state.steps.is_some())
        };
        let is_now = matches!(fault, Some(DiskFault::Full | DiskFault::Write(0)));
        self.call("write", fault.filter(|_| is_now))?;
        let most = match fault {
            Some(DiskFault::Write(left)) => left,
            // A kill can fall between any two bytes.
            _ if is_mortal => 1,
            _ => usize::MAX,
        };
        let written = OsSyscalls.write(file, &bytes[..most.min(bytes.len())])?;
        if let Some(DiskFault::Write(left)) = fault {
            self.fail(DiskFault::Write(left - written));
        }
        Ok(written)
    }

    fn sync(&mut self, _: &File) -> io::Result<()> {
        self.call("sync", Some(DiskFault::Sync))
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("rename", Some(DiskFault::Rename))?;
        OsSyscalls.rename(from, to)
    }

    fn sync_folder(&mut self, _: &Path) -> io::Result<()> {
        self.call("sync the folder", Some(DiskFault::SyncFolder))
    }
}
