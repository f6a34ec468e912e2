//! When a leader is announced while another one is, or while somebody asks.

use super::support::{Sketch, paper, textbook, textbook_with};

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

/// 2 leads from 11 ms on and is gone at 13 ms, which 1 notices while late
/// questions may still come.
pub(crate) fn short_reign() -> Sketch {
    Sketch::of(textbook(10), 3, 1)
        .suspects(1, 0)
        .fault("at: \"13ms\", do: Crash(2)")
        .suspects(1, 14)
        .calm_at(14)
        .expect("Eventually(what: Agreed, within: \"10ms\")")
}

/// 2's answer takes longer than that of 3, the highest alive.
pub(crate) fn late_lower_answer() -> Sketch {
    let slow = "\"1ms\"";
    let none = "\"0ms\"";
    let (plain, from_two) = ([none; 4].join(", "), [slow, none, none, none].join(", "));
    Sketch::of("Textbook(answer_wait: \"4ms\", coordinator_wait: \"8ms\", one_round: true)", 4, 1)
        .network(format!(
            "delay: Fixed(\"1ms\"), latency: [[{plain}], [{from_two}], [{plain}], [{plain}]]"
        ))
        .suspects(1, 0)
        .expect("Eventually(what: Agreed, within: \"6ms\")")
}

/// 3 comes and announces itself when its silence has been noted, but before 1 names 2:
/// 2 hears of 3 at 4.5 ms, and that it is named at 5 ms.
pub(crate) fn late_nomination() -> Sketch {
    Sketch::of(textbook_with(4, "one_round: true"), 3, 1)
        .suspects(1, 0)
        .fault("at: \"3500us\", do: Start(3)")
        .calm_at(4)
}

const LIMITED: &str =
    "Paper(answer_wait: \"2ms\", coordinator_wait: \"12ms\", rate_limit: \"300ms\")";

/// 1, who called an election at 0 ms, means to call another one at 300 ms when
/// 3 comes and leads.
pub(crate) fn overtaken_by_a_leader() -> Sketch {
    Sketch::of(LIMITED, 3, 1)
        .suspects(1, 0)
        .suspects(1, 30)
        .fault("at: \"50ms\", do: Start(3)")
        .calm_at(50)
        .expect("Eventually(what: Agreed, within: \"1ms\")")
}

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
fn a_leader_that_goes_right_after_its_election_can_be_missed_at_once() {
    short_reign().run().assert_held();
}

#[test]
fn in_one_round_the_highest_is_named_whoever_answers_last() {
    late_lower_answer().run().assert_held();
}

#[test]
fn in_one_round_a_node_that_is_named_follows_a_higher_one_that_came_meanwhile() {
    let run = late_nomination().expect("Eventually(what: Agreed, within: \"1ms\")").run();
    run.assert_held();
    assert_eq!(run.beliefs(), [Some(3); 3]);
}

#[test]
fn in_one_round_a_node_that_asks_a_higher_one_does_not_lead_when_it_is_named_late() {
    late_nomination()
        .fault("when: Sends(kind: \"nominate\"), do: Delay(\"3ms\")")
        .suspects(2, 5)
        .calm_at(5)
        .expect("Eventually(what: Agreed, within: \"7ms\")")
        .run()
        .assert_held();
}

#[test]
fn in_one_round_a_late_nomination_is_not_taken_for_one_after_the_next_question() {
    late_nomination()
        .fault("when: Sends(kind: \"nominate\"), do: Delay(\"3ms\")")
        .suspects(1, 5)
        .calm_at(5)
        .expect("Eventually(what: Agreed, within: \"7ms\")")
        .run()
        .assert_held();
}

#[test]
fn in_one_round_a_node_that_is_named_later_leads_once_the_higher_one_has_gone() {
    late_nomination()
        .fault("at: \"6ms\", do: Crash(3)")
        .suspects(1, 7)
        .calm_at(7)
        .expect("Eventually(what: Agreed, within: \"6ms\")")
        .run()
        .assert_held();
}

#[test]
fn a_leader_that_was_announced_meanwhile_spares_the_election_that_was_put_off() {
    let run = overtaken_by_a_leader().run();
    run.assert_held();
    assert_eq!(run.counts(), [11, 1, 4]);
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
