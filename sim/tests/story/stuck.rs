//! What a story says of a run that missed a deadline: which node waits for which.

use crate::ballot::Ballots;
use crate::{played, scenario, told, usual};

#[test]
fn who_waits_is_listed_and_who_waits_for_itself_or_nobody_is_not_among_them() {
    let scenario = scenario::<Ballots>(
        "Ballots(())",
        r#"nodes: 5, network: (delay: Fixed("10ms")), until: "400ms", calm_at: "150ms",
        faults: [(at: "0ms", do: Hold(from: 1, to: 3)), (at: "5ms", do: Hold(from: 1, to: 4)),
        (at: "130ms", do: Crash(5))],
        expect: [Eventually(what: Finished, within: "0ms")]"#,
    );
    let story = told(&scenario, &played(&scenario, &[]).outcome, &usual()).text;
    let (_, stuck) = story.split_once("\nstuck\n").expect("it is stuck");
    assert_eq!(
        stuck,
        "      n2 F1  waits for n1; last input 110ms, news 110ms\n      \
               n1 F1  last input 120ms, news 120ms; round due 200ms\n      \
               n5  down\n      \
               n3 n4  wait for nobody\n      \
               n1->n3  ballot 1  arrives at 160ms\n      \
               n1->n4  ballot 1  arrives at 160ms\n"
    );
}
