//! When a leader is announced while another one is, or while somebody asks.

use super::support::{Sketch, paper, textbook};

/// 3 returns half a delay before 2, who misses it, announces itself at 16 ms:
/// 1 hears of 3 first, and of 2 half a delay later.
pub(crate) fn crossing(form: String) -> Sketch {
    Sketch::of(form, 3, 0)
        .setting("initial_leader: 3")
        .suspects(2, 6)
        .fault("at: \"5ms\", do: Crash(3)")
        .fault("at: \"15500us\", do: Restart(3)")
        .calm_at(16)
}

/// 3 hears no question of 2, only its announcement, at 17 ms.
pub(crate) fn overlooked() -> Sketch {
    Sketch::of(paper(1, 10), 3, 0)
        .setting("initial_leader: 3")
        .suspects(2, 6)
        .fault("at: \"5ms\", do: Partition([[1, 2], [3]])")
        .fault("at: \"10ms\", do: Heal")
        .calm_at(11)
        .expect("Eventually(what: Agreed, within: \"7ms\")")
}

const LIMITED: &str =
    "Paper(answer_wait: \"2ms\", coordinator_wait: \"12ms\", rate_limit: \"300ms\")";

#[test]
fn a_lower_announcement_that_crosses_one_from_above_is_put_right() {
    let told = crossing(paper(1, 10)).expect("Eventually(what: Agreed, within: \"2ms\")").run();
    told.assert_held();
    assert_eq!(told.beliefs(), [Some(3); 3]);
    // In the textbook's form 3 hears of it from 2 alone, when 2 closes at 26.5 ms.
    let within = "Eventually(what: Agreed, within: \"12500us\")";
    crossing(textbook(10)).expect(within).run().assert_held();
}

#[test]
fn a_leader_that_hears_from_a_lower_one_tells_all_again() {
    overlooked().run().assert_held();
}

#[test]
fn a_leader_that_may_call_no_election_goes_on_and_tells_whoever_asks() {
    let run = Sketch::of(LIMITED, 3, 0)
        .setting("initial_leader: 3")
        .fault("at: \"5ms\", do: Bounce(node: 3, down: \"2ms\")")
        .fault("at: \"50ms\", do: Bounce(node: 1, down: \"1ms\")")
        .calm_at(51)
        .expect("Eventually(what: Agreed, within: \"3ms\"), Always(LeadsAtMost(1))")
        .run();
    run.assert_held();
    assert_eq!(run.counts(), [3, 3, 2 + 2]);
}
