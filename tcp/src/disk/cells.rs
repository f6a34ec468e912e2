use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rehearsal_machine::Storage;
use rustix::fs::{FlockOperation, flock};

use super::DiskError;
use super::log::{self, Batch, Held, Identity, Unread};
use super::records::TooLong;
use super::syscalls::{OsSyscalls, Syscalls};
use crate::{RealMachine, codec};

/// The durable cells of a node, and the log in which they are stored.
///
/// While it exists, no other process can open the same folder.
#[derive(Debug)]
pub struct Cells {
    syscalls: Box<dyn Syscalls>,
    folder: PathBuf,
    compaction: Compaction,
    identity: Identity,
    incarnation: u32,
    torn: Option<u64>,
    log: File,
    /// The log's length in bytes.
    length: u64,
    held: Held,
    /// The approximate length of a log with only the current content of the cells, in bytes.
    live_bytes: u64,
    staged: Batch,
    /// A buffer, kept so that a commit does not allocate.
    record: Vec<u8>,
    has_failed: bool,
    /// Holds the folder's lock while it is open.
    _lock: File,
}

/// When a commit rewrites the log, to drop old records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compaction {
    /// The log must have more bytes than this,
    pub(crate) min_bytes: u64,
    /// and more than this many times its live bytes.
    pub(crate) factor: u64,
}

const LOG: &str = "cells.log";
/// A log that is being written, and is renamed when complete.
const UNFINISHED: &str = "cells.new";
const LOCK: &str = "lock";

impl Cells {
    /// Starts the node's next incarnation: reads what earlier incarnations saved, and writes the new
    /// incarnation's number to the disk. The folder is created if it does not exist.
    ///
    /// A record torn by a crash is dropped, because no effect followed it; see [`Self::torn`].
    /// Other damage is an error, as are a log of another node and a folder that another process
    /// uses.
    pub fn open(folder: &Path, identity: &Identity) -> Result<Self, DiskError> {
        let compaction = Compaction { min_bytes: 1 << 20, factor: 4 };
        Self::open_with(Box::new(OsSyscalls), folder, identity, compaction)
    }

    /// [`Self::open`] with other system calls and another compaction.
    pub(crate) fn open_with(
        mut syscalls: Box<dyn Syscalls>,
        folder: &Path,
        identity: &Identity,
        compaction: Compaction,
    ) -> Result<Self, DiskError> {
        create_folder(&mut *syscalls, folder)?;
        let lock = lock(folder)?;
        let path = folder.join(LOG);
        let earlier = match fs::read(&path) {
            Ok(bytes) => Some(log::read(&bytes).map_err(|unread| unread.at(&path))?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(at(&path, "read it")(error)),
        };
        let (incarnation, held, torn) = match earlier {
            Some(earlier) if earlier.identity != *identity => {
                let (found, wanted) = (Box::new(earlier.identity), Box::new(identity.clone()));
                return Err(DiskError::OtherNode { path, found, wanted });
            }
            Some(earlier) => (earlier.incarnation, earlier.held, earlier.torn),
            None => (0, Held::new(), None),
        };
        // With a restart per second it saturates after 136 years.
        let incarnation = incarnation.saturating_add(1);
        // Rewrite the log at every start: the old one may contain, in memory only, records that an
        // earlier process wrote and could not sync.
        let (log, length) = rewrite(&mut *syscalls, folder, identity, incarnation, &held)?;
        let live_bytes = held.iter().map(|(cell, value)| size(cell, value)).sum();
        Ok(Self {
            syscalls,
            folder: folder.to_owned(),
            compaction,
            identity: identity.clone(),
            incarnation,
            torn,
            log,
            length,
            held,
            live_bytes,
            staged: Batch::new(),
            record: Vec::new(),
            has_failed: false,
            _lock: lock,
        })
    }

    /// The number of the current incarnation, counted from 1.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// The length in bytes of the torn record that was dropped when the log was opened, if there
    /// was one.
    #[must_use]
    pub fn torn(&self) -> Option<u64> {
        self.torn
    }

    /// The content of the cells, for [`Input::Start`](rehearsal_machine::Input::Start). It is
    /// [`DiskError::Undecodable`] if the machine's types do not match the saved bytes.
    pub fn storage<M: RealMachine>(&self) -> Result<Storage<M>, DiskError> {
        let read =
            |(cell, value): (&Vec<u8>, &Vec<u8>)| Some((codec::read(cell)?, codec::read(value)?));
        let undecodable = |cell: &[u8]| DiskError::Undecodable {
            path: self.path(),
            cell: cell.iter().map(|byte| format!("{byte:02x}")).collect(),
        };
        self.held.iter().map(|entry| read(entry).ok_or_else(|| undecodable(entry.0))).collect()
    }

    /// The committed content: each cell's name and its value, both encoded with postcard.
    pub fn held(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.held.iter().map(|(cell, value)| (&**cell, &**value))
    }

    /// Collects a save for the next [`Self::commit`]: a cell's name and its new value, both encoded
    /// with postcard. `None` erases the cell.
    pub fn stage(&mut self, cell: Vec<u8>, value: Option<Vec<u8>>) {
        self.staged.push((cell, value));
    }

    /// Are there staged saves? Then no later effect may be observed before a commit.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        !self.staged.is_empty()
    }

