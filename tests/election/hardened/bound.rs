//! All live nodes agree on the highest of them within the exact bound after
//! the calm, whatever happened before it.

use rehearsal::machine::Time;
use rehearsal::protocol::election::Elector as _;

use super::weather::{self, Crashes};
use crate::support::{LEAST, Run, Sketch, Spans, cases};

/// How long after the calm of a run its nodes agreed for good, in milliseconds begun.
fn agreed_after(sketch: &Sketch, run: &Run) -> u64 {
    let since = run.since[0].expect("an eventuality that held has an instant");
    since.since(Time::from_millis(sketch.calm_at)).as_nanos().div_ceil(1_000_000) as u64
}

pub(crate) fn plan(seed: u64) -> Sketch {
    let sketch = weather::of(seed, 2 + seed % 6, 0, Crashes::ForEver);
    let within = sketch.spans.bound();
    sketch
        .expect(format!("Eventually(what: Agreed, within: \"{within}ms\")"))
        .expect("Always(EpochsRise), Always(EpochsKept), Always(Unopposed), Always(NobodyBelow)")
}

#[test]
fn all_live_nodes_agree_on_the_highest_within_the_bound_whatever_happened_before() {
    let (mut most, mut tightest) = (0, (0, 1));
    let cases = cases(1_000);
    for seed in 1..=cases {
        let sketch = plan(seed);
        let run = sketch.run_with(seed);
        assert!(run.held(), "seed {seed}: {:?}", run.failure);
        let (took, bound) = (agreed_after(&sketch, &run), sketch.spans.bound());
        most = most.max(took);
        if took * tightest.1 > tightest.0 * bound {
            tightest = (took, bound);
        }
    }
    let (took, bound) = tightest;
    println!("{cases} plans: at most {most} ms; nearest to its bound: {took} of {bound} ms");
    assert!(cases < 1_000 || took * 10 > bound * 9, "the bound is not tight: {tightest:?}");
}

#[test]
fn a_span_to_settle_comes_on_top_of_the_bound() {
    for seed in 1..=cases(300) {
        let sketch = weather::of(seed, 2 + seed % 6, 0, Crashes::ForEver);
        let settle = 1 + seed * 7 % 300;
        let within = sketch.spans.bound() + settle;
        let calm_at = sketch.calm_at;
        let sketch = sketch
            .with(&format!("settle: \"{settle}ms\""))
            .calm(calm_at, calm_at + 4 * within)
            .expect(format!("Eventually(what: Agreed, within: \"{within}ms\")"))
            .expect("Always(EpochsRise), Always(Unopposed)");
        let run = sketch.run_with(seed);
        assert!(run.held(), "seed {seed}: {:?}", run.failure);
    }
}

#[test]
fn a_top_that_has_just_come_back_follows_a_lower_leader_until_it_has_settled() {
    let leaders = |until: u64| {
        let sketch = Sketch::hardened(3, LEAST)
            .with("settle: \"300ms\"")
            .fault("at: \"400ms\", do: Bounce(node: 3, down: \"200ms\")")
            .without_calm(until);
        let run = sketch.run();
        let world = &run.world;
        let leader = |node| Some(world.machine(node)?.leader()?.number());
        world.nodes().map(leader).collect::<Vec<_>>()
    };
    assert_eq!(leaders(890), [Some(2); 3]);
    assert_eq!(leaders(950), [Some(3); 3]);
}

/// The top dies just before the calm. The second has followed it, leads as
/// late as it may, and is heard by the first at once. The third has led all the
/// while, hears of it a delay later, and its last heartbeat reaches the first
/// another delay later: after the bound, if that still counted.
pub(crate) fn late_word() -> Sketch {
    let spans = Spans { heartbeat: 10, ..LEAST };
    let sketch = Sketch::hardened(4, spans).network(
        r#"delay: Fixed("0ms"), latency: [
            ["0ms", "10ms", "10ms", "10ms"],
            ["10ms", "0ms", "10ms", "10ms"],
            ["1ms", "10ms", "0ms", "10ms"],
            ["10ms", "10ms", "10ms", "0ms"],
        ]"#,
    );
    let within = spans.bound();
    sketch
        .calm(105, 1_000)
        .absent(2)
        .fault("at: \"0ms\", do: Cut([(2, 3), (2, 4)])")
        .fault("at: \"9ms\", do: Start(2)")
        .fault("at: \"101ms\", do: Crash(4)")
        .expect(format!("Eventually(what: Agreed, within: \"{within}ms\")"))
}

#[test]
fn the_word_of_a_lower_leader_that_comes_late_does_not_count() {
    let sketch = late_word();
    let run = sketch.run();
    run.assert_held();
    // The top's last word came 5 ms after the calm.
    assert_eq!(agreed_after(&sketch, &run), 5 + 60 + 21 + 10);
}
