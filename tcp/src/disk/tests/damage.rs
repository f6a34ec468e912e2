use super::{Known, commits, histories, known, log_of, open_bytes};
use crate::disk::{Damage, DiskError, Flaw};

#[test]
fn a_log_cut_off_anywhere_has_the_complete_commits() {
    let (bytes, ends) = log_of(&commits());
    for cut in 0..=bytes.len() {
        expect_prefix(&bytes[..cut], cut, &ends);
    }
}

#[test]
fn a_log_that_ends_in_zeros_after_a_power_loss_has_the_complete_commits() {
    let (bytes, ends) = log_of(&commits());
    for (from, to) in ends.iter().zip(&ends[1..]) {
        for written in *from..=*to {
            for length in written..=*to {
                let mut left = bytes[..written].to_vec();
                left.resize(length, 0);
                // The record may itself end in zeros.
                let whole = if left == bytes[..*to] { length } else { *from };
                expect_prefix(&left, whole, &ends);
            }
        }
    }
}

/// Asserts that the log has exactly the commits that end within `whole` bytes.
fn expect_prefix(bytes: &[u8], whole: usize, ends: &[usize]) {
    let opened = open_bytes(bytes);
    let Some(committed) = ends.iter().rposition(|end| *end <= whole) else {
        let no_beginning = Damage { at: 0, flaw: Flaw::NoHeader };
        assert!(
            matches!(opened, Err(DiskError::Damaged { damage, .. }) if damage == no_beginning),
            "cut off at {whole}: {opened:?}"
        );
        return;
    };
    let cells = opened.unwrap_or_else(|error| panic!("cut off at {whole}: {error}"));
    assert_eq!(known(&cells), histories(&commits())[committed], "cut off at {whole}");
    let torn = (bytes.len() - ends[committed]) as u64;
    assert_eq!(cells.torn(), Some(torn).filter(|torn| *torn > 0), "cut off at {whole}");
    assert_eq!(cells.incarnation(), 2);
}

#[test]
fn a_changed_byte_is_never_accepted() {
    let (bytes, ends) = log_of(&commits());
    let histories = histories(&commits());
    for at in 0..bytes.len() {
        for pattern in [1, 0x10, 0x80, 0xff, bytes[at]] {
            let mut changed = bytes.clone();
            changed[at] ^= pattern;
            if changed != bytes {
                expect_refusal(&changed, at, &ends, &histories);
            }
        }
    }
}

/// Asserts that the damaged record is located. Only a change that looks like a power loss, zeros at
/// the very end, may drop the last commit instead.
fn expect_refusal(changed: &[u8], at: usize, ends: &[usize], histories: &[Known]) {
    match open_bytes(changed) {
        Err(DiskError::Damaged { damage, .. }) => {
            let begins = ends.iter().rev().find(|end| **end <= at).unwrap_or(&0);
            assert_eq!(damage.at, *begins as u64, "byte {at}");
        }
        Err(other) => panic!("byte {at}: {other}"),
        Ok(cells) => {
            assert_eq!(changed.last(), Some(&0), "byte {at} is accepted");
            assert!(at >= changed.len() - 4, "byte {at} is accepted");
            assert_eq!(known(&cells), histories[histories.len() - 2], "byte {at}");
        }
    }
}

#[test]
fn a_torn_record_with_a_changed_byte_is_dropped_or_rejected() {
    let (bytes, ends) = log_of(&commits());
    let histories = histories(&commits());
    let last = ends[ends.len() - 2];
    for cut in last + 1..bytes.len() {
        for at in last..cut {
            let mut torn = bytes[..cut].to_vec();
            torn[at] ^= 0x10;
            match open_bytes(&torn) {
                Ok(cells) => assert_eq!(known(&cells), histories[histories.len() - 2]),
                Err(DiskError::Damaged { damage, .. }) => assert_eq!(damage.at, last as u64),
                Err(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn bytes_after_the_last_record_are_rejected_unless_they_are_zeros() {
    let (bytes, _) = log_of(&commits());
    let with = |tail: &[u8]| open_bytes(&[&bytes, tail].concat());
    assert_eq!(with(&[0; 600]).expect("zeros are a torn record").torn(), Some(600));
    let at = bytes.len() as u64;
    for tail in
        [b"\0\0\0\0\0\0\0\x01".as_slice(), &[&[0; 20][..], &[1]].concat(), b"something else"]
    {
        assert!(
            matches!(with(tail), Err(DiskError::Damaged { damage, .. }) if damage == Damage { at, flaw: Flaw::Length }),
            "{tail:?}"
        );
    }
}

#[test]
fn a_record_missing_from_the_middle_is_noticed() {
    let (bytes, ends) = log_of(&commits());
    for gone in 0..ends.len() - 2 {
        let left = [&bytes[..ends[gone]], &bytes[ends[gone + 1]..]].concat();
        let opened = open_bytes(&left);
        let Err(DiskError::Damaged { damage, .. }) = opened else { panic!("{gone}: {opened:?}") };
        let expected = gone as u64 + 1;
        let flaw = Flaw::Missing { expected, found: expected + 1 };
        assert_eq!(damage, Damage { at: ends[gone] as u64, flaw });
    }
}

#[test]
fn an_error_says_where_why_and_what_to_do() {
    let (mut bytes, ends) = log_of(&commits());
    bytes[ends[1] + 8] ^= 1;
    let said = open_bytes(&bytes).expect_err("damage").to_string();
    let (path, rest) = said.split_once(": ").expect("a path");
    assert!(path.ends_with("cells.log"));
    let expected = format!(
        "damaged at byte {}: the record's content does not match its checksum; move this \
         file away, keep the rest of the folder, which may have the node's key, and start the node \
         with `--new-life`: its peers then forget what it has lost, if their protocol says what \
         that is",
        ends[1]
    );
    assert_eq!(rest, expected);
}