    /// Writes all staged saves to the disk, atomically: after a crash the disk has all of them or
    /// none.
    ///
    /// After an error it is unknown whether the saves are on the disk. Every later commit fails
    /// with [`DiskError::Stopped`]: the node must stop.
    pub fn commit(&mut self) -> Result<(), DiskError> {
        if self.has_failed {
            return Err(DiskError::Stopped(self.path()));
        }
        if !self.is_dirty() {
            return Ok(());
        }
        self.has_failed = true;
        self.write()?;
        for (cell, value) in self.staged.drain(..) {
            let name = cell.len();
            self.live_bytes += value.as_ref().map_or(0, |value| size(&cell, value));
            let before = log::apply(&mut self.held, cell, value);
            self.live_bytes -= before.map_or(0, |value| size_of(name, value.len()));
        }
        if self.length > self.compaction.min_bytes
            && self.length / self.compaction.factor > self.live_bytes
        {
            self.compact()?;
        }
        self.has_failed = false;
        Ok(())
    }

    fn write(&mut self) -> Result<(), DiskError> {
        let path = self.folder.join(LOG);
        self.record.clear();
        log::append_batch(&mut self.record, &self.staged)
            .map_err(|TooLong| DiskError::TooLarge(path.clone()))?;
        self.syscalls.write_all(&mut self.log, &self.record).map_err(at(&path, "write it"))?;
        self.syscalls.sync(&self.log).map_err(at(&path, "sync it"))?;
        self.length += self.record.len() as u64;
        Ok(())
    }

    fn compact(&mut self) -> Result<(), DiskError> {
        let Self { syscalls, folder, identity, incarnation, held, .. } = self;
        (self.log, self.length) = rewrite(&mut **syscalls, folder, identity, *incarnation, held)?;
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.folder.join(LOG)
    }
}

/// Replaces the log by one with only this content, atomically: after a crash the folder has the old
/// log or the new one.
fn rewrite(
    syscalls: &mut dyn Syscalls,
    folder: &Path,
    identity: &Identity,
    incarnation: u32,
    held: &Held,
) -> Result<(File, u64), DiskError> {
    let (path, unfinished) = (folder.join(LOG), folder.join(UNFINISHED));
    let bytes = log::header(identity, incarnation, held)
        .map_err(|TooLong| DiskError::TooLarge(path.clone()))?;
    let mut log = syscalls.create(&unfinished).map_err(at(&unfinished, "create it"))?;
    syscalls.write_all(&mut log, &bytes).map_err(at(&unfinished, "write it"))?;
    syscalls.sync(&log).map_err(at(&unfinished, "sync it"))?;
    syscalls.rename(&unfinished, &path).map_err(at(&path, "replace it"))?;
    syscalls.sync_folder(folder).map_err(at(folder, "sync it"))?;
    Ok((log, bytes.len() as u64))
}

/// Creates a folder and its missing ancestors, durably.
fn create_folder(syscalls: &mut dyn Syscalls, folder: &Path) -> Result<(), DiskError> {
    let missing: Vec<_> = folder.ancestors().take_while(|path| !path.exists()).collect();
    fs::create_dir_all(folder).map_err(at(folder, "create it"))?;
    for path in missing {
        let above = path.parent().filter(|above| !above.as_os_str().is_empty());
        let above = above.unwrap_or(Path::new("."));
        syscalls.sync_folder(above).map_err(at(above, "sync it"))?;
    }
    Ok(())
}

fn lock(folder: &Path) -> Result<File, DiskError> {
    let path = folder.join(LOCK);
    let lock = File::create(&path).map_err(at(&path, "create it"))?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(lock),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(DiskError::InUse(path)),
        Err(error) => Err(at(&path, "lock it")(error.into())),
    }
}

/// The approximate bytes of a cell in a log.
fn size(cell: &[u8], value: &[u8]) -> u64 {
    size_of(cell.len(), value.len())
}

fn size_of(cell: usize, value: usize) -> u64 {
    (cell + value) as u64 + 2
}

fn at<'a>(path: &'a Path, doing: &'static str) -> impl FnOnce(io::Error) -> DiskError + 'a {
    move |error| DiskError::File { path: path.to_owned(), doing, error }
}

impl Unread {
    fn at(self, path: &Path) -> DiskError {
        let path = path.to_owned();
        match self {
            Self::Damaged(damage) => DiskError::Damaged { path, damage },
            Self::Version(found) => DiskError::Version { path, found },
        }
    }
}
