//! Logs that are cut off, damaged, interrupted at every point, and held against
//! a plain history of what was committed.

mod crash;
mod damage;
mod disks;
mod full;
mod open;
mod random;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rehearsal_machine::NodeId;

use super::cells::Compaction;
use super::{Cells, DiskError, Identity};
use disks::Quick;

/// What a test knows of the cells.
type Known = BTreeMap<Vec<u8>, Vec<u8>>;

/// A commit's saves.
type Saves = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn identity() -> Identity {
    Identity {
        cluster: "office".to_owned(),
        node: NodeId::from_index(1),
        protocol: "chat".to_owned(),
    }
}

/// Never, in a test of something else.
const NO_COMPACTION: Compaction = Compaction { least: u64::MAX, times: 4 };

fn open(folder: &Path) -> Result<Cells, DiskError> {
    Cells::open_by(Box::new(Quick), folder, &identity(), NO_COMPACTION)
}

fn commit(cells: &mut Cells, saves: &[(Vec<u8>, Option<Vec<u8>>)]) -> Result<(), DiskError> {
    for (cell, value) in saves {
        cells.stage(cell.clone(), value.clone());
    }
    cells.commit()
}

fn known(cells: &Cells) -> Known {
    cells.held().map(|(cell, value)| (cell.to_owned(), value.to_owned())).collect()
}

/// What is known before the first commit, after it, and so on.
fn histories(commits: &[Saves]) -> Vec<Known> {
    let mut histories = vec![Known::new()];
    for saves in commits {
        let mut next = histories.last().expect("there is one").clone();
        for (cell, value) in saves {
            match value {
                Some(value) => next.insert(cell.clone(), value.clone()),
                None => next.remove(cell),
            };
        }
        histories.push(next);
    }
    histories
}

/// A few commits of every kind: several cells, replaced, erased, with zeros at
/// the end, empty.
fn commits() -> Vec<Saves> {
    let save = |cell: &[u8], value: &[u8]| (cell.to_vec(), Some(value.to_vec()));
    vec![
        vec![save(b"term", &[1]), save(b"vote", b"n2")],
        vec![save(b"term", &[2])],
        vec![(b"vote".to_vec(), None), save(b"log", &[7; 40])],
        vec![save(b"", b"")],
        vec![save(b"term", &[0, 0, 0, 0])],
    ]
}

/// The bytes of a log with those commits, and where each commit's record ends,
/// from the beginning's on.
fn log_of(commits: &[Saves]) -> (Vec<u8>, Vec<usize>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cells.log");
    let length = || fs::read(&path).expect("a log").len();
    let mut cells = open(folder.path()).expect("a new log");
    let mut ends = vec![length()];
    for saves in commits {
        commit(&mut cells, saves).expect("room");
        ends.push(length());
    }
    (fs::read(&path).expect("a log"), ends)
}

/// Opens a folder in which this is the log.
fn open_bytes(bytes: &[u8]) -> Result<Cells, DiskError> {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("cells.log"), bytes).expect("room");
    open(folder.path())
}
