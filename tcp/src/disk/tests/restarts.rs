//! What the next incarnation of a node finds in its folder.

use std::fs;

use proptest::collection::vec;
use proptest::prelude::*;
use rehearsal_machine::NodeId;

use super::disks::Disk;
use super::{Saves, commit, histories, identity, known, open, open_on};
use crate::codec;
use crate::disk::cells::Compaction;
use crate::disk::life::{KnownPeer, Life, LifeId, PastIncarnation};
use crate::disk::log::{self, Contents, Held, Peers};
use crate::disk::{Cells, DiskError, Identity, Store, StoreId};
use crate::recording::tests::bytes;
use crate::recording::tests::clerk::{Cell, Clerk};

#[test]
fn staged_saves_are_lost_in_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cells = open(folder.path()).expect("room");
    assert!(!cells.is_dirty());
    cells.stage(vec![1], Some(vec![2]));
    assert!(cells.is_dirty());
    drop(cells);
    assert_eq!(known(&open(folder.path()).expect("a log")), histories(&[])[0]);
}

#[test]
fn missing_folders_are_created() {
    let folder = tempfile::tempdir().expect("a folder");
    let deep = folder.path().join("cluster/n2");
    drop(Cells::open(&deep, &identity()).expect("room"));
    assert_eq!(open(&deep).expect("a log").incarnation(), 2);
}

#[test]
fn a_folder_is_open_in_one_process_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = open(folder.path()).expect("room");
    assert!(matches!(open(folder.path()), Err(DiskError::InUse(_))));
    drop(first);
    assert_eq!(open(folder.path()).expect("it is free").incarnation(), 2);
}

#[test]
fn the_log_of_another_node_is_rejected_and_unchanged() {
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
        let error = Cells::open(folder.path(), &other).expect_err("another node's");
        assert!(matches!(error, DiskError::OtherNode { .. }));
        assert!(error.to_string().contains("n2 of cluster \"office\" running \"chat\""));
    }
    assert_eq!(fs::read(&log).expect("a log"), before);
}

#[test]
fn a_log_of_a_later_version_is_rejected_with_its_version() {
    let mut bytes = Vec::new();
    crate::disk::records::append::<crate::disk::records::TooLong>(&mut bytes, |to| {
        codec::append(to, &("rehearsal cells", 4_u32, "an unknown format")).expect("texts");
        Ok(())
    })
    .expect("short");
    assert!(matches!(super::open_bytes(&bytes), Err(DiskError::Version { found: 4, .. })));
}

#[test]
fn an_unfinished_log_of_a_killed_process_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("cells.new"), b"half a log").expect("room");
    drop(open(folder.path()).expect("room"));
    assert!(!folder.path().join("cells.new").exists());
    assert_eq!(open(folder.path()).expect("a log").incarnation(), 2);
}

/// Later versions must read the logs of today.
#[test]
fn the_format_is_frozen() {
    let contents = Contents {
        identity: identity(),
        life: Life {
            id: LifeId { store: StoreId::of([7; 16]), incarnation: 1, session: 300 },
            is_new: true,
            past: vec![PastIncarnation { session: 2, commits: 4 }],
        },
        commits: 5,
        peers: Peers::from([(NodeId::from_index(0), peer())]),
        held: Held::from([(vec![1], vec![9])]),
    };
    let mut bytes = log::header(&contents).expect("short");
    let saves = vec![(vec![1], Some(vec![2, 3])), (vec![4], None)];
    log::append_commit(&mut bytes, 6, &saves, &contents.peers).expect("short");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // Each record: length, the length's checksum, payload, the payload's checksum.
    let kind = "0f72656865617273616c2063656c6c7303";
    let identity = "066f6666696365020463686174";
    let life = format!("{}01ac0201010204", "07".repeat(16));
    let peers = format!("0101{}ac02060301{}", "09".repeat(16), "08".repeat(16));
    let peers = format!("{peers}01{}", "05".repeat(16));
    let header = format!("{kind}{identity}{life}05{peers}0101010109");
    let batch = format!("0602010101020203010400{peers}");
    assert_eq!(hex, format!("730000006ed0ce58{header}6c7e738743000000cf28e5a8{batch}053a0c59"));
    let read = log::read(&bytes).expect("a log");
    assert_eq!((read.contents.life, read.contents.commits), (contents.life, 6));
    assert_eq!(read.contents.peers, contents.peers);
    assert_eq!(read.contents.held, Held::from([(vec![1], vec![2, 3])]));
}

