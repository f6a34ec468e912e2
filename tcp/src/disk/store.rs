use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rehearsal_machine::{NodeId, Storage};
use rustix::fs::{FlockOperation, flock};

use super::cells::{Cells, Compaction, LOG, UNFINISHED, at, read_storage};
use super::life::Life;
use super::log::{self, Contents, Held, Identity, Peers};
use super::syscalls::{OsSyscalls, Syscalls, private};
use super::{DiskError, Unread};
use crate::{RealMachine, codec};

const LOCK: &str = "lock";

/// A node's folder before the node's next life: locked and read, but unchanged.
///
/// So a start that fails for another reason, such as an address in use, leaves no trace. While it
/// exists, no other process can open the same folder.
#[derive(Debug)]
pub struct Store {
    pub(super) syscalls: Box<dyn Syscalls>,
    pub(super) folder: PathBuf,
    pub(super) contents: Contents,
    pub(super) torn: Option<u64>,
    /// Can the node forget what it saved about a peer?
    pub(super) can_forget: bool,
    /// Holds the folder's lock while it is open.
    pub(super) lock: File,
}

impl Store {
    /// The names of the files that a store has in its folder.
    pub const FILES: [&str; 3] = [LOG, UNFINISHED, LOCK];

    /// Reads what earlier incarnations of the node saved. The folder is created if it does not
    /// exist.
    ///
    /// A record torn by a crash is dropped, because no effect followed it; see [`Cells::torn`].
    /// Other damage is an error, as are a log of another node and a folder that another process
    /// uses.
    pub fn open(folder: &Path, identity: &Identity) -> Result<Self, DiskError> {
        Self::open_with(Box::new(OsSyscalls), folder, identity)
    }

    /// [`Self::open`] with other system calls.
    pub(crate) fn open_with(
        mut syscalls: Box<dyn Syscalls>,
        folder: &Path,
        identity: &Identity,
    ) -> Result<Self, DiskError> {
        create_folder(&mut *syscalls, folder)?;
        let lock = lock(folder)?;
        let path = folder.join(LOG);
        let (mut contents, torn) = match fs::read(&path) {
            Ok(bytes) => {
                let read = log::read(&bytes).map_err(|unread| unread.at(&path))?;
                (read.contents, read.torn)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => (empty(identity), None),
            Err(error) => return Err(at(&path, "read it")(error)),
        };
        if contents.identity != *identity {
            let (found, wanted) = (Box::new(contents.identity), Box::new(identity.clone()));
            return Err(DiskError::OtherNode { path, found, wanted });
        }
        contents.life.begin_incarnation(contents.commits);
        let folder = folder.to_owned();
        Ok(Self { syscalls, folder, contents, torn, can_forget: false, lock })
    }

    /// The number of the incarnation that [`Self::begin`] begins, counted from 1.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.contents.life.id.incarnation
    }

    /// The content of the cells, for [`Input::Start`](rehearsal_machine::Input::Start). It is
    /// [`DiskError::Undecodable`] if the machine's types do not match the saved bytes.
    pub fn storage<M: RealMachine>(&self) -> Result<Storage<M>, DiskError> {
        read_storage::<M>(&self.contents.held, &self.folder)
    }

    /// Begins a new life of a node whose saved state is lost: the store becomes another one. It is
    /// [`DiskError::SavedState`] if the store has cells: their numbers would not fit a peer that has
    /// forgotten the earlier lives.
    ///
    /// Peers keep a node out whose store is not the one that they know. They accept a new life
    /// once they have forgotten what they saved about the earlier ones ([`Self::forget`]).
    pub fn begin_new_life(&mut self) -> Result<(), DiskError> {
        if !self.contents.held.is_empty() {
            return Err(DiskError::SavedState(self.folder.clone()));
        }
        self.contents.life.begin_new_store();
        self.contents.commits = 0;
        Ok(())
    }

    /// Erases the cells about earlier lives of the peers that have begun a new life. `is_about` says
    /// whether a cell is about a peer. Returns the peers concerned.
    ///
    /// Without this call, the node keeps out every peer that begins a new life: it might take the
    /// peer's new messages for those of an earlier life. It is [`DiskError::Undecodable`] if the
    /// machine's type does not match a cell's saved name.
    pub fn forget<M: RealMachine>(
        &mut self,
        is_about: fn(&M::Cell, NodeId) -> bool,
    ) -> Result<Vec<NodeId>, DiskError> {
        self.can_forget = true;
        let peers = self.contents.peers.iter_mut();
        let forgotten: Vec<_> =
            peers.filter_map(|(peer, known)| known.succeed().then_some(*peer)).collect();
        if !forgotten.is_empty() {
            // The names can be decoded, or this is the error.
            self.storage::<M>()?;
            self.contents.held.retain(|cell, _| {
                let cell: Option<M::Cell> = codec::read(cell);
                !cell.is_some_and(|cell| forgotten.iter().any(|peer| is_about(&cell, *peer)))
            });
        }
        Ok(forgotten)
    }

    /// Starts the node's next incarnation, and writes its number to the disk.
    pub fn begin(self) -> Result<Cells, DiskError> {
        self.begin_with(Compaction::USUAL)
    }

    /// [`Self::begin`] with another compaction.
    pub(crate) fn begin_with(self, compaction: Compaction) -> Result<Cells, DiskError> {
        Cells::begin(self, compaction)
    }
}

/// The store of a node that has never run.
fn empty(identity: &Identity) -> Contents {
    Contents {
        identity: identity.clone(),
        life: Life::unborn(),
        commits: 0,
        peers: Peers::new(),
        held: Held::new(),
    }
}

/// Creates a folder and its missing ancestors, durably.
fn create_folder(syscalls: &mut dyn Syscalls, folder: &Path) -> Result<(), DiskError> {
    let missing: Vec<_> = folder.ancestors().take_while(|path| !path.exists()).collect();
    // A node's memory is for its owner alone.
    let created = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    created.map_err(at(folder, "create it"))?;
    for path in missing {
        let above = path.parent().filter(|above| !above.as_os_str().is_empty());
        let above = above.unwrap_or(Path::new("."));
        syscalls.sync_folder(above).map_err(at(above, "sync it"))?;
    }
    Ok(())
}

fn lock(folder: &Path) -> Result<File, DiskError> {
    let path = folder.join(LOCK);
    let lock = private().write(true).create(true).truncate(false).open(&path);
    let lock = lock.map_err(at(&path, "create it"))?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(lock),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(DiskError::InUse(path)),
        Err(error) => Err(at(&path, "lock it")(error.into())),
    }
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
