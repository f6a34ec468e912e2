//! Whoever is found to be deadlocked is: held against the true state of the
//! world at the moment of each verdict.

use rehearsal::shipped::Deadlock;
use rehearsal::sim::Report;

use super::support::{MODELS, Sketch, central, seeds, verdicts};

/// What was seen in a sweep.
#[derive(Debug, Default)]
struct Seen {
    /// Runs in which somebody was found to be deadlocked who was not.
    phantoms: u64,
    /// Runs in which somebody was deadlocked.
    deadlocks: u64,
    /// Verdicts, and those of them that there is no deadlock.
    verdicts: u64,
    none: u64,
}

impl Seen {
    fn add(&mut self, run: &Report<Deadlock>, nodes: u32) {
        self.phantoms += u64::from(run.failure.is_some());
        self.deadlocks += u64::from(run.since[1].is_some());
        for verdict in (1..=nodes).flat_map(|number| verdicts(run, number)) {
            self.verdicts += 1;
            self.none += u64::from(!verdict.is_deadlock());
        }
    }

    /// There were deadlocks and verdicts, and no phantom.
    #[track_caller]
    fn assert_sound(&self) {
        assert_eq!(self.phantoms, 0, "{self:?}");
        assert!(self.deadlocks > 0 && self.verdicts > 0, "nothing was put to the test: {self:?}");
    }

    /// And some verdicts were that there is none.
    #[track_caller]
    fn assert_sound_and_calm(&self) {
        self.assert_sound();
        assert!(self.none > 0, "nothing was put to the test: {self:?}");
    }
}

/// What a detector finds in so many runs, in which grants are late or not.
fn sweep(name: &str, is_late: bool, sketch: &Sketch) -> Seen {
    let mut seen = Seen::default();
    let sketch = sketch.clone().expect("Always(NoPhantom), Sometimes(SomebodyDeadlocked)");
    for seed in 1..=seeds(60) {
        let sketch = if is_late { sketch.clone().late_grants(seed) } else { sketch.clone() };
        seen.add(&sketch.run(seed), sketch.nodes());
    }
    println!("{name}, grants late: {is_late}: {seen:?}");
    seen
}

fn in_model(detector: &str, model: &str) -> Sketch {
    Sketch::new(4, central(detector, "")).with(&format!("model: {model}"))
}

#[test]
fn one_collect_of_both_tables_finds_no_phantom_in_any_model() {
    for model in MODELS {
        for is_late in [false, true] {
            let name = format!("Confirmed, {model}");
            sweep(&name, is_late, &in_model("Confirmed", model)).assert_sound_and_calm();
        }
    }
}

#[test]
fn one_collect_of_both_tables_finds_no_phantom_among_locks() {
    let locks =
        Sketch::new(7, central("Confirmed", "")).with("model: And").with("locks: [4, 5, 6]");
    for is_late in [false, true] {
        sweep("Confirmed, locks", is_late, &locks).assert_sound_and_calm();
    }
}

#[test]
fn one_collect_of_both_tables_finds_no_phantom_on_a_network_that_loses_and_doubles() {
    let rough = in_model("Confirmed", "General")
        .with("resend: \"60ms\"")
        .network("loss: \"1/10\", duplicate: \"1/10\"");
    sweep("Confirmed, rough", true, &rough).assert_sound_and_calm();
}

#[test]
fn no_other_detector_finds_a_phantom_in_the_model_it_is_made_for() {
    for (name, _, sketch) in Sketch::others() {
        for is_late in [false, true] {
            // A recorded state is one only where no message overtakes another.
            let is_late = is_late && name != "snapshot";
            sweep(name, is_late, &sketch).assert_sound();
        }
    }
}

#[test]
fn probes_and_questions_find_no_phantom_where_they_overtake_requests() {
    for early in ["Drops", "Holds"] {
        for (name, _, sketch) in &Sketch::others()[..2] {
            let sketch = sketch.clone().detector_field(&format!("overtaken: {early}"));
            sweep(&format!("{name}, {early}"), true, &sketch.without_order()).assert_sound();
        }
    }
}

#[test]
fn lists_show_phantoms() {
    for is_late in [false, true] {
        let seen = sweep("Paper", is_late, &in_model("Paper", "And"));
        assert!(seen.phantoms > 0, "the paper's lists showed no phantom: {seen:?}");
    }
}

#[test]
fn two_collects_of_lists_show_phantoms_when_grants_are_late() {
    let seen = sweep("TwoPhase", true, &in_model("TwoPhase", "And"));
    assert!(seen.phantoms > 0, "two collects showed no phantom: {seen:?}");
}

const LOSSY: &str = "loss: \"1/10\", duplicate: \"1/10\"";

#[test]
fn under_two_phase_locking_lists_show_no_phantom_among_processes() {
    for detector in ["Paper", "TwoPhase"] {
        for model in ["Single", "And"] {
            let sketch = in_model(detector, model).with("two_phase_locking: true");
            let name = format!("{detector}, {model}, two-phase locking");
            for is_late in [false, true] {
                sweep(&name, is_late, &sketch).assert_sound_and_calm();
            }
            let rough = sketch.with("resend: \"60ms\"").network(LOSSY);
            sweep(&format!("{name}, rough"), true, &rough).assert_sound_and_calm();
        }
    }
}

#[test]
fn under_two_phase_locking_lists_show_phantoms_where_locks_are_nodes() {
    for detector in ["Paper", "TwoPhase", "Confirmed"] {
        let locks = Sketch::new(6, central(detector, ""))
            .with("model: And")
            .with("locks: [4, 5]")
            .with("two_phase_locking: true")
            .with("resend: \"60ms\"")
            .network(LOSSY);
        let seen = sweep(&format!("{detector}, two-phase locking, locks"), true, &locks);
        assert_eq!(seen.phantoms > 0, detector != "Confirmed", "{detector}: {seen:?}");
    }
}

#[test]
fn the_rule_as_it_is_printed_never_finds_anything() {
    let seen =
        sweep("as printed", false, &in_model("Paper", "And").detector_field("as_printed: true"));
    assert_eq!(seen.verdicts, seen.none, "{seen:?}");
    assert!(seen.deadlocks > 0, "nothing was put to the test: {seen:?}");
}
