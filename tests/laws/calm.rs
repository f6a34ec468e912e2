//! What the calm promises.

use rehearsal::machine::Time;
use rehearsal::sim::trace::EventKind;

use crate::courier::{AsWritten, ROUGH, at, couriers, ms};

fn chatter() -> String {
    (0..900)
        .map(|turn| {
            at(turn * 10, turn % 5 + 1, &format!("Send(to: {}, letter: 1)", turn / 5 % 5 + 1))
        })
        .collect()
}

#[test]
fn after_the_calm_nothing_is_lost_doubled_or_held_back() {
    let faults = r#"(at: "2500ms", do: Partition([[1, 2, 3]])), (at: "1s", do: Crash(5)), (at: "4s", do: Restart(5)),
        (when: Sends(nth: 700), do: Lose),"#;
    let (mut after, mut in_flight) = (0, 0);
    for seed in 0..20 {
        let five = couriers().over(ROUGH).commands(chatter()).wrong(faults).calm_at(ms(3_000));
        let (calm_at, most) = (Time::from_millis(3_000), Time::from_millis(50).as_nanos());
        for event in five.events(seed) {
            let EventKind::Send { lost, arrives, .. } = event.what else { continue };
            after += usize::from(event.at >= calm_at);
            in_flight += usize::from(event.at < calm_at && arrives.iter().any(|at| *at >= calm_at));
            if event.at >= calm_at {
                assert_eq!((lost, arrives.len()), (None, 1), "at {}", event.at);
            }
            let latest = event.at.max(calm_at).as_nanos() + most;
            assert!(event.at < calm_at || arrives[0].as_nanos() <= latest, "at {}", event.at);
            // What was in flight or held back arrives as if sent at the calm.
            assert!(
                event.at >= calm_at || arrives.iter().all(|arrival| arrival.as_nanos() <= latest),
                "sent at {}, arrives {arrives:?}",
                event.at
            );
        }
    }
    assert!(after > 1_000 && in_flight > 10, "{after} sent after the calm, {in_flight} in flight");
}

#[test]
fn a_node_that_is_down_stays_down_through_the_calm_unless_it_is_started() {
    let down = |faults: &str| {
        let five = couriers().wrong(faults).calm_at(ms(3_000));
        let report = five.run(0);
        report.world.nodes().filter(|node| !report.world.is_up(*node)).count()
    };
    assert_eq!(down(r#"(at: "1s", do: Crash(5)),"#), 1);
    assert_eq!(down(r#"(at: "1s", do: Crash(5)), (at: "4s", do: Restart(5)),"#), 0);
    assert_eq!(down(r#"(at: "2900ms", do: Bounce(node: 5, down: "1s")),"#), 0);
}
