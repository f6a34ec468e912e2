//! A configuration that cannot work is refused with the bound it breaks.

use super::support::Sketch;

/// The complaint names the place, what is wrong, and the remedy.
#[track_caller]
fn is_told(form: &str, setting: &str, place: &str, wrong: &str, remedy: &str) {
    let sketch = Sketch::of(form, 3, 0).setting(setting);
    let complaint = sketch.load().err().unwrap_or_else(|| panic!("{form} is taken"));
    let shown = format!("^ {wrong}");
    assert!(complaint.contains(place), "{complaint}");
    assert!(complaint.contains(&shown), "{complaint}");
    assert!(complaint.contains(&format!("= help: {remedy}")), "{complaint}");
}

const SOUND: &str = "Textbook(answer_wait: \"2ms\", coordinator_wait: \"4ms\")";

#[test]
fn the_shortest_waits_that_can_work_are_taken() {
    assert!(Sketch::of(SOUND, 3, 0).load().is_ok());
    let paper = "Paper(answer_wait: \"400us\", coordinator_wait: \"4ms\")";
    assert!(Sketch::of(paper, 3, 0).load().is_ok());
}

#[test]
fn waits_that_an_election_can_outlast_are_refused_with_the_bound_they_break() {
    let answer = "an answer can take 2ms, two message delays, and is waited for";
    let news = "an announcement can take 5ms from an answer on".to_owned();
    for (form, wait, wrong, least) in [
        (
            "Textbook(answer_wait: \"1999us\", coordinator_wait: \"4ms\")",
            "1999us",
            format!("{answer} 1999us"),
            "2ms",
        ),
        (
            "Paper(answer_wait: \"399us\", coordinator_wait: \"4ms\")",
            "399us",
            format!("{answer} 1995us"),
            "400us",
        ),
        ("Textbook(answer_wait: \"3ms\", coordinator_wait: \"4ms\")", "4ms", news, "5ms"),
    ] {
        let remedy = format!("wait {least} at least, or say `unsafe_timing: true`");
        is_told(form, "", &format!("\"{wait}\""), &wrong, &remedy);
    }
}

#[test]
fn waits_that_are_too_short_are_taken_for_a_demonstration() {
    let form = "Textbook(answer_wait: \"1ms\", coordinator_wait: \"1ms\")";
    assert!(Sketch::of(form, 3, 0).setting("unsafe_timing: true").load().is_ok());
}

#[test]
fn a_wait_of_no_time_is_refused_even_for_a_demonstration() {
    for (field, form) in [
        ("answer_wait", "Textbook(answer_wait: \"0ms\", coordinator_wait: \"4ms\")"),
        ("coordinator_wait", "Textbook(answer_wait: \"2ms\", coordinator_wait: \"0ms\")"),
        (
            "rate_limit",
            "Paper(answer_wait: \"2ms\", coordinator_wait: \"12ms\", rate_limit: \"0ms\")",
        ),
    ] {
        let wrong = "a wait of no time is over before anybody can end it";
        is_told(form, "unsafe_timing: true", field, wrong, "give a span longer than nothing");
    }
}

#[test]
fn an_election_without_a_try_is_refused() {
    let form = "Paper(answer_wait: \"2ms\", coordinator_wait: \"12ms\", tries: 0)";
    is_told(form, "", "tries", "a node that is never asked cannot answer", "ask once at least");
}

#[test]
fn a_leader_who_does_not_exist_is_refused() {
    let help = "nodes are numbered from 1 to 3";
    is_told(SOUND, "initial_leader: 4", "initial_leader", "there is no node 4 to lead", help);
}

#[test]
fn a_leader_who_does_not_start_with_the_run_is_refused() {
    let absent = Sketch::of(SOUND, 3, 1).setting("initial_leader: 3").load();
    let complaint = absent.map(drop).expect_err("a leader who is not there");
    for part in [
        "^ n3 is absent when the run begins, and cannot lead",
        "path: protocol.Election.initial_leader",
        "= help: name a node that starts with the run, or leave it out",
    ] {
        assert!(complaint.contains(part), "{complaint}");
    }
    assert!(Sketch::of(SOUND, 3, 1).setting("initial_leader: 1").load().is_ok());
}

#[test]
fn one_round_without_a_guard_is_refused() {
    let form = SOUND.replace(')', ", guard: false, one_round: true)");
    let wrong = "in one round only the caller asks";
    is_told(&form, "", "one_round", wrong, "take one of");
}

#[test]
fn more_nodes_than_an_election_has_been_run_with_are_refused() {
    assert!(Sketch::of(SOUND, 4_096, 0).load().is_ok());
    let complaint = Sketch::of(SOUND, 4_097, 0).load().expect_err("a refusal");
    let wrong = "^ an election of 4097 nodes can take a message for each pair of them";
    assert!(complaint.contains(wrong), "{complaint}");
    assert!(complaint.contains("= help: let there be 4096 nodes at most"), "{complaint}");
}
