//! Law 1: the same seed gives the same bytes, again and anywhere.

use std::path::Path;

use rehearsal::shipped::Script;
use rehearsal::sim::{Options, Scenario, run};

use crate::courier::{AsWritten, Five, ROUGH, at, couriers, letters, ms};

fn busy() -> Five {
    couriers()
        .over(ROUGH)
        .random(200)
        .wrong(
            r#"(at: "1s", do: Partition([[1, 2], [3, 4, 5]])), (at: "2s", do: Heal),
            (when: Effect(of: 4, nth: 20), do: Bounce(node: 4, down: "300ms")),"#,
        )
        .calm_at(ms(3_000))
}

#[test]
fn a_seed_gives_the_bytes_it_gave_when_this_was_written() {
    let digests = [0, 1, u64::MAX].map(|seed| busy().digest(seed));
    assert_eq!(digests, GOLDEN);
}

#[test]
fn the_papers_scenario_gives_the_bytes_it_gave_when_this_was_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/script");
    let digest = |name: &str| {
        let scenario = Scenario::<Script>::open(&folder.join(name)).expect("a right scenario");
        run(&scenario, Options::seed(0)).digest.expect("it was kept").to_string()
    };
    assert_eq!(digest("paper.ron"), PAPER);
    assert_eq!(digest("rough.ron"), ROUGH_PAPER);
}

#[test]
fn the_digest_has_a_checkpoint_every_1024_events_which_tell_where_two_runs_part() {
    let five = |commands| couriers().commands(commands).random(500).run(1);
    let one = five(letters());
    let other = five(at(5_000, 1, "Roll") + &letters());
    let pairs: Vec<_> = one.checkpoints.iter().zip(&other.checkpoints).collect();
    let alike = pairs.iter().take_while(|(one, other)| one == other).count();
    assert!(alike >= 1 && pairs.len() > alike, "{alike} of {}", pairs.len());
    assert!(pairs[alike..].iter().all(|(one, other)| one != other), "once parted, always parted");
    assert_ne!(one.digest, other.digest);
}

const GOLDEN: [&str; 3] = [
    "c3c9ddd1b33b38526e81a433a1013d5c8fe4699b21976d277deb8de7904d60de",
    "362e6955644c88ec17e8c9a80198aa8d500215d4c51a96ef9174953462364b3b",
    "2daab1687852acd9385df26e4bce1f133f6cab0c10751117e996573df0fcb33c",
];
const PAPER: &str = "dd27cb8fe87dd5446299d2de63a573570c595a314589908a7df1adda59eff937";
const ROUGH_PAPER: &str = "7c3d8b8c9a5e8d508b4246b718154c566013a0188950d0942bd68080a2db07e2";