/// A peer of which everything is known.
fn peer() -> KnownPeer {
    KnownPeer {
        life: LifeId { store: StoreId::of([9; 16]), incarnation: 300, session: 6 },
        commits: 3,
        successor: Some(StoreId::of([8; 16])),
        replaced: vec![StoreId::of([5; 16])],
    }
}

#[test]
fn a_log_of_version_1_is_read_and_gets_a_store() {
    let beginning = "0f72656865617273616c2063656c6c7301066f66666963650204636861740100";
    let batch = "02010101020203010400";
    let hex = format!("2000000022707681{beginning}8b87e7d00a000000783ff94e{batch}9455cada");
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits"))
        .collect();
    let (one, other) = (super::open_bytes(&bytes).expect("a log"), super::open_bytes(&bytes));
    assert_eq!(known(&one), [(vec![1], vec![2, 3])].into());
    assert_eq!(one.incarnation(), 2);
    assert_ne!(one.store(), other.expect("a log").store(), "each start of an old log makes one");
}

#[test]
fn a_store_keeps_its_identity_until_a_new_life_begins() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = open(folder.path()).expect("room").life().id;
    let second = open(folder.path()).expect("a log").life().id;
    assert_eq!((second.store, second.incarnation), (first.store, 2));
    assert_ne!(second.session, first.session);
    let mut store = Store::open(folder.path(), &identity()).expect("a log");
    store.begin_new_life().expect("it has no cells");
    let renewed = store.begin().expect("room");
    assert!(renewed.life().is_new);
    assert_eq!(renewed.life().past, []);
    assert_ne!(renewed.store(), first.store);
    assert_eq!(renewed.incarnation(), 1);
    drop(renewed);
    assert!(open(folder.path()).expect("a log").life().is_new, "peers may not know it yet");
}

#[test]
fn a_new_life_does_not_begin_with_saved_state() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cells = open(folder.path()).expect("room");
    cells.stage(bytes(&Cell::Count).into(), Some(bytes(&7_u64).into()));
    cells.commit().expect("room");
    drop(cells);
    let mut store = Store::open(folder.path(), &identity()).expect("a log");
    let error = store.begin_new_life().expect_err("it has a cell").to_string();
    assert!(error.ends_with("or move `cells.log` away first"), "{error}");
}

#[test]
fn peers_are_remembered_by_later_incarnations_and_through_a_compaction() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = NodeId::from_index(4);
    let always = Compaction { min_bytes: 0, factor: 1 };
    let mut cells = open_on(&Disk::default(), folder.path(), always).expect("room");
    cells.stage_peer(node, peer());
    assert!(cells.is_dirty());
    cells.commit().expect("room");
    commit(&mut cells, &[(vec![1], Some(vec![1]))]).expect("room");
    drop(cells);
    assert_eq!(open(folder.path()).expect("a log").peer(node), Some(&peer()));
}

#[test]
fn a_new_life_of_a_peer_erases_the_cells_about_the_earlier_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (node, other) = (NodeId::from_index(4), NodeId::from_index(5));
    let mut cells = open(folder.path()).expect("room");
    let name = |cell: Cell| -> Vec<u8> { bytes(&cell).into() };
    for cell in [Cell::Last(node), Cell::Last(other), Cell::Count] {
        cells.stage(name(cell), Some(bytes(&7_u64).into()));
    }
    cells.stage_peer(node, peer());
    cells.stage_peer(other, KnownPeer::new(peer().life));
    cells.commit().expect("room");
    drop(cells);
    let mut store = Store::open(folder.path(), &identity()).expect("a log");
    let is_about = |cell: &Cell, peer| *cell == Cell::Last(peer);
    assert_eq!(store.forget::<Clerk>(is_about).expect("its own"), [node]);
    let cells = store.begin().expect("room");
    let left: Vec<_> = cells.storage::<Clerk>().expect("its own").into_keys().collect();
    assert_eq!(left, [Cell::Count, Cell::Last(other)]);
    let known = cells.peer(node).expect("it is remembered");
    assert_eq!((known.life.store, known.life.incarnation), (StoreId::of([8; 16]), 0));
    assert_eq!(known.replaced, [StoreId::of([5; 16]), StoreId::of([9; 16])]);
}

