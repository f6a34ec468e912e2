//! What the kernel's sources of numbers promise.

use rehearsal_machine::Draw as _;
use rehearsal_machine::draws::{Branching, Drawn, Lowest, OtherDraw, Recorded, Replayed};

const RECORDED: [Drawn; 2] =
    [Drawn { low: 1, high: 6, value: 4 }, Drawn { low: 0, high: 9, value: 9 }];

#[test]
fn what_a_source_gave_is_recorded_with_its_range_and_replays_without_a_difference() {
    let mut numbers = Vec::new();
    let mut source = Replayed::new(&RECORDED);
    let mut draws = Recorded::new(&mut source, &mut numbers);
    assert_eq!((draws.draw(1..=6), draws.draw(0..=9)), (4, 9));
    assert_eq!((numbers, source.finish()), (RECORDED.to_vec(), Ok(())));
}

#[test]
fn a_replay_reports_the_first_other_range_and_draws_its_low_end() {
    let mut draws = Replayed::new(&RECORDED);
    assert_eq!((draws.draw(2..=6), draws.draw(3..=3)), (2, 3));
    let first = OtherDraw { number: 1, recorded: Some(RECORDED[0]), asked: Some((2, 6)) };
    assert_eq!(draws.finish(), Err(first));
}

#[test]
fn a_replay_reports_a_draw_too_many_and_a_draw_too_few() {
    let mut draws = Replayed::new(&RECORDED[..1]);
    assert_eq!((draws.draw(1..=6), draws.draw(5..=7)), (4, 5));
    let too_many = OtherDraw { number: 2, recorded: None, asked: Some((5, 7)) };
    assert_eq!(draws.finish(), Err(too_many));

    let mut draws = Replayed::new(&RECORDED);
    draws.draw(1..=6);
    let too_few = OtherDraw { number: 2, recorded: Some(RECORDED[1]), asked: None };
    assert_eq!(draws.finish(), Err(too_few));
}

#[test]
fn the_lowest_is_the_low_end_of_every_range() {
    assert_eq!((Lowest.draw(3..=9), Lowest.draw(u64::MAX..=u64::MAX)), (3, u64::MAX));
}

fn sequences(draws: &mut Branching, pass: impl Fn(&mut Branching) -> Vec<u64>) -> Vec<Vec<u64>> {
    let mut seen = Vec::new();
    loop {
        seen.push(pass(draws));
        if !draws.advance() {
            return seen;
        }
    }
}

#[test]
fn branching_draws_every_sequence_once_though_later_ranges_depend_on_earlier_numbers() {
    let seen = sequences(&mut Branching::new(9), |draws| {
        let count = draws.draw(0..=2);
        (0..count).map(|_| draws.draw(5..=6)).collect()
    });
    let all: [&[u64]; 7] = [&[], &[5], &[6], &[5, 5], &[5, 6], &[6, 5], &[6, 6]];
    assert_eq!(seen, all);
}

#[test]
fn branching_draws_the_lowest_of_a_range_that_is_too_wide_and_says_so() {
    let mut draws = Branching::new(2);
    assert_eq!(sequences(&mut draws, |draws| vec![draws.draw(10..=u64::MAX)]), [[10], [11]]);
    assert!(!draws.has_seen_all());
    assert_eq!(sequences(&mut Branching::new(0), |draws| vec![draws.draw(4..=8)]), [[4]]);
}

#[test]
fn branching_draws_to_the_end_of_the_numbers_without_overflow() {
    let seen =
        sequences(&mut Branching::new(u64::MAX), |draws| vec![draws.draw(u64::MAX - 1..=u64::MAX)]);
    assert_eq!(seen, [[u64::MAX - 1], [u64::MAX]]);
}
