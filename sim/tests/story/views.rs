//! Which part of a run is told.

use rehearsal_machine::NodeId;
use rehearsal_sim::plan::Decision;
use rehearsal_sim::story::{Extent, Margin, Moment, View};

use crate::ballot::Ballots;
use crate::{key_of, played, scenario, told, trace_of, usual, with_extent};

/// A vote is lost, and later two ballots in a row do not reach n3.
const LOST: [(&str, Decision); 3] = [
    ("n1->n3:ballot#41", Decision::Lose),
    ("n1->n3:ballot#42", Decision::Lose),
    ("n2->n1:vote#30", Decision::Lose),
];

fn failing(expect: &str) -> (rehearsal_sim::Scenario<Ballots>, rehearsal_sim::Outcome) {
    let rest = format!(
        r#"nodes: 3, network: (delay: Fixed("10ms")), calm_at: "5s", until: "8050ms",
        expect: [{expect}]"#
    );
    let scenario = scenario::<Ballots>("Ballots(())", &rest);
    let outcome = played(&scenario, &LOST).outcome;
    assert!(!outcome.held());
    (scenario, outcome)
}

fn around(what: Moment, context: usize) -> View {
    with_extent(Extent::Around { what, context })
}

#[test]
fn a_failing_run_opens_with_what_disturbed_it_and_the_steps_that_led_to_the_failure() {
    let (scenario, outcome) = failing("Always(Close)");
    let whole = told(&scenario, &outcome, &with_extent(Extent::Whole));
    let story = told(&scenario, &outcome, &usual());
    assert!(whole.text.lines().count() > 500, "{}", whole.text);
    let text = &story.text;
    assert!(text.lines().count() <= 60, "{text}");
    for disturbance in ["-x n3  ballot 41  lost", "-x n3  ballot 42  lost"] {
        assert!(text.contains(disturbance), "{text}");
    }
    assert_eq!(trace_of(text).last(), trace_of(&whole.text).last(), "{text}");
    assert!(text.lines().count() < 60 && !story.is_excerpt && !whole.is_excerpt, "{text}");
}

