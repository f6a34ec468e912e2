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

/// A node's durable cells, and the log that keeps them.
///
/// While it lives, no other process can open the same folder.
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
    /// About how long a log would be that says no more than what is held.
    lives: u64,
    staged: Batch,
    /// Kept so that a commit does not allocate.
    record: Vec<u8>,
    has_failed: bool,
    /// Locked as long as it is open.
    _lock: File,
}

/// When a log is written anew.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compaction {
    /// Once it has more bytes than this,
    pub(crate) least: u64,
    /// and more than so many times what lives in it.
    pub(crate) times: u64,
}

const LOG: &str = "cells.log";
/// A log that does not have its name yet.
const UNFINISHED: &str = "cells.new";
const LOCK: &str = "lock";

impl Cells {
    /// Begins the node's next incarnation in its folder, which is made where
    /// there is none: when this returns, what earlier incarnations saved has
    /// been read, and the new one's number is on the disk.
    ///
    /// A record that a crash tore is dropped, for nothing has happened after
    /// it; [`Self::torn`] tells. Any other damage is an error, as is a log of
    /// somebody else, and a folder in which another process runs the node.
    pub fn open(folder: &Path, identity: &Identity) -> Result<Self, DiskError> {
        let compaction = Compaction { least: 1 << 20, times: 4 };
        Self::open_by(Box::new(OsSyscalls), folder, identity, compaction)
    }

    /// The same with a system and settings of one's own.
    pub(crate) fn open_by(
        mut syscalls: Box<dyn Syscalls>,
        folder: &Path,
        identity: &Identity,
        compaction: Compaction,
    ) -> Result<Self, DiskError> {
        make(&mut *syscalls, folder)?;
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
        // One a second would last for 136 years.
        let incarnation = incarnation.saturating_add(1);
        // Always a new log: what an earlier process wrote and could not bring
        // to the disk may stand in the old one as if it were there.
        let (log, length) = rewrite(&mut *syscalls, folder, identity, incarnation, &held)?;
        let lives = held.iter().map(|(cell, value)| size(cell, value)).sum();
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
            lives,
            staged: Batch::new(),
            record: Vec::new(),
            has_failed: false,
            _lock: lock,
        })
    }

    /// Which life of the node has begun, counted from 1.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// How many bytes were dropped when the log was opened: those of a record
    /// that was torn by a crash.
    #[must_use]
    pub fn torn(&self) -> Option<u64> {
        self.torn
    }

    /// What the cells hold, for a machine's
    /// [`Input::Start`](rehearsal_machine::Input::Start). It is an error if
    /// the machine's types do not fit what is there.
    pub fn storage<M: RealMachine>(&self) -> Result<Storage<M>, DiskError> {
        let read =
            |(cell, value): (&Vec<u8>, &Vec<u8>)| Some((codec::read(cell)?, codec::read(value)?));
        let unknown = |cell: &[u8]| DiskError::Undecodable {
            path: self.path(),
            cell: cell.iter().map(|byte| format!("{byte:02x}")).collect(),
        };
        self.held.iter().map(|entry| read(entry).ok_or_else(|| unknown(entry.0))).collect()
    }

    /// What the cells hold, both as postcard's bytes: committed, not staged.
    pub fn held(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.held.iter().map(|(cell, value)| (&**cell, &**value))
    }

    /// Notes what a cell shall hold, both as postcard's bytes, to become
    /// durable with the next [`Self::commit`]; `None` erases the cell.
    pub fn stage(&mut self, cell: Vec<u8>, value: Option<Vec<u8>>) {
        self.staged.push((cell, value));
    }

    /// Is anything staged? Then no effect may be seen before a commit.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        !self.staged.is_empty()
    }

    /// Makes all that is staged durable: when this returns it is on the disk,
    /// and after a crash in between all of it is there or nothing.
    ///
    /// After an error nothing is known of what was staged, and every later
    /// commit fails, too: the node has to stop.
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
            self.lives += value.as_ref().map_or(0, |value| size(&cell, value));
            let before = log::apply(&mut self.held, cell, value);
            self.lives -= before.map_or(0, |value| size_of(name, value.len()));
        }
        if self.length > self.compaction.least && self.length / self.compaction.times > self.lives {
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
        self.syscalls.sync(&self.log).map_err(at(&path, "bring it to the disk"))?;
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

/// Puts a log that says only this in the place of the one that is there. After
/// a crash at any point one of the two is.
fn rewrite(
    syscalls: &mut dyn Syscalls,
    folder: &Path,
    identity: &Identity,
    incarnation: u32,
    held: &Held,
) -> Result<(File, u64), DiskError> {
    let (path, unfinished) = (folder.join(LOG), folder.join(UNFINISHED));
    let bytes = log::beginning(identity, incarnation, held)
        .map_err(|TooLong| DiskError::TooLarge(path.clone()))?;
    let mut log = syscalls.create(&unfinished).map_err(at(&unfinished, "make it"))?;
    syscalls.write_all(&mut log, &bytes).map_err(at(&unfinished, "write it"))?;
    syscalls.sync(&log).map_err(at(&unfinished, "bring it to the disk"))?;
    syscalls.rename(&unfinished, &path).map_err(at(&path, "replace it"))?;
    syscalls.sync_folder(folder).map_err(at(folder, "bring it to the disk"))?;
    Ok((log, bytes.len() as u64))
}

/// Makes a folder durably, and those that it lies in.
fn make(syscalls: &mut dyn Syscalls, folder: &Path) -> Result<(), DiskError> {
    let missing: Vec<_> = folder.ancestors().take_while(|path| !path.exists()).collect();
    fs::create_dir_all(folder).map_err(at(folder, "make it"))?;
    for path in missing {
        let above = path.parent().filter(|above| !above.as_os_str().is_empty());
        let above = above.unwrap_or(Path::new("."));
        syscalls.sync_folder(above).map_err(at(above, "bring it to the disk"))?;
    }
    Ok(())
}

fn lock(folder: &Path) -> Result<File, DiskError> {
    let path = folder.join(LOCK);
    let lock = File::create(&path).map_err(at(&path, "make it"))?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(lock),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(DiskError::InUse(path)),
        Err(error) => Err(at(&path, "lock it")(error.into())),
    }
}

/// About how many bytes a cell that is held takes in a log.
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
