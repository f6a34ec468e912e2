//! Fuzzing of the decoders: for any bytes they agree with an oracle, a plain implementation of the
//! documented format, and allocate no more memory than the bytes justify.
//!
//! To run ten million cases of each:
//! `REHEARSAL_FRAMES=10000000 cargo test --release -p rehearsal-tcp --lib fuzz`

mod garbled;
mod oracle;

use allocation_counter::measure;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

use super::frame;
use super::hello::{Answer, Confirm, Hello, VERSIONS};
use crate::codec;
use garbled::Kinds;

/// The maximum message size, so small that many messages exceed it.
const MAX: usize = 64;

/// How many cases to run.
fn cases() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "the number of cases does not change any case")]
    let asked = std::env::var("REHEARSAL_FRAMES");
    asked.map_or(20_000, |cases| cases.parse().expect("REHEARSAL_FRAMES is a number"))
}

#[test]
fn fuzzed_frames_are_decoded_as_by_the_oracle_without_allocation() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut met = Kinds::default();
    for case in 0..cases() {
        let bytes = garbled::frames(&mut random, MAX);
        let (meant, end) = oracle::frames(&bytes, MAX);
        met.note(end, meant.len());
        let (mut found, mut ended, mut rest) = (Vec::with_capacity(meant.len()), None, &bytes[..]);
        let taken = measure(|| {
            while ended.is_none() {
                match frame::first(rest, MAX as u32) {
                    Ok(Some((frame, behind))) => {
                        found.push(frame);
                        rest = behind;
                    }
                    Ok(None) => break,
                    Err(bad) => ended = Some(bad),
                }
            }
        });
        assert_eq!((found, ended), (meant, end), "case {case}: {bytes:02x?}");
        assert_eq!(taken.count_total, 0, "case {case}: an allocation");
    }
    met.assert_all_common(cases());
}

#[test]
fn fuzzed_handshake_messages_are_decoded_as_by_the_oracle_in_bounded_memory() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let (mut hellos, mut answers, mut confirms) = (0, 0, 0);
    for case in 0..cases() {
        let bytes = garbled::message(&mut random);
        let mut said = None;
        let taken = measure(|| said = Some(Hello::decode(&bytes, VERSIONS)));
        // Only the message itself says how long its lists are.
        let bound = 56 * bytes.len() as u64 + 64;
        assert!(taken.bytes_max <= bound, "case {case}: {} bytes", taken.bytes_max);
        let meant = oracle::hello(&bytes);
        assert_eq!(said, Some(meant.clone()), "case {case}: {bytes:02x?}");
        let answer = oracle::answer(&bytes);
        assert_eq!(codec::read::<Answer>(&bytes), answer, "case {case}: {bytes:02x?}");
        let confirm = oracle::confirm(&bytes);
        assert_eq!(codec::read::<Confirm>(&bytes), confirm, "case {case}: {bytes:02x?}");
        hellos += u64::from(meant.is_ok());
        answers += u64::from(answer.is_some());
        confirms += u64::from(confirm.is_some());
    }
    for right in [hellos, answers, confirms] {
        assert!(right > cases() / 100, "{hellos} {answers} {confirms}");
    }
}
