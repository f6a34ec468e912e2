//! Victims give up so that the others can go on, and no node is one forever.

use rehearsal::protocol::deadlock::SiteOutput;
use rehearsal::protocol::resource;

use super::support::{MODELS, Sketch, central, node, seeds};

/// Nodes that are to finish all their work, however often they run into a
/// deadlock.
fn resolved(victims: &str, model: &str) -> Sketch {
    Sketch::new(5, central("Confirmed", &format!("victims: {victims}")))
        .with(&format!("model: {model}"))
        .expect("Always(NoPhantom), Always(VictimsDeadlocked)")
        .finished_in_the_end()
}

fn victims_of(name: &str, sketch: &Sketch) -> usize {
    let mut victims = 0;
    for seed in 1..=seeds(60) {
        let run = sketch.run(seed);
        assert!(run.held(), "{name}, seed {seed}: {:?}\n{}", run.failure, sketch.text());
        let outputs = (1..=sketch.nodes()).flat_map(|number| run.world.outputs(node(number)));
        let gives_up = |told: &&SiteOutput| {
            matches!(told, SiteOutput::Participant(resource::Output::Aborts(_)))
        };
        victims += outputs.filter(gives_up).count();
    }
    println!("{name}: {victims} victims");
    victims
}

#[test]
fn everybody_gets_what_it_needs_in_the_end_when_the_youngest_give_up() {
    for model in MODELS {
        assert!(victims_of(model, &resolved("Youngest", model)) > 0, "nothing was put to the test");
    }
}

/// Another detector, with victims.
fn by(name: &str, sketch: Sketch) -> Sketch {
    let victims = if name == "labels" { "resolve: true" } else { "victims: Youngest" };
    sketch.detector_field(victims).finished_in_the_end()
}

#[test]
fn everybody_gets_what_it_needs_in_the_end_by_any_other_detector() {
    for (name, _, sketch) in Sketch::others() {
        let mut sketch = by(name, sketch);
        if !["chasing", "diffusing"].contains(&name) {
            sketch = sketch.expect("Always(VictimsDeadlocked), Always(NoPhantom)");
        }
        assert!(victims_of(name, &sketch) > 0, "nothing was put to the test");
    }
}

#[test]
fn whoever_looks_alone_may_have_somebody_give_up_just_after_another_one_did() {
    for (name, _, sketch) in &Sketch::others()[..2] {
        let sketch = by(name, sketch.clone()).expect("Always(VictimsDeadlocked)");
        let fails = |seed: &u64| sketch.run(*seed).failure.is_some();
        assert!((1..=300).any(|seed| fails(&seed)), "{name}: no victim was needless");
    }
}

#[test]
fn a_victim_under_two_phase_locking_begins_anew() {
    let sketch = Sketch::new(5, central("Confirmed", "victims: Highest"))
        .with("model: And, two_phase_locking: true, restart: (\"100ms\", \"100ms\")")
        .with("needs: [(node: 1, of: [2]), (node: 2, of: [1])]")
        .command("at: \"150ms\", to: 3, command: Request(of: [2])")
        .requests(0, 1)
        .static_network()
        .calm_at(500)
        .expect("Eventually(what: NobodyWaits, within: \"2s\")");
    let run = sketch.run(0);
    assert!(run.held(), "{:?}", run.failure);
    let told = run.world.outputs(node(2)).iter().map(ToString::to_string);
    let told: Vec<_> = told.filter(|line| !line.contains("deadlock")).collect();
    let needs = "needs all of n1";
    let between = ["gives up n2#1", "gives everything back"];
    assert_eq!(told, [needs, between[0], between[1], needs, "has what it needs"]);
}

#[test]
fn everybody_gets_what_it_needs_in_the_end_among_locks() {
    let locks = resolved("Youngest", "And").with("locks: [4, 5]");
    assert!(victims_of("locks", &locks) > 0, "nothing was put to the test");
}

#[test]
fn a_lock_is_no_victim_even_where_it_has_the_highest_number() {
    let locks = resolved("Highest", "And").with("locks: [3, 5]");
    assert!(victims_of("the highest, among locks", &locks) > 0, "nothing was put to the test");
}

#[test]
fn everybody_gets_what_it_needs_in_the_end_though_grants_are_late() {
    for seed in 1..=seeds(60) {
        let sketch = resolved("Youngest", "General").late_grants(seed);
        let run = sketch.run(seed);
        assert!(run.held(), "seed {seed}: {:?}", run.failure);
    }
}

/// Controller 3 is above 4 and 5. 5 is to give up, and hears of that late. Meanwhile 4 comes
/// to wait for one more node that waits for it.
pub(crate) fn silent_below_a_controller() -> [Sketch; 2] {
    let sketch = |tree: &str, needs: &str, asks: u32, released: u64| {
        let detector = format!(
            "Hierarchy(controllers: [{tree}], period: \"90ms\", window: \"41ms\",
            ask: \"20ms\", victims: Highest)"
        );
        Sketch::new(6, detector)
            .static_network()
            .long_work()
            .requests(0, 1)
            .with(&format!("model: And, needs: [{needs}], restart: (\"500ms\", \"500ms\")"))
            .command(&format!("at: \"160ms\", to: {asks}, command: Request(of: [4])"))
            .fault("at: \"140ms\", do: Hold(from: 3, to: 5)")
            .fault(&format!("at: \"{released}ms\", do: Release(from: 3, to: 5)"))
            .until(600)
            .expect("Always(NoPhantom), Always(VictimsDeadlocked), Reaches(SomebodyDeadlocked)")
    };
    [
        // The controller has chosen 5 itself. The root finds the new deadlock, with 1.
        sketch(
            "(node: 3, of: [4, 5]), (node: 6, of: [1, 2, 3])",
            "(node: 4, of: [5, 1]), (node: 5, of: [4])",
            1,
            295,
        ),
        // The root has chosen 5. The controller finds the new deadlock, with 2.
        sketch(
            "(node: 3, of: [2, 4, 5]), (node: 6, of: [1, 3])",
            "(node: 1, of: [5]), (node: 4, of: [1, 2]), (node: 5, of: [4])",
            2,
            255,
        ),
    ]
}

#[test]
fn below_a_controller_no_node_is_chosen_for_which_a_silent_victim_waits() {
    for sketch in silent_below_a_controller() {
        let run = sketch.run(0);
        assert!(run.held(), "{:?}", run.failure);
    }
}
