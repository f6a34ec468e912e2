//! Crashes at every step of a process, and disks that fail.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::Ordering;

use super::disks::{DiskFault, Failing, Listing, Mortal};
use super::{Known, NO_COMPACTION, commit, commits, histories, identity, known, open};
use crate::disk::cells::Compaction;
use crate::disk::{Cells, DiskError};

const ALWAYS: Compaction = Compaction { min_bytes: 0, factor: 1 };

/// What was durable for certain when a process was killed.
#[derive(Debug, Default)]
struct Promised {
    incarnations: u32,
    commits: usize,
}

/// Opens the folder and commits, until all is done or the process is killed.
fn live(
    process: Mortal,
    folder: &Path,
    compaction: Compaction,
    promised: &mut Promised,
) -> Result<(), DiskError> {
    let mut cells = Cells::open_with(Box::new(process), folder, &identity(), compaction)?;
    promised.incarnations = cells.incarnation();
    for saves in &commits()[promised.commits..] {
        commit(&mut cells, saves)?;
        promised.commits += 1;
    }
    Ok(())
}

/// Asserts that the folder has everything that was durable, and at most the commit that was in
/// progress besides.
fn expect_kept(folder: &Path, promised: &Promised, histories: &[Known], killed: u64) {
    let cells = open(folder).unwrap_or_else(|error| panic!("after {killed} steps: {error}"));
    assert!(cells.incarnation() > promised.incarnations, "after {killed} steps");
    let may_be = &histories[promised.commits..(promised.commits + 2).min(histories.len())];
    assert!(may_be.contains(&known(&cells)), "after {killed} steps: {:?}", known(&cells));
}

fn kill_at_every_step(compaction: Compaction) {
    let histories = histories(&commits());
    let mut kills = 0;
    loop {
        let folder = tempfile::tempdir().expect("a folder");
        let mut promised = Promised::default();
        let result = live(Mortal::after(kills), folder.path(), compaction, &mut promised);
        expect_kept(folder.path(), &promised, &histories, kills);
        if result.is_ok() {
            break;
        }
        kills += 1;
    }
    assert!(kills > 200, "only {kills} steps");
}

#[test]
fn a_process_killed_at_any_byte_or_call_keeps_what_was_committed() {
    kill_at_every_step(NO_COMPACTION);
}

#[test]
fn a_process_killed_at_any_step_of_a_compaction_keeps_what_was_committed() {
    kill_at_every_step(ALWAYS);
}

#[test]
fn a_process_killed_during_a_restart_keeps_what_was_committed() {
    let histories = histories(&commits());
    let mut kills = 0;
    loop {
        let folder = tempfile::tempdir().expect("a folder");
        let mut promised = Promised::default();
        live(Mortal::after(u64::MAX), folder.path(), NO_COMPACTION, &mut promised).expect("room");
        // The beginning of a torn commit.
        let path = folder.path().join("cells.log");
        let mut bytes = fs::read(&path).expect("a log");
        bytes.extend([7, 0, 0]);
        fs::write(&path, bytes).expect("room");
        let process = Mortal::after(kills);
        let left = process.0.clone();
        let done = live(process, folder.path(), NO_COMPACTION, &mut promised).is_ok();
        expect_kept(folder.path(), &promised, &histories, kills);
        if done && left.load(Ordering::Relaxed) > 0 {
            break;
        }
        kills += 1;
    }
    assert!(kills > 50, "only {kills} steps");
}

/// A test cannot cut the power, but it can check the order of calls that makes a power loss safe.
#[test]
fn a_new_log_is_renamed_once_its_content_is_on_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let (deep, asked) = (folder.path().join("cluster/n2"), Listing::default());
    let listed = || std::mem::take(&mut *asked.0.lock().expect("no panic"));
    let mut cells =
        Cells::open_with(Box::new(asked.clone()), &deep, &identity(), ALWAYS).expect("room");
    let anew = ["create", "write", "sync", "rename", "sync the folder"];
    assert_eq!(listed(), [&["sync the folder"; 2], &anew[..]].concat());
    commit(&mut cells, &commits()[0]).expect("room");
    assert_eq!(listed(), [&["write", "sync"], &anew[..]].concat());
    drop(cells);
    let mut cells =
        Cells::open_with(Box::new(asked.clone()), &deep, &identity(), NO_COMPACTION).expect("room");
    assert_eq!(listed(), anew);
    commit(&mut cells, &commits()[1]).expect("room");
    assert_eq!(listed(), ["write", "sync"]);
    cells.commit().expect("nothing to do");
    assert!(listed().is_empty());
}

