//! Crashes at every step of a process, and disks that fail.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::disks::{Disk, DiskFault};
use super::{NO_COMPACTION, commit, commits, histories, known, open, open_on};
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
    process: &Disk,
    folder: &Path,
    compaction: Compaction,
    promised: &mut Promised,
) -> Result<(), DiskError> {
    let mut cells = open_on(process, folder, compaction)?;
    promised.incarnations = cells.incarnation();
    for saves in &commits()[promised.commits..] {
        commit(&mut cells, saves)?;
        promised.commits += 1;
    }
    Ok(())
}

/// Kills a process at every step. Each time its folder, of which `before` promises something, has
/// everything that was durable, and at most the commit that was in progress besides.
fn kill_at_every_step(compaction: Compaction, before: impl Fn(&Path) -> Promised, least: u64) {
    let histories = histories(&commits());
    for killed in 0.. {
        let folder = tempfile::tempdir().expect("a folder");
        let mut promised = before(folder.path());
        let process = Disk::of_a_process_killed_after(killed);
        let result = live(&process, folder.path(), compaction, &mut promised);
        let cells = open(folder.path());
        let cells = cells.unwrap_or_else(|error| panic!("after {killed} steps: {error}"));
        assert!(cells.incarnation() > promised.incarnations, "after {killed} steps");
        let may_be = &histories[promised.commits..(promised.commits + 2).min(histories.len())];
        assert!(may_be.contains(&known(&cells)), "after {killed} steps: {:?}", known(&cells));
        if result.is_ok() {
            assert!(killed > least, "only {killed} steps");
            break;
        }
    }
}

#[test]
fn a_process_killed_at_any_byte_or_call_keeps_what_was_committed() {
    kill_at_every_step(NO_COMPACTION, |_| Promised::default(), 200);
}

#[test]
fn a_process_killed_at_any_step_of_a_compaction_keeps_what_was_committed() {
    kill_at_every_step(ALWAYS, |_| Promised::default(), 200);
}

#[test]
fn a_process_killed_during_a_restart_keeps_what_was_committed() {
    let restarting = |folder: &Path| {
        let mut promised = Promised::default();
        live(&Disk::default(), folder, NO_COMPACTION, &mut promised).expect("room");
        // The beginning of a torn commit.
        let log = OpenOptions::new().append(true).open(folder.join("cells.log"));
        log.expect("a log").write_all(&[7, 0, 0]).expect("room");
        promised
    };
    kill_at_every_step(NO_COMPACTION, restarting, 50);
}

/// A test cannot cut the power, but it can check the order of calls that makes a power loss safe.
#[test]
fn a_new_log_is_renamed_once_its_content_is_on_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let (deep, disk) = (folder.path().join("cluster/n2"), Disk::default());
    let mut cells = open_on(&disk, &deep, ALWAYS).expect("room");
    let anew = ["create", "write", "sync", "rename", "sync the folder"];
    assert_eq!(disk.calls(), [&["sync the folder"; 2], &anew[..]].concat());
    commit(&mut cells, &commits()[0]).expect("room");
    assert_eq!(disk.calls(), [&["write", "sync"], &anew[..]].concat());
    drop(cells);
    let mut cells = open_on(&disk, &deep, NO_COMPACTION).expect("room");
    assert_eq!(disk.calls(), anew);
    commit(&mut cells, &commits()[1]).expect("room");
    assert_eq!(disk.calls(), ["write", "sync"]);
    cells.commit().expect("nothing to do");
    assert!(disk.calls().is_empty());
}

#[test]
fn a_log_is_rewritten_only_if_it_is_long_and_mostly_obsolete() {
    let rewrites = |compaction, cells: u8| {
        let (folder, disk) = (tempfile::tempdir().expect("a folder"), Disk::default());
        let mut log = open_on(&disk, folder.path(), compaction).expect("room");
        disk.calls();
        for save in 0..100 {
            commit(&mut log, &[(vec![save % cells], Some(vec![save; 50]))]).expect("room");
        }
        disk.calls().iter().filter(|call| **call == "rename").count()
    };
    assert_eq!(rewrites(Compaction { min_bytes: 0, factor: 4 }, 100), 0, "all of it is live");
    assert_eq!(rewrites(Compaction { min_bytes: 10_000, factor: 4 }, 1), 0, "it is short");
    assert_eq!(rewrites(Compaction { min_bytes: 6_000, factor: 4 }, 1), 1);
    // Ten cells are 530 bytes, a commit 69: after 31 of them, then every 22.
    assert_eq!(rewrites(Compaction { min_bytes: 0, factor: 4 }, 10), 4);
}

/// Asserts that a fault in the commit after so many ends all saves, and gives its sort and the
/// cells of the next start.
#[track_caller]
fn after(fault: DiskFault, committed: usize, compaction: Compaction) -> (ErrorKind, Cells) {
    let (folder, disk) = (tempfile::tempdir().expect("a folder"), Disk::default());
    let mut cells = open_on(&disk, folder.path(), compaction).expect("room");
    for saves in &commits()[..committed] {
        commit(&mut cells, saves).expect("room");
    }
    disk.fail(fault);
    let refused = commit(&mut cells, &commits()[committed]);
    let Err(DiskError::File { error, .. }) = refused else { panic!("{fault:?}: {refused:?}") };
    // A second attempt would succeed, but the state of the last commit is unknown.
    let again = [commit(&mut cells, &commits()[2]), cells.commit()];
    assert!(again.iter().all(|saved| matches!(saved, Err(DiskError::Stopped(_)))), "{fault:?}");
    drop(cells);
    (error.kind(), open(folder.path()).expect("a log"))
}

#[test]
fn a_full_disk_ends_all_saves() {
    let (kind, cells) = after(DiskFault::Full, 1, NO_COMPACTION);
    assert_eq!((kind, known(&cells)), (ErrorKind::StorageFull, histories(&commits())[1].clone()));
}

#[test]
fn a_write_that_fails_halfway_leaves_a_torn_record_and_ends_all_saves() {
    for written in 0..20 {
        let (_, cells) = after(DiskFault::Write(written), 1, NO_COMPACTION);
        assert_eq!(known(&cells), histories(&commits())[1]);
        assert_eq!(cells.torn(), Some(written as u64).filter(|torn| *torn > 0));
    }
}

#[test]
fn a_failed_sync_is_not_tried_again() {
    after(DiskFault::Sync, 0, NO_COMPACTION);
}

#[test]
fn a_compaction_that_fails_ends_all_saves_and_loses_nothing() {
    for failure in [DiskFault::Rename, DiskFault::SyncFolder] {
        let (_, cells) = after(failure, 0, ALWAYS);
        assert_eq!(known(&cells), histories(&commits())[1]);
    }
}

#[test]
fn a_start_on_a_full_disk_fails_and_leaves_the_log_as_it_was() {
    let (folder, disk) = (tempfile::tempdir().expect("a folder"), Disk::default());
    let mut cells = open(folder.path()).expect("room");
    commit(&mut cells, &commits()[0]).expect("room");
    drop(cells);
    let log = folder.path().join("cells.log");
    let before = fs::read(&log).expect("a log");
    disk.fail(DiskFault::Full);
    let opened = open_on(&disk, folder.path(), NO_COMPACTION);
    assert!(matches!(opened, Err(DiskError::File { .. })), "{opened:?}");
    assert_eq!(fs::read(&log).expect("a log"), before);
}
