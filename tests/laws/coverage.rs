//! A sweep that holds because nothing happened is no pass.

use rehearsal::sim::{Coverage, Options, run};

use crate::courier::{AsWritten, Five, at, couriers};

fn never(five: &Five, seeds: std::ops::Range<u64>) -> (Vec<String>, bool) {
    let scenario = five.scenario();
    let mut coverage = Coverage::of(&scenario.synopsis());
    let runs = seeds.end - seeds.start;
    for seed in seeds {
        coverage.add(&run(&scenario, Options::seed(seed)));
    }
    assert!(!coverage.is_vacuous_after(runs + 1), "too few runs to tell");
    (coverage.never().map(str::to_owned).collect(), coverage.is_vacuous_after(runs))
}

#[test]
fn what_never_happened_in_any_run_is_named() {
    let five = couriers()
        .over(r#"delay: Fixed("10ms"), loss: "1/2", duplicate: "1/4294967295""#)
        .commands((0..9).map(|turn| at(turn * 50, 1, "Send(to: 2, letter: 1)")).collect::<String>())
        .wrong(r#"(at: "100ms", do: Crash(3)), (when: Sends(kind: "lettre"), do: Lose),"#)
        .claims("Sometimes(Up), Sometimes(Happy)");
    let (never, is_vacuous) = never(&five, 0..20);
    let told = ["lose any->any lettre #1", "duplicate 1/4294967295", "Sometimes(Happy)"];
    assert_eq!((never, is_vacuous), (told.map(str::to_owned).to_vec(), true));
}

#[test]
fn what_happened_in_one_run_of_many_has_been_shown() {
    let rarely = couriers()
        .over(
            r#"delay: Fixed("10ms"), loss: "1/10", corrupt: "1/10", duplicate: "1/10",
            reorder: (share: "1/10", by: "10ms")"#,
        )
        .commands(at(50, 1, "Send(to: 2, letter: 1)"))
        .wrong(r#"(every: Exponential("50s"), do: Crash("any")),"#);
    assert_eq!(never(&rarely, 0..200), (vec![], false));
    let (first, _) = never(&rarely, 0..1);
    assert!(!first.is_empty(), "one run is not enough for all of it");
}
