//! Tests of the log: cut off, damaged or interrupted at every point, it must agree with a plain
//! history of the commits.

mod damage;
pub(crate) mod disks;
mod failures;
mod restarts;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rehearsal_machine::NodeId;

use super::cells::Compaction;
use super::{Cells, DiskError, Identity};
use disks::Disk;

/// The content of the cells that a test expects.
type Known = BTreeMap<Vec<u8>, Vec<u8>>;

/// The saves of a commit.
type Saves = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn identity() -> Identity {
    Identity {
        cluster: "office".to_owned(),
        node: NodeId::from_index(1),
        protocol: "chat".to_owned(),
    }
}

/// For tests of something else.
const NO_COMPACTION: Compaction = Compaction { min_bytes: u64::MAX, factor: 4 };

fn open(folder: &Path) -> Result<Cells, DiskError> {
    open_on(&Disk::default(), folder, NO_COMPACTION)
}

fn open_on(disk: &Disk, folder: &Path, compaction: Compaction) -> Result<Cells, DiskError> {
    Cells::open_with(Box::new(disk.clone()), folder, &identity(), compaction)
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

/// The expected content before the first commit, after the first, and so on.
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

/// Commits of every kind: several cells, a replaced one, an erased one, an empty one, and one with
/// zeros at its end.
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

/// The bytes of a log with these commits, and where each record ends, beginning with the header.
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

/// Opens a folder whose log has these bytes.
fn open_bytes(bytes: &[u8]) -> Result<Cells, DiskError> {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("cells.log"), bytes).expect("room");
    open(folder.path())
}
