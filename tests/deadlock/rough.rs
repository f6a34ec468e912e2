//! Many parties over a network that loses, doubles and delays, some of which
//! crash.

use super::support::{Sketch, central, seeds};

#[test]
fn locks_have_one_holder_and_everybody_gets_them_whatever_the_network_does() {
    for seed in 1..=seeds(60) {
        let mut sketch = Sketch::new(6, central("Confirmed", "victims: Youngest"))
            .with("locks: [4, 5], resend: \"70ms\"")
            .network("loss: \"1/8\", duplicate: \"1/8\", reorder: (share: \"1/10\", by: \"60ms\")")
            .expect("Always(OneHolder)")
            .finished_in_the_end();
        for nth in 0..4 {
            let (at, who) = (200 + seed * 131 % 400 + nth * 500, 1 + (seed + nth * 2) % 5);
            let bounce = format!("at: \"{at}ms\", do: Bounce(node: {who}, down: \"80ms\")");
            sketch = sketch.fault(&bounce);
        }
        let run = sketch.run(seed);
        assert!(run.held(), "seed {seed}: {:?}\n{}", run.failure, sketch.text());
    }
}
