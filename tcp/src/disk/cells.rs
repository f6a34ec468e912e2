use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rehearsal_machine::{NodeId, Storage};

use super::life::{KnownPeer, Life};
use super::log::{self, Batch, Contents, Held, Identity, Peers};
use super::records::TooLong;
use super::syscalls::Syscalls;
use super::{DiskError, Store, StoreId};
use crate::{RealMachine, codec};

/// The durable cells of a node, and the log in which they are stored.
///
/// While it exists, no other process can open the same folder.
#[derive(Debug)]
pub struct Cells {
    syscalls: Box<dyn Syscalls>,
    folder: PathBuf,
    compaction: Compaction,
    contents: Contents,
    can_forget: bool,
    torn: Option<u64>,
    log: File,
    /// The log's length in bytes.
    length: u64,
    /// The approximate length of a log with only the current content of the cells, in bytes.
    live_bytes: u64,
    staged: Batch,
    staged_peers: Peers,
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

impl Compaction {
    /// A log of at least 1 MiB, of which less than a quarter is live.
    pub(super) const USUAL: Self = Self { min_bytes: 1 << 20, factor: 4 };
}

pub(super) const LOG: &str = "cells.log";
/// A log that is being written, and is renamed when complete.
pub(super) const UNFINISHED: &str = "cells.new";

impl Cells {
    /// Starts the node's next incarnation at once: [`Store::open`], and then [`Store::begin`].
    pub fn open(folder: &Path, identity: &Identity) -> Result<Self, DiskError> {
        Store::open(folder, identity)?.begin()
    }

    /// [`Self::open`] with other system calls and another compaction.
    #[cfg(test)]
    pub(crate) fn open_with(
        syscalls: Box<dyn Syscalls>,
        folder: &Path,
        identity: &Identity,
        compaction: Compaction,
    ) -> Result<Self, DiskError> {
        Store::open_with(syscalls, folder, identity)?.begin_with(compaction)
    }

    /// Writes the incarnation of this store to the disk.
    pub(super) fn begin(store: Store, compaction: Compaction) -> Result<Self, DiskError> {
        let Store { mut syscalls, folder, contents, torn, can_forget, lock } = store;
        // Rewrite the log at every start: the old one may contain, in memory only, records that an
        // earlier process wrote and could not sync.
        let (log, length) = rewrite(&mut *syscalls, &folder, &contents)?;
        let live_bytes = contents.held.iter().map(|(cell, value)| size(cell, value)).sum();
        Ok(Self {
            syscalls,
            folder,
            compaction,
            contents,
            can_forget,
            torn,
            log,
            length,
            live_bytes,
            staged: Batch::new(),
            staged_peers: Peers::new(),
            record: Vec::new(),
            has_failed: false,
            _lock: lock,
        })
    }

    /// The number of the current incarnation, counted from 1.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.contents.life.id.incarnation
    }

    /// The identity of the node's saved state.
    #[must_use]
    pub fn store(&self) -> StoreId {
        self.contents.life.id.store
    }

    /// The current life of the node.
    pub(crate) fn life(&self) -> &Life {
        &self.contents.life
    }

    /// How many commits the store has had since its beginning.
    pub(crate) fn commits(&self) -> u64 {
        self.contents.commits
    }

    /// Can the next start forget what was saved about a peer that begins a new life?
    pub(crate) fn can_forget(&self) -> bool {
        self.can_forget
    }

    /// What is remembered of a peer, if the node ever had a link with it.
    pub(crate) fn peer(&self, peer: NodeId) -> Option<&KnownPeer> {
        self.staged_peers.get(&peer).or_else(|| self.contents.peers.get(&peer))
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
        read_storage::<M>(&self.contents.held, &self.folder)
    }

    /// The committed content: each cell's name and its value, both encoded with postcard.
    pub fn held(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.contents.held.iter().map(|(cell, value)| (&**cell, &**value))
    }

    /// Collects a save for the next [`Self::commit`]: a cell's name and its new value, both encoded
    /// with postcard. `None` erases the cell.
    pub fn stage(&mut self, cell: Vec<u8>, value: Option<Vec<u8>>) {
        self.staged.push((cell, value));
    }

    /// Collects what is to be remembered of a peer, for the next [`Self::commit`].
    pub(crate) fn stage_peer(&mut self, peer: NodeId, known: KnownPeer) {
        self.staged_peers.insert(peer, known);
    }

    /// Are there staged saves? Then no later effect may be observed before a commit.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        !self.staged.is_empty() || !self.staged_peers.is_empty()
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
            let before = log::apply(&mut self.contents.held, cell, value);
            self.live_bytes -= before.map_or(0, |value| size_of(name, value.len()));
        }
        self.contents.peers.append(&mut self.staged_peers);
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
        let number = self.contents.commits + 1;
        log::append_commit(&mut self.record, number, &self.staged, &self.staged_peers)
            .map_err(|TooLong| DiskError::TooLarge(path.clone()))?;
        self.syscalls.write_all(&mut self.log, &self.record).map_err(at(&path, "write it"))?;
        self.syscalls.sync(&self.log).map_err(at(&path, "sync it"))?;
        self.length += self.record.len() as u64;
        self.contents.commits = number;
        Ok(())
    }

    fn compact(&mut self) -> Result<(), DiskError> {
        (self.log, self.length) = rewrite(&mut *self.syscalls, &self.folder, &self.contents)?;
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.folder.join(LOG)
    }
}

/// Decodes the content of the cells in this folder.
pub(super) fn read_storage<M: RealMachine>(
    held: &Held,
    folder: &Path,
) -> Result<Storage<M>, DiskError> {
    let read =
        |(cell, value): (&Vec<u8>, &Vec<u8>)| Some((codec::read(cell)?, codec::read(value)?));
    let undecodable = |cell: &[u8]| DiskError::Undecodable {
        path: folder.join(LOG),
        cell: cell.iter().map(|byte| format!("{byte:02x}")).collect(),
    };
    held.iter().map(|entry| read(entry).ok_or_else(|| undecodable(entry.0))).collect()
}

/// Replaces the log by one with only this content, atomically: after a crash the folder has the old
/// log or the new one.
fn rewrite(
    syscalls: &mut dyn Syscalls,
    folder: &Path,
    contents: &Contents,
) -> Result<(File, u64), DiskError> {
    let (path, unfinished) = (folder.join(LOG), folder.join(UNFINISHED));
    let bytes = log::header(contents).map_err(|TooLong| DiskError::TooLarge(path.clone()))?;
    let mut log = syscalls.create(&unfinished).map_err(at(&unfinished, "create it"))?;
    syscalls.write_all(&mut log, &bytes).map_err(at(&unfinished, "write it"))?;
    syscalls.sync(&log).map_err(at(&unfinished, "sync it"))?;
    syscalls.rename(&unfinished, &path).map_err(at(&path, "replace it"))?;
    syscalls.sync_folder(folder).map_err(at(folder, "sync it"))?;
    Ok((log, bytes.len() as u64))
}

/// The approximate bytes of a cell in a log.
fn size(cell: &[u8], value: &[u8]) -> u64 {
    size_of(cell.len(), value.len())
}

fn size_of(cell: usize, value: usize) -> u64 {
    (cell + value) as u64 + 2
}

/// Converts the error of a system call, for `map_err`.
pub(super) fn at<'a>(
    path: &'a Path,
    doing: &'static str,
) -> impl FnOnce(io::Error) -> DiskError + 'a {
    move |error| DiskError::File { path: path.to_owned(), doing, error }
}
