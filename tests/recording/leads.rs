//! Whether a cause led to its effect among recorded nodes.

use rehearsal::machine::Time;
use rehearsal::real::Verdict;
use rehearsal::shipped::Election;
use rehearsal::sim::trace::EventKind;
use rehearsal::sim::{Files, Scenario};

use super::{election, node};

/// The verdict on three real nodes whose leader was stopped and came back, with a calm or without.
fn judged(calm_at: &str, expect: &str) -> Verdict {
    let source = format!(
        "(claim: \"It is so.\", {}, nodes: 3, network: (delay: Fixed(\"1ms\")), {calm_at} \
         until: \"900s\", expect: [{expect}])",
        super::ELECTION
    );
    let scenario = Scenario::<Election>::parse("x.ron", &source, Files::none());
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
    let verdict = election().recorded::<Election>().judge(&scenario);
    verdict.unwrap_or_else(|problem| panic!("{problem}"))
}

const CALM: &str = "calm_at: \"0ms\",";

/// When n3 started again, and when the last line of its role was recorded.
fn last_start() -> Time {
    let events = election().recorded::<Election>().join().expect("they fit").to_vec();
    let is_start = |what: &EventKind| matches!(what, EventKind::Start { node: n, incarnation: 2 } if *n == node(3));
    events.iter().find(|event| is_start(&event.what)).expect("it came back").at
}

#[test]
fn an_effect_that_came_in_time_has_held() {
    let leads_to = "LeadsTo(from: Not(Every(Agreed)), to: Every(Agreed), within: \"60s\")";
    for calm in ["", CALM] {
        let verdict = judged(calm, leads_to);
        assert!(verdict.held(), "{verdict:?}");
        assert_eq!((verdict.asked.len(), verdict.untested.len(), verdict.unasked.len()), (1, 0, 0));
    }
}

/// The two others agree on a leader while n3 is down, and for a moment after it came back they do
/// not agree with it.
#[test]
fn an_effect_that_came_too_late_is_told_with_its_cause_and_counts_from_the_last_start() {
    let leads_to = "LeadsTo(from: Not(Every(Agreed)), to: Every(Agreed), within: \"1ns\")";
    let broken = judged(CALM, leads_to).broken.expect("nobody agrees at once");
    let start = last_start();
    assert!(broken.at.as_nanos() > start.as_nanos(), "{broken:?}, {start:?}");
    assert!(broken.detail.contains("awaited since"), "{broken:?}");
    let cause = broken.after.expect("something has led to it");
    assert!(cause.at.as_nanos() < broken.at.as_nanos());
    // Without a calm the first start counts, after which nobody agrees either.
    let broken = judged("", leads_to).broken.expect("nobody agrees at once");
    assert!(broken.at < start, "{broken:?}, {start:?}");
}

#[test]
fn a_cause_that_never_was_and_an_effect_that_was_not_due_are_no_test() {
    let rows = [
        ("LeadsTo(from: WriteRefused, to: Agreed, within: \"1s\")", "its cause never held"),
        (
            "LeadsTo(from: Every(Agreed), to: WriteRefused, within: \"800s\")",
            "before its effect was due",
        ),
    ];
    for (leads_to, why) in rows {
        let verdict = judged(CALM, leads_to);
        assert!(verdict.is_untested() && !verdict.held(), "{verdict:?}");
        assert_eq!((verdict.asked.len(), &verdict.broken), (0, &None));
        assert!(verdict.untested[0].ends_with(why), "{verdict:?}");
        let both = judged(CALM, &format!("{leads_to}, Always(EpochsRise)"));
        assert!(both.held() && both.asked.len() == 1, "{both:?}");
    }
}

/// n3 has led twice. n1 can lead once at most, while it is alone at the start.
#[test]
fn what_holds_in_the_end_is_asked_of_the_nodes_that_it_names() {
    let once = "Eventually(what: LeadsAtMost(1), within: \"1s\"";
    let verdict = judged(CALM, &format!("{once}, of: [1])"));
    assert!(verdict.held(), "{verdict:?}");
    let broken = judged(CALM, &format!("{once})")).broken.expect("n3 is asked, too");
    assert_eq!(broken.expected, "Eventually(LeadsAtMost(1))");
}

#[test]
fn a_cause_about_messages_is_not_asked() {
    let verdict = judged(CALM, "LeadsTo(from: Quiet, to: Agreed, within: \"1s\")");
    let why = "recordings do not show which messages were on their way";
    assert!(verdict.unasked[0].ends_with(why), "{verdict:?}");
    assert!(verdict.is_untested(), "{verdict:?}");
}
