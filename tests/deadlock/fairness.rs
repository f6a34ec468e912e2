//! A victim keeps its age: if the youngest gives up, no process is a victim forever.

use rehearsal::protocol::deadlock::SiteOutput;
use rehearsal::protocol::resource::Output;

use super::support::{Sketch, central, node};

/// How often each of two has got what it needs, and has given up. User 2 needs
/// what 1 has, once; 1 needs what 2 has, before that, and again at once whenever
/// it has got it.
fn contest(victims: &str) -> [(usize, usize); 2] {
    let mut sketch = Sketch::new(3, central("Confirmed", &format!("victims: {victims}")))
        .with("model: And, restart: (\"30ms\", \"30ms\")")
        .command("at: \"20ms\", to: 2, command: Request(of: [1])")
        .long_work()
        .requests(0, 1)
        .static_network();
    for at in (5..2_800).step_by(5) {
        sketch = sketch.command(&format!("at: \"{at}ms\", to: 1, command: Request(of: [2])"));
    }
    let run = sketch.run(0);
    let count = |number, is_it: fn(&Output) -> bool| {
        let outputs = run.world.outputs(node(number)).iter();
        outputs
            .filter(|told| matches!(told, SiteOutput::Participant(output) if is_it(output)))
            .count()
    };
    [1, 2].map(|number| {
        let works = count(number, |output| matches!(output, Output::Works));
        (works, count(number, |output| matches!(output, Output::Aborts(_))))
    })
}

#[test]
fn where_the_highest_gives_up_a_rival_that_asks_at_once_can_starve_it() {
    let [(rival, _), (starved, gives_up)] = contest("Highest");
    assert!(rival > 10 && gives_up > 10, "{rival} and {gives_up}");
    assert_eq!(starved, 0);
}

#[test]
fn where_the_youngest_gives_up_whoever_has_waited_longest_gets_its_due() {
    let [(rival, gives_up), (starved, gave_up)] = contest("Youngest");
    assert_eq!(starved, 1);
    assert!(rival > 1 && gives_up > 0 && gave_up > 0, "{rival}, {gives_up} and {gave_up}");
}