#[test]
fn a_log_is_rewritten_only_if_it_is_long_and_mostly_obsolete() {
    let rewrites = |compaction, cells: u8| {
        let folder = tempfile::tempdir().expect("a folder");
        let asked = Listing::default();
        let mut log =
            Cells::open_with(Box::new(asked.clone()), folder.path(), &identity(), compaction)
                .expect("room");
        asked.0.lock().expect("no panic").clear();
        for save in 0..100 {
            commit(&mut log, &[(vec![save % cells], Some(vec![save; 50]))]).expect("room");
        }
        asked.0.lock().expect("no panic").iter().filter(|call| **call == "rename").count()
    };
    assert_eq!(rewrites(Compaction { min_bytes: 0, factor: 4 }, 100), 0, "all of it is live");
    assert_eq!(rewrites(Compaction { min_bytes: 10_000, factor: 4 }, 1), 0, "it is short");
    assert_eq!(rewrites(Compaction { min_bytes: 6_000, factor: 4 }, 1), 1);
    // Ten cells are 530 bytes, a commit 67: after 32 of them, then every 24.
    assert_eq!(rewrites(Compaction { min_bytes: 0, factor: 4 }, 10), 3);
}

fn open_failing(
    disk: &Failing,
    folder: &tempfile::TempDir,
    compaction: Compaction,
) -> Result<Cells, DiskError> {
    Cells::open_with(Box::new(disk.clone()), folder.path(), &identity(), compaction)
}

#[test]
fn a_full_disk_ends_all_saves() {
    let (folder, disk) = (tempfile::tempdir().expect("a folder"), Failing::default());
    let mut cells = open_failing(&disk, &folder, NO_COMPACTION).expect("room");
    commit(&mut cells, &commits()[0]).expect("room");
    disk.fail(DiskFault::Full);
    let refused = commit(&mut cells, &commits()[1]);
    assert!(
        matches!(&refused, Err(DiskError::File { error, .. }) if error.kind() == ErrorKind::StorageFull),
        "{refused:?}"
    );
    // There is room again, but the state of the last commit is unknown.
    assert!(matches!(commit(&mut cells, &commits()[2]), Err(DiskError::Stopped(_))));
    assert!(matches!(cells.commit(), Err(DiskError::Stopped(_))));
    drop(cells);
    assert_eq!(known(&open(folder.path()).expect("a log")), histories(&commits())[1]);
}

#[test]
fn a_write_that_fails_halfway_leaves_a_torn_record_and_ends_all_saves() {
    for written in 0..20 {
        let (folder, disk) = (tempfile::tempdir().expect("a folder"), Failing::default());
        let mut cells = open_failing(&disk, &folder, NO_COMPACTION).expect("room");
        commit(&mut cells, &commits()[0]).expect("room");
        disk.fail(DiskFault::Write(written));
        assert!(matches!(commit(&mut cells, &commits()[1]), Err(DiskError::File { .. })));
        assert!(matches!(cells.commit(), Err(DiskError::Stopped(_))));
        drop(cells);
        let cells = open(folder.path()).expect("a log");
        assert_eq!(known(&cells), histories(&commits())[1]);
        assert_eq!(cells.torn(), Some(written as u64).filter(|torn| *torn > 0));
    }
}

#[test]
fn a_failed_sync_is_not_tried_again() {
    let (folder, disk) = (tempfile::tempdir().expect("a folder"), Failing::default());
    let mut cells = open_failing(&disk, &folder, NO_COMPACTION).expect("room");
    disk.fail(DiskFault::Sync);
    assert!(matches!(commit(&mut cells, &commits()[0]), Err(DiskError::File { .. })));
    assert!(matches!(cells.commit(), Err(DiskError::Stopped(_))), "the second attempt succeeds");
}

#[test]
fn a_compaction_that_fails_ends_all_saves_and_loses_nothing() {
    for failure in [DiskFault::Rename, DiskFault::SyncFolder] {
        let (folder, disk) = (tempfile::tempdir().expect("a folder"), Failing::default());
        let eager = Compaction { min_bytes: 0, factor: 1 };
        let mut cells = open_failing(&disk, &folder, eager).expect("room");
        disk.fail(failure);
        assert!(matches!(commit(&mut cells, &commits()[0]), Err(DiskError::File { .. })));
        assert!(matches!(cells.commit(), Err(DiskError::Stopped(_))));
        drop(cells);
        assert_eq!(known(&open(folder.path()).expect("a log")), histories(&commits())[1]);
    }
}

#[test]
fn a_start_on_a_full_disk_fails_and_leaves_the_log_as_it_was() {
    let (folder, disk) = (tempfile::tempdir().expect("a folder"), Failing::default());
    let mut cells = open(folder.path()).expect("room");
    commit(&mut cells, &commits()[0]).expect("room");
    drop(cells);
    let log = folder.path().join("cells.log");
    let before = fs::read(&log).expect("a log");
    disk.fail(DiskFault::Full);
    assert!(matches!(open_failing(&disk, &folder, NO_COMPACTION), Err(DiskError::File { .. })));
    assert_eq!(fs::read(&log).expect("a log"), before);
}
