//! Writes keyed words to standard output as raw bytes, without end, for a
//! public battery of statistical tests:
//!
//! ```text
//! cargo run --release -p rehearsal-sim --example keyed_words -- counts 0 | dieharder -a -g 200
//! ```
//!
//! The first argument is the order in which keys are walked, the second the
//! seed. Orders: `counts` (one link, message by message), `links` (one message
//! on each of 65,536 x 65,536 links), `indices` (word after word of one key after
//! the other, four each), `purposes` (the draws of one message side by side,
//! over three links).

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use rehearsal_sim::chance::{Chance, Purpose, Seed, Words};

const PURPOSES: [Purpose; 8] = [
    Purpose::Loss,
    Purpose::Delay,
    Purpose::Duplicate,
    Purpose::DuplicateDelay,
    Purpose::Reorder,
    Purpose::ReorderDelay,
    Purpose::Corrupt,
    Purpose::Arm,
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let order = arguments.next().unwrap_or_default();
    let seed = arguments.next().map_or(Ok(Seed(0)), |text| text.parse());
    let (Some(word), Ok(seed)) = (word_in(&order), seed) else {
        eprintln!("usage: keyed_words counts|links|indices|purposes [SEED]");
        return ExitCode::from(2);
    };
    // A battery that has seen enough closes the pipe.
    let _ = write_words(&Chance::new(seed), word);
    ExitCode::SUCCESS
}

fn write_words(chance: &Chance, word: fn(&Chance, u64) -> u64) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    (0..).try_for_each(|place| out.write_all(&word(chance, place).to_le_bytes()))
}

/// The word at each place of an order.
fn word_in(order: &str) -> Option<fn(&Chance, u64) -> u64> {
    Some(match order {
        "counts" => |chance, place| chance.keyed(Purpose::Delay, 1, 2, place).word(),
        "links" => |chance, place| {
            let (from, to) = (place as u32 >> 16, place as u32 & 0xffff);
            chance.keyed(Purpose::Delay, from, to, place >> 32).word()
        },
        "indices" => |chance, place| {
            let mut words = chance.keyed(Purpose::Delay, 1, 2, place / 4);
            (0..place % 4).for_each(|_| _ = words.word());
            words.word()
        },
        "purposes" => |chance, place| {
            let (purpose, message) = (PURPOSES[(place % 8) as usize], place / 8);
            chance.keyed(purpose, 1, 2 + (message % 3) as u32, message / 3).word()
        },
        _ => return None,
    })
}
