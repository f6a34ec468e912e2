use std::fs;

use rehearsal_machine::{Context, Input, Machine, Message, NodeId, Nothing};
use serde::{Deserialize, Serialize};

use super::{commit, commits, histories, identity, known, open};
use crate::codec;
use crate::disk::{Cells, DiskError, Identity};

#[test]
fn every_start_is_a_new_incarnation_that_knows_what_was_committed() {
    let folder = tempfile::tempdir().expect("a folder");
    for (lives, saves) in (0_u32..).zip(&commits()) {
        let mut cells = Cells::open(folder.path(), &identity()).expect("a log");
        assert_eq!(cells.incarnation(), lives + 1);
        assert_eq!(known(&cells), histories(&commits())[lives as usize]);
        assert_eq!(cells.torn(), None);
        commit(&mut cells, saves).expect("room");
    }
}

#[test]
fn what_is_staged_and_not_committed_is_not_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cells = open(folder.path()).expect("room");
    assert!(!cells.is_dirty());
    cells.stage(vec![1], Some(vec![2]));
    assert!(cells.is_dirty());
    drop(cells);
    assert_eq!(known(&open(folder.path()).expect("a log")), histories(&[])[0]);
}

#[test]
fn folders_are_made_where_there_are_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let deep = folder.path().join("cluster/n2");
    drop(Cells::open(&deep, &identity()).expect("room"));
    assert_eq!(open(&deep).expect("a log").incarnation(), 2);
}

#[test]
fn a_folder_is_one_processs_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = open(folder.path()).expect("room");
    assert!(matches!(open(folder.path()), Err(DiskError::InUse(_))));
    drop(first);
    assert_eq!(open(folder.path()).expect("nobody has it").incarnation(), 2);
}

#[test]
fn another_nodes_log_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(open(folder.path()).expect("room"));
    let log = folder.path().join("cells.log");
    let before = fs::read(&log).expect("a log");
    let others = [
        Identity { cluster: "home".to_owned(), ..identity() },
        Identity { node: NodeId::from_index(2), ..identity() },
        Identity { protocol: "election".to_owned(), ..identity() },
    ];
    for other in others {
        let error = Cells::open(folder.path(), &other).expect_err("somebody else's");
        assert!(matches!(error, DiskError::OtherNode { .. }));
        assert!(error.to_string().contains("n2 of cluster \"office\" running \"chat\""));
    }
    assert_eq!(fs::read(&log).expect("a log"), before);
}

#[test]
fn a_log_of_a_later_version_is_refused_by_its_number() {
    let mut bytes = Vec::new();
    crate::disk::records::append::<crate::disk::records::TooLong>(&mut bytes, |to| {
        codec::append(to, &("rehearsal cells", 2_u32, "what nobody knows")).expect("texts");
        Ok(())
    })
    .expect("short");
    assert!(matches!(super::open_bytes(&bytes), Err(DiskError::Version { found: 2, .. })));
}

#[test]
fn an_unfinished_log_of_a_killed_process_is_no_obstacle() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("cells.new"), b"half a log").expect("room");
    drop(open(folder.path()).expect("room"));
    assert!(!folder.path().join("cells.new").exists());
    assert_eq!(open(folder.path()).expect("a log").incarnation(), 2);
}

/// The bytes are what nodes of today will read tomorrow.
#[test]
fn the_format_is_frozen() {
    let (bytes, _) = super::log_of(&[vec![(vec![1], Some(vec![2, 3])), (vec![4], None)]]);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // Each record: length, its checksum, payload, its checksum.
    let beginning = "0f72656865617273616c2063656c6c7301066f66666963650204636861740100";
    let batch = "02010101020203010400";
    assert_eq!(hex, format!("2000000022707681{beginning}8b87e7d00a000000783ff94e{batch}9455cada"));
}

/// A machine that only has cells.
struct Counter;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Cell {
    Count(u32),
    Name,
}

impl Message for Word {
    fn kind(&self) -> &'static str {
        "word"
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Word;

impl Machine for Counter {
    type Message = Word;
    type Command = Nothing;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Cell;
    type Saved = String;

    fn handle(&mut self, _: Input<Self>, _: &mut Context<'_, Self>) {}
}

fn bytes<T: Serialize>(value: T) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::append(&mut bytes, &value).expect("a plain value");
    bytes
}

#[test]
fn a_machine_gets_its_cells_back_as_it_saved_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cells = open(folder.path()).expect("room");
    let saved = [(Cell::Count(700), "seven hundred"), (Cell::Name, "")];
    for (cell, value) in saved {
        cells.stage(bytes(cell), Some(bytes(value)));
    }
    cells.commit().expect("room");
    drop(cells);
    let storage = open(folder.path()).expect("a log").storage::<Counter>().expect("its own");
    assert_eq!(storage, saved.map(|(cell, value)| (cell, value.to_owned())).into());
}

#[test]
fn cells_that_are_not_the_machines_are_refused_by_name() {
    for (cell, value) in [
        (vec![9], bytes("no such cell")),
        (bytes(Cell::Name), vec![5, b'a']),
        (bytes(Cell::Name), [bytes("more than a text"), vec![0]].concat()),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cells = open(folder.path()).expect("room");
        commit(&mut cells, &[(cell.clone(), Some(value))]).expect("room");
        let error = cells.storage::<Counter>().expect_err("it does not fit");
        assert!(error.to_string().contains(&format!("cell {:02x} holds", cell[0])), "{error}");
    }
}
