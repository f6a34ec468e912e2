use rehearsal_machine::Draw;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, U64Deserializer};

use super::{Chance, Purpose, Seed, Stream, Words};

fn first_words<const N: usize>(mut words: impl Words) -> [u64; N] {
    [(); N].map(|()| words.word())
}

#[test]
fn the_same_key_gives_the_same_word_in_any_order_and_on_any_thread() {
    let keys = |n: u64| (Purpose::Delay, n as u32 % 7, n as u32 % 5, n / 35);
    let word = |chance: &Chance, n: u64| {
        let (purpose, a, b, count) = keys(n);
        chance.keyed(purpose, a, b, count).word()
    };
    let chance = Chance::new(Seed(7));
    let forwards: Vec<u64> = (0..1_000).map(|n| word(&chance, n)).collect();
    let mut backwards: Vec<u64> = (0..1_000).rev().map(|n| word(&chance, n)).collect();
    backwards.reverse();
    let elsewhere: Vec<u64> = std::thread::scope(|scope| {
        let fresh = || (0..1_000).map(|n| word(&Chance::new(Seed(7)), n)).collect();
        scope.spawn(fresh).join().expect("drawing does not panic")
    });
    assert_eq!(forwards, backwards);
    assert_eq!(forwards, elsewhere);
}

#[test]
fn a_draw_that_cannot_happen_takes_no_word() {
    let chance = Chance::new(Seed(7));
    let mut switched_on = chance.stream(Stream::Workload);
    assert!(!switched_on.happens(0, 100));
    assert!(switched_on.happens(100, 100));
    assert_eq!(switched_on.uniform(5..=5), 5);
    assert_eq!(first_words::<4>(switched_on), first_words(chance.stream(Stream::Workload)));
}

#[test]
fn draws_on_one_link_leave_every_other_link_alone() {
    let chance = Chance::new(Seed(7));
    let before = first_words::<4>(chance.keyed(Purpose::Loss, 2, 3, 1));
    for count in 0..100 {
        let _ = first_words::<4>(chance.keyed(Purpose::Loss, 1, 2, count));
    }
    assert_eq!(before, first_words(chance.keyed(Purpose::Loss, 2, 3, 1)));
}

#[test]
fn every_part_of_a_key_tells() {
    let (chance, other) = (Chance::new(Seed(7)), Chance::new(Seed(8)));
    let word = |chance: &Chance, purpose, a, b, count| chance.keyed(purpose, a, b, count).word();
    let usual = word(&chance, Purpose::Loss, 1, 2, 3);
    assert_ne!(usual, word(&chance, Purpose::Delay, 1, 2, 3));
    assert_ne!(usual, word(&chance, Purpose::Loss, 2, 1, 3), "each direction has its own");
    assert_ne!(usual, word(&chance, Purpose::Loss, 2, 2, 3));
    assert_ne!(usual, word(&chance, Purpose::Loss, 1, 3, 3));
    assert_ne!(usual, word(&chance, Purpose::Loss, 1, 2, 4));
    assert_ne!(usual, word(&other, Purpose::Loss, 1, 2, 3));
    let [first, second] = first_words(chance.keyed(Purpose::Loss, 1, 2, 3));
    assert_eq!(first, usual);
    assert_ne!(second, usual);
}

#[test]
fn a_restart_does_not_rewind_what_a_node_draws() {
    let chance = Chance::new(Seed(7));
    let drawn = |incarnation| {
        let word = |nth| chance.keyed(Purpose::Draw, 1, incarnation, nth).word();
        (1..=100).map(word).collect::<Vec<_>>()
    };
    let (before, after) = (drawn(1), drawn(2));
    assert!(before.iter().all(|word| !after.contains(word)));
    assert_eq!(before, drawn(1), "nor does it change the past");
}

#[test]
fn no_two_streams_are_one() {
    let mut numbers = vec![super::stream::SECRET];
    numbers.extend([Stream::Options, Stream::Workload].map(Stream::number));
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), all);
}

#[test]
fn a_sequence_draws_what_the_sampler_gives() {
    let chance = Chance::new(Seed(7));
    let [mut drawn, mut sampled] = [(); 2].map(|()| chance.stream(Stream::Workload));
    for range in [0..=9, 5..=5, 0..=u64::MAX, 1..=6] {
        assert_eq!(drawn.draw(range.clone()), sampled.uniform(range));
    }
}

#[test]
fn a_seed_is_written_in_decimal() {
    assert_eq!(Seed(u64::MAX).to_string(), "18446744073709551615");
    assert_eq!("18446744073709551615".parse(), Ok(Seed(u64::MAX)));
    assert!("18446744073709551616".parse::<Seed>().is_err());
    assert!("-1".parse::<Seed>().is_err());
    assert_eq!(format!("{:>4}", Seed(7)), "   7");
    let number: U64Deserializer<Error> = 7_u64.into_deserializer();
    assert_eq!(Seed::deserialize(number), Ok(Seed(7)));
}

#[test]
fn chance_shows_its_seed_and_keeps_its_secret() {
    assert_eq!(format!("{:?}", Chance::new(Seed(7))), "Chance(Seed(7))");
}