#[test]
fn of_a_run_that_misses_a_deadline_the_losses_are_told_among_what_repeats() {
    let (scenario, outcome) = failing(r#"Eventually(what: Finished, within: "1s")"#);
    let story = told(&scenario, &outcome, &usual());
    let text = &story.text;
    assert!(text.lines().count() <= 60, "{text}");
    assert!(text.contains("-x n3  ballot 41  lost"), "{text}");
    assert!(text.contains("-x n1  vote 30  lost"), "{text}");
}

/// Two losses, and then so much that never repeats that no story of 60 lines has room for both.
fn noisy(expect: &str) -> (rehearsal_sim::Scenario<Ballots>, rehearsal_sim::Outcome) {
    let note = |nth| format!(r#"(at: "{}ms", to: 2, command: Note("note {nth}"))"#, 510 + nth);
    let notes: Vec<_> = (0..89).map(note).collect();
    let rest = format!(
        r#"nodes: 3, network: (delay: Fixed("10ms")), calm_at: "600ms", until: "700ms",
        commands: [{}], expect: [{expect}]"#,
        notes.join(", ")
    );
    let scenario = scenario::<Ballots>("Ballots(())", &rest);
    let lost = [("n1->n3:ballot#1", Decision::Lose), ("n2->n1:vote#2", Decision::Lose)];
    let outcome = played(&scenario, &lost).outcome;
    assert!(!outcome.held());
    (scenario, outcome)
}

#[test]
fn an_excerpt_has_lines_of_the_whole_story_and_the_disturbances_among_them() {
    let (scenario, outcome) = noisy(r#"Eventually(what: Finished, within: "50ms")"#);
    let whole = told(&scenario, &outcome, &with_extent(Extent::Folded));
    let short = told(&scenario, &outcome, &usual());
    assert!(short.is_excerpt && !whole.is_excerpt);
    assert!(whole.text.lines().count() > 100, "{}", whole.text);
    assert!(short.text.lines().count() <= 60, "{}", short.text);
    let all = trace_of(&whole.text);
    let is_gap = |line: &&str| line.contains(" not shown, until ");
    for line in trace_of(&short.text).into_iter().filter(|line| !is_gap(line)) {
        assert!(all.contains(&line), "`{line}` is no line of the whole story\n{}", short.text);
    }
    assert!(trace_of(&short.text).iter().any(is_gap), "{}", short.text);
    for disturbance in ["-x n3  ballot 1  lost", "-x n1  vote 2  lost", "note 88"] {
        assert!(short.text.contains(disturbance), "no {disturbance}\n{}", short.text);
    }
}

#[test]
fn an_excerpt_has_what_is_marked_even_if_nothing_unusual_happened_there() {
    let (scenario, outcome) = noisy(r#"Eventually(what: Finished, within: "50ms")"#);
    let line = "-> n1  vote 4";
    assert!(!told(&scenario, &outcome, &usual()).text.contains(line));
    let mut view = usual();
    view.marked.insert(key_of("n3->n1:vote#3"));
    let text = told(&scenario, &outcome, &view).text;
    assert!(text.contains(line) && text.lines().count() <= 60, "{text}");
}

#[test]
fn around_an_event_its_context_and_its_causes_are_told() {
    let (scenario, outcome) = failing("Always(Close)");
    let text = told(&scenario, &outcome, &around(Moment::Key(key_of("n1->n2:ballot#20")), 2)).text;
    let steps: Vec<_> =
        trace_of(&text).into_iter().filter(|line| !line.starts_with("     ")).collect();
    let times: Vec<_> = steps.iter().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(times.iter().filter(|time| **time != "...").count(), 2 + 1 + 2, "{text}");
    assert!(times.contains(&"2000"), "{text}");
    let vote = told(&scenario, &outcome, &around(Moment::Key(key_of("n2->n1:vote#20")), 0)).text;
    assert!(vote.contains("2000  n1   timeout round"), "what led to it is told\n{vote}");
    assert!(!vote.contains("2010  n3 "), "n3 has nothing to do with it\n{vote}");
    let failure = told(&scenario, &outcome, &around(Moment::Failure, 3)).text;
    let gaps = trace_of(&failure).iter().filter(|line| line.contains("not shown")).count();
    assert_eq!(gaps, 1, "nothing comes after the failure\n{failure}");
    let number = outcome
        .events
        .as_ref()
        .expect("kept")
        .iter()
        .find(|event| event.at.as_nanos() == 1_000_000_000);
    let number = number.expect("an event").number;
    let there = told(&scenario, &outcome, &around(Moment::Event(number), 0)).text;
    assert!(there.contains("1000  n1   timeout round"), "{there}");
    assert!(!there.contains(" 900  n1 "), "{there}");
}

#[test]
fn only_what_happens_to_some_nodes_is_told() {
    let (scenario, outcome) = failing("Always(Close)");
    let mut view = with_extent(Extent::Whole);
    view.only.extend(NodeId::new(3));
    let text = told(&scenario, &outcome, &view).text;
    for line in trace_of(&text).into_iter().filter(|line| !line.starts_with("     ")) {
        let who = line.split_whitespace().nth(1);
        assert!(matches!(who, Some("n3" | "net")), "{line}");
    }
    assert!(text.contains("  n3   <- n1  ballot 7"), "{text}");
}

#[test]
fn a_kind_is_left_out_and_so_is_a_step_that_does_nothing_else() {
    let (scenario, outcome) = failing("Always(Close)");
    let mut view = with_extent(Extent::Whole);
    view.hidden.insert("vote".to_owned());
    let text = told(&scenario, &outcome, &view).text;
    assert!(!text.contains("-> n1  vote"), "{text}");
    assert!(!text.contains("  n1   <- n3  vote 7"), "the second vote does nothing\n{text}");
    assert!(text.contains("  n1   <- n2  vote 7"), "the first one decides\n{text}");
    view.hidden.insert("round".to_owned());
    let text = told(&scenario, &outcome, &view).text;
    assert!(text.contains("timeout round"), "it sends ballots\n{text}");
}

#[test]
fn keys_stand_beside_the_lines_of_every_view() {
    let (scenario, outcome) = failing("Always(Close)");
    let mut view = usual();
    view.margin = Margin::Keys;
    let text = rehearsal_sim::story::of_outcome(
        &scenario.synopsis(),
        rehearsal_sim::chance::Seed(0),
        &outcome,
        &view,
    )
    .text;
    let lost = text.lines().find(|line| line.contains("ballot 41  lost")).expect("it is told");
    assert!(lost.ends_with("  n1->n3:ballot#41"), "{lost}");
}

#[test]
fn a_moment_is_a_failure_a_number_or_a_key() {
    assert_eq!("failure".parse(), Ok(Moment::Failure));
    assert_eq!("1250".parse(), Ok(Moment::Event(1_250)));
    assert_eq!("n2->n3:answer#1".parse(), Ok(Moment::Key(key_of("n2->n3:answer#1"))));
    let refused = "n2->n3".parse::<Moment>().expect_err("no moment");
    assert!(refused.to_string().contains("the number of an event as in a trace"), "{refused}");
    assert!("n3:draw#4".parse::<Moment>().is_err(), "no event is about a draw");
}
