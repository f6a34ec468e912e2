use proptest::collection::vec;
use proptest::prelude::*;

use super::disks::Quick;
use super::{Saves, commit, histories, identity, known};
use crate::disk::Cells;
use crate::disk::cells::Compaction;

/// What happens to a node.
#[derive(Clone, Debug)]
enum Doing {
    Commit(Saves),
    /// It starts again, after this many bytes that were not written to the end.
    Restart(Vec<u8>),
}

fn doing() -> impl Strategy<Value = Doing> {
    let save = (vec(0_u8..3, 0..2), proptest::option::of(vec(any::<u8>(), 0..40)));
    // The head of a record that promises more than comes.
    let torn = prop_oneof![Just(Vec::new()), Just(vec![9]), Just(vec![0; 30])];
    prop_oneof![
        5 => vec(save, 0..4).prop_map(Doing::Commit),
        1 => torn.prop_map(Doing::Restart),
    ]
}

proptest! {
    #[test]
    fn cells_hold_what_was_committed_through_restarts_and_compactions(
        doings in vec(doing(), 0..40),
        least in 0_u64..600,
        times in 1_u64..5,
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let compaction = Compaction { least, times };
        let open = || Cells::open_by(Box::new(Quick), folder.path(), &identity(), compaction);
        let mut cells = open().expect("room");
        let (mut commits, mut lives) = (Vec::new(), 1);
        for doing in doings {
            match doing {
                Doing::Commit(saves) => {
                    commit(&mut cells, &saves).expect("room");
                    commits.push(saves);
                }
                Doing::Restart(torn) => {
                    drop(cells);
                    let path = folder.path().join("cells.log");
                    let log = std::fs::read(&path).expect("a log");
                    std::fs::write(&path, [log, torn.clone()].concat()).expect("room");
                    cells = open().expect("a log");
                    lives += 1;
                    prop_assert_eq!(cells.torn().unwrap_or(0), torn.len() as u64);
                }
            }
            prop_assert_eq!(cells.incarnation(), lives);
            prop_assert_eq!(Some(known(&cells)), histories(&commits).pop());
        }
    }

    #[test]
    fn a_log_stays_within_a_multiple_of_what_lives_in_it(rounds in 1_u8..120) {
        let folder = tempfile::tempdir().expect("a folder");
        let compaction = Compaction { least: 1_000, times: 4 };
        let mut cells =
            Cells::open_by(Box::new(Quick), folder.path(), &identity(), compaction).expect("room");
        for round in 0..rounds {
            commit(&mut cells, &[(vec![round % 3], Some(vec![round; 100]))]).expect("room");
            let length = std::fs::metadata(folder.path().join("cells.log")).expect("a log").len();
            // Three cells of about a hundred bytes each, and the commit that was one too many.
            prop_assert!(length <= 4 * 309 + 120, "{length} bytes");
        }
    }
}
