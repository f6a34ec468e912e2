//! Victims give up so that the others can go on, and nobody is one for ever.

use rehearsal::protocol::deadlock::Told;
use rehearsal::protocol::resource;

use super::support::{MODELS, Sketch, central, node, seeds};

/// Nodes that are to finish all their work, however often they run into a
/// deadlock.
fn resolved(victims: &str, model: &str) -> Sketch {
    Sketch::new(5, central("Confirmed", &format!("victims: {victims}")))
        .with(&format!("model: {model}, restart: (\"5ms\", \"60ms\")"))
        .calm_at(2_600)
        .until(20_000)
        .expect("Always(NoPhantom), Always(VictimsDeadlocked)")
        .expect("Eventually(what: NobodyDeadlocked, within: \"15s\")")
        .expect("Eventually(what: NobodyWaits, within: \"15s\")")
}

fn victims_of(name: &str, sketch: &Sketch) -> usize {
    let mut victims = 0;
    for seed in 1..=seeds(200) {
        let run = sketch.run(seed);
        assert!(run.held(), "{name}, seed {seed}: {:?}\n{}", run.failure, sketch.text());
        let outputs = (1..=sketch.nodes()).flat_map(|number| run.world.outputs(node(number)));
        let gives_up = |told: &&Told| matches!(told, Told::Party(resource::Output::Aborts(_)));
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

#[test]
fn everybody_gets_what_it_needs_in_the_end_by_any_other_detector() {
    for (name, _, sketch) in Sketch::others() {
        let sketch = match name {
            "labels" => sketch.detector_field("resolve: true"),
            _ => sketch.detector_field("victims: Youngest"),
        };
        let sketch = sketch
            .with("restart: (\"5ms\", \"60ms\")")
            .calm_at(2_600)
            .until(20_000)
            .expect("Eventually(what: NobodyDeadlocked, within: \"15s\")")
            .expect("Eventually(what: NobodyWaits, within: \"15s\")");
        assert!(victims_of(name, &sketch) > 0, "nothing was put to the test");
    }
}

#[test]
fn everybody_gets_what_it_needs_in_the_end_among_locks() {
    let locks = resolved("Youngest", "And").with("locks: [4, 5]");
    assert!(victims_of("locks", &locks) > 0, "nothing was put to the test");
}

#[test]
fn everybody_gets_what_it_needs_in_the_end_though_grants_are_late() {
    for seed in 1..=seeds(200) {
        let sketch = resolved("Youngest", "General").late_grants(seed);
        let run = sketch.run(seed);
        assert!(run.held(), "seed {seed}: {:?}", run.failure);
    }
}