#[test]
fn a_folder_that_is_opened_and_not_begun_is_unchanged() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(open(folder.path()).expect("room"));
    let log = folder.path().join("cells.log");
    let before = fs::read(&log).expect("a log");
    let mut store = Store::open(folder.path(), &identity()).expect("a log");
    assert_eq!(store.incarnation(), 2);
    store.begin_new_life().expect("it has no cells");
    drop(store);
    assert_eq!(fs::read(&log).expect("a log"), before);
}

#[test]
fn a_machine_gets_back_the_cells_that_it_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut cells = open(folder.path()).expect("room");
    let saved = [(Cell::Last(NodeId::from_index(6)), 700), (Cell::Count, 0)];
    for (cell, value) in saved {
        cells.stage(bytes(&cell).into(), Some(bytes(&value).into()));
    }
    cells.commit().expect("room");
    drop(cells);
    let storage = open(folder.path()).expect("a log").storage::<Clerk>().expect("its own");
    assert_eq!(storage, saved.into());
}

#[test]
fn cells_that_the_machine_cannot_decode_are_rejected_by_name() {
    let count = bytes(&Cell::Count).to_vec();
    for (cell, value) in [(vec![9], vec![0]), (count.clone(), vec![0x80]), (count, vec![7, 0])] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut cells = open(folder.path()).expect("room");
        commit(&mut cells, &[(cell.clone(), Some(value))]).expect("room");
        let error = cells.storage::<Clerk>().expect_err("it does not fit");
        assert!(error.to_string().contains(&format!("cell {:02x}:", cell[0])), "{error}");
    }
}

/// An action of or on a node.
#[derive(Clone, Debug)]
enum Action {
    Commit(Saves),
    /// The node restarts, with these bytes of a torn record at the end of its log.
    Restart(Vec<u8>),
}

fn action() -> impl Strategy<Value = Action> {
    let save = (vec(0_u8..3, 0..2), proptest::option::of(vec(any::<u8>(), 0..40)));
    // An incomplete record, or zeros.
    let torn = prop_oneof![Just(Vec::new()), Just(vec![9]), Just(vec![0; 30])];
    prop_oneof![
        5 => vec(save, 0..4).prop_map(Action::Commit),
        1 => torn.prop_map(Action::Restart),
    ]
}

proptest! {
    #[test]
    fn cells_keep_what_was_committed_through_restarts_and_compactions(
        actions in vec(action(), 0..40),
        min_bytes in 0_u64..600,
        factor in 1_u64..5,
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let compaction = Compaction { min_bytes, factor };
        let open = || open_on(&Disk::default(), folder.path(), compaction);
        let mut cells = open().expect("room");
        let (mut commits, mut lives, mut past) = (Vec::new(), 1, Vec::new());
        for action in actions {
            match action {
                Action::Commit(saves) => {
                    commit(&mut cells, &saves).expect("room");
                    commits.push(saves);
                }
                Action::Restart(torn) => {
                    let session = cells.life().id.session;
                    past.insert(0, PastIncarnation { session, commits: cells.commits() });
                    drop(cells);
                    let path = folder.path().join("cells.log");
                    let log = fs::read(&path).expect("a log");
                    fs::write(&path, [log, torn.clone()].concat()).expect("room");
                    cells = open().expect("a log");
                    lives += 1;
                    prop_assert_eq!(cells.torn().unwrap_or(0), torn.len() as u64);
                }
            }
            prop_assert_eq!(cells.incarnation(), lives);
            let not_empty = commits.iter().filter(|saves: &&Saves| !saves.is_empty()).count();
            prop_assert_eq!(cells.commits(), not_empty as u64);
            let remembered = past.len().min(Life::MAX_PAST);
            prop_assert_eq!(&cells.life().past[..], &past[..remembered]);
            prop_assert_eq!(Some(known(&cells)), histories(&commits).pop());
        }
    }

    #[test]
    fn a_log_stays_within_a_multiple_of_its_live_bytes(rounds in 1_u8..120) {
        let folder = tempfile::tempdir().expect("a folder");
        let compaction = Compaction { min_bytes: 1_000, factor: 4 };
        let mut cells = open_on(&Disk::default(), folder.path(), compaction).expect("room");
        for round in 0..rounds {
            commit(&mut cells, &[(vec![round % 3], Some(vec![round; 100]))]).expect("room");
            let length = fs::metadata(folder.path().join("cells.log")).expect("a log").len();
            // Three cells of about a hundred bytes each, and the commit that exceeded the bound.
            prop_assert!(length <= 4 * 309 + 120, "{length} bytes");
        }
    }
}
