use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;

use super::disks::{Listing, Mortal};
use super::{Known, NO_COMPACTION, commit, commits, histories, identity, known, open};
use crate::disk::cells::Compaction;
use crate::disk::{Cells, DiskError};

const ALWAYS: Compaction = Compaction { least: 0, times: 1 };

/// What a process knew to be durable when it was killed.
#[derive(Debug, Default)]
struct Promised {
    incarnations: u32,
    commits: usize,
}

/// Opens the folder and commits, until that is done or the process is killed.
fn live(
    process: Mortal,
    folder: &Path,
    compaction: Compaction,
    promised: &mut Promised,
) -> Result<(), DiskError> {
    let mut cells = Cells::open_by(Box::new(process), folder, &identity(), compaction)?;
    promised.incarnations = cells.incarnation();
    for saves in &commits()[promised.commits..] {
        commit(&mut cells, saves)?;
        promised.commits += 1;
    }
    Ok(())
}

/// Is everything there that was promised, and at most the commit at which the
/// process was?
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
fn a_process_killed_while_it_starts_again_keeps_what_was_committed() {
    let histories = histories(&commits());
    let mut kills = 0;
    loop {
        let folder = tempfile::tempdir().expect("a folder");
        let mut promised = Promised::default();
        live(Mortal::after(u64::MAX), folder.path(), NO_COMPACTION, &mut promised).expect("room");
        // What is left of a third, torn commit.
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

/// Nobody can pull the plug in a test; but the order of calls is known that
/// makes this safe.
#[test]
fn a_new_log_gets_its_name_when_its_content_is_on_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let (deep, asked) = (folder.path().join("cluster/n2"), Listing::default());
    let listed = || std::mem::take(&mut *asked.0.lock().expect("no panic"));
    let mut cells =
        Cells::open_by(Box::new(asked.clone()), &deep, &identity(), ALWAYS).expect("room");
    let anew = ["create", "write", "sync", "rename", "sync the folder"];
    assert_eq!(listed(), [&["sync the folder"; 2], &anew[..]].concat());
    commit(&mut cells, &commits()[0]).expect("room");
    assert_eq!(listed(), [&["write", "sync"], &anew[..]].concat());
    drop(cells);
    let mut cells =
        Cells::open_by(Box::new(asked.clone()), &deep, &identity(), NO_COMPACTION).expect("room");
    assert_eq!(listed(), anew);
    commit(&mut cells, &commits()[1]).expect("room");
    assert_eq!(listed(), ["write", "sync"]);
    cells.commit().expect("nothing to do");
    assert!(listed().is_empty());
}

#[test]
fn a_log_is_written_anew_only_if_it_is_long_and_most_of_it_is_past() {
    let rewrites = |compaction, cells: u8| {
        let folder = tempfile::tempdir().expect("a folder");
        let asked = Listing::default();
        let mut log =
            Cells::open_by(Box::new(asked.clone()), folder.path(), &identity(), compaction)
                .expect("room");
        asked.0.lock().expect("no panic").clear();
        for save in 0..100 {
            commit(&mut log, &[(vec![save % cells], Some(vec![save; 50]))]).expect("room");
        }
        asked.0.lock().expect("no panic").iter().filter(|call| **call == "rename").count()
    };
    assert_eq!(rewrites(Compaction { least: 0, times: 4 }, 100), 0, "all of it lives");
    assert_eq!(rewrites(Compaction { least: 10_000, times: 4 }, 1), 0, "it is short");
    assert_eq!(rewrites(Compaction { least: 6_000, times: 4 }, 1), 1);
    // Ten cells are 530 bytes, a commit 67: after 32 of them, then every 24.
    assert_eq!(rewrites(Compaction { least: 0, times: 4 }, 10), 3);
}
