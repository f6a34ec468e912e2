use std::fs;
use std::io::ErrorKind;

use super::disks::{DiskFault, Failing};
use super::{NO_COMPACTION, commit, commits, histories, identity, known, open};
use crate::disk::cells::Compaction;
use crate::disk::{Cells, DiskError};

fn open_failing(
    disk: &Failing,
    folder: &tempfile::TempDir,
    compaction: Compaction,
) -> Result<Cells, DiskError> {
    Cells::open_by(Box::new(disk.clone()), folder.path(), &identity(), compaction)
}

#[test]
fn a_full_disk_ends_all_saving() {
    let (folder, disk) = (tempfile::tempdir().expect("a folder"), Failing::default());
    let mut cells = open_failing(&disk, &folder, NO_COMPACTION).expect("room");
    commit(&mut cells, &commits()[0]).expect("room");
    disk.fail(DiskFault::Full);
    let refused = commit(&mut cells, &commits()[1]);
    assert!(
        matches!(&refused, Err(DiskError::File { error, .. }) if error.kind() == ErrorKind::StorageFull),
        "{refused:?}"
    );
    // There is room again, but nobody knows what became of the last commit.
    assert!(matches!(commit(&mut cells, &commits()[2]), Err(DiskError::Stopped(_))));
    assert!(matches!(cells.commit(), Err(DiskError::Stopped(_))));
    drop(cells);
    assert_eq!(known(&open(folder.path()).expect("a log")), histories(&commits())[1]);
}

#[test]
fn a_write_that_fails_halfway_leaves_a_torn_record_and_ends_all_saving() {
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
fn a_disk_that_did_not_take_a_commit_once_is_not_believed_again() {
    let (folder, disk) = (tempfile::tempdir().expect("a folder"), Failing::default());
    let mut cells = open_failing(&disk, &folder, NO_COMPACTION).expect("room");
    disk.fail(DiskFault::Sync);
    assert!(matches!(commit(&mut cells, &commits()[0]), Err(DiskError::File { .. })));
    assert!(matches!(cells.commit(), Err(DiskError::Stopped(_))), "the second attempt succeeds");
}

#[test]
fn a_compaction_that_fails_ends_all_saving_and_loses_nothing() {
    for failure in [DiskFault::Rename, DiskFault::SyncFolder] {
        let (folder, disk) = (tempfile::tempdir().expect("a folder"), Failing::default());
        let eager = Compaction { least: 0, times: 1 };
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
