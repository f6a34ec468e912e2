use std::collections::BTreeMap;

use rehearsal_machine::{NodeId, Time};
use serde_json::Value;

use super::data::Pairs;
use super::pairs::pairs;
use super::{Limits, Page, Run, Verdict, is_same_end, states_from};
use crate::engine::{States, StepState};
use crate::network::Lost;
use crate::plan::MessageKey;
use crate::trace::{Ended, Event, EventKind, Trace};

fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("a node")
}

/// Node 1 emits so many texts, each a millisecond after the one before.
fn told(texts: &[&str]) -> Vec<Event> {
    let what = texts.iter().map(|text| EventKind::Emit {
        node: node(1),
        text: (*text).to_owned(),
        value: None,
    });
    (1..).zip(what).map(|(number, what)| event(number, what)).collect()
}

fn event(number: u64, what: EventKind) -> Event {
    Event { number, cause: None, at: Time::from_millis(number), what }
}

fn sent(number: u64, nth: u32, lost: Option<Lost>) -> Event {
    let message = MessageKey { from: node(1), to: node(2), kind: "ack".into(), nth };
    let arrives = if lost.is_none() { vec![Time::from_millis(number + 5)] } else { Vec::new() };
    let text = "ack".to_owned();
    event(number, EventKind::Send { message, text, value: None, lost, arrives })
}

fn run(events: Vec<Event>) -> Run {
    Run::of_events("test", &Trace::from_iter(events), Limits::default())
}

/// The data of a page, as its scripts read it.
fn data(page: &Page) -> Value {
    let (_, after) = page.html.split_once("type=\"application/json\">").expect("the data");
    let (data, _) = after.split_once("</script>").expect("its end");
    serde_json::from_str(data).expect("JSON")
}

/// The pairs of two runs of these events.
fn pairs_of(one: &[Event], other: &[Event]) -> Pairs {
    pairs(&run(one.to_vec()), &run(other.to_vec()))
}

#[test]
fn equal_runs_are_one_stretch_without_a_difference() {
    let events = told(&["a", "b", "c"]);
    let pairs = pairs_of(&events, &events);
    assert_eq!((pairs.same, pairs.changed, pairs.first), (vec![(0, 0, 3)], vec![], None));
}

#[test]
fn what_is_merely_later_is_no_difference() {
    let events = told(&["a", "b", "c"]);
    let mut later = events.clone();
    for event in &mut later {
        event.at = Time::from_millis(event.number * 7);
    }
    assert_eq!(pairs_of(&events, &later).first, None);
}

#[test]
fn what_one_run_has_more_stands_between_what_both_have() {
    let pairs = pairs_of(&told(&["a", "b", "c"]), &told(&["a", "x", "y", "b", "c"]));
    assert_eq!(pairs.same, [(0, 0, 1), (1, 3, 2)]);
    assert_eq!(pairs.first, Some((1, 1)));
}

#[test]
fn a_message_that_is_lost_in_one_run_alone_is_the_same_message_changed() {
    let before = told(&["a"]);
    let with = |lost| [before.clone(), vec![sent(2, 1, lost), sent(3, 2, None)]].concat();
    let pairs = pairs_of(&with(Some(Lost::Loss)), &with(None));
    assert_eq!(pairs.same, [(0, 0, 3)]);
    assert_eq!((pairs.changed, pairs.first), (vec![1], Some((1, 1))));
}

#[test]
fn whatever_two_runs_say_pairs_are_equal_and_in_order_in_both() {
    let letters = ["a", "b", "c"];
    let word = |mut number: usize| {
        let letter = |_| {
            let letter = letters[number % 3];
            number /= 3;
            letter
        };
        (0..4).map(letter).collect::<Vec<_>>()
    };
    for (one, other) in (0..81).flat_map(|one| (0..81).map(move |other| (word(one), word(other)))) {
        let pairs = pairs_of(&told(&one), &told(&other));
        let mut last = None;
        for (here, there, length) in &pairs.same {
            for step in 0..*length {
                let pair = (here + step, there + step);
                assert_eq!(one[pair.0 as usize], other[pair.1 as usize]);
                assert!(last.is_none_or(|(h, t)| h < pair.0 && t < pair.1), "{one:?} {other:?}");
                last = Some(pair);
            }
        }
        let common = one.iter().zip(&other).take_while(|(one, other)| one == other).count() as u32;
        let expected = (one != other).then_some((common, common));
        assert_eq!(pairs.first, expected, "{one:?} {other:?}");
    }
}

#[test]
fn nothing_that_is_said_ends_the_data_or_begins_a_comment() {
    let hostile = "</script><!-- \u{2028} ]]> \\u003c";
    let page = Page::new(&run(told(&[hostile])), None, Limits::default());
    let (_, after) = page.html.split_once("type=\"application/json\">").expect("the data");
    let (json, _) = after.split_once("</script>").expect("its end");
    assert!(!json.contains(['<', '\u{2028}']), "{json}");
    let texts = data(&page)["texts"].clone();
    let expected = rehearsal_machine::printable(hostile).into_owned();
    assert!(texts.as_array().expect("texts").contains(&Value::from(expected)), "{texts}");
}

#[test]
fn a_name_is_no_part_of_the_page_s_own_text() {
    let mut named = run(told(&["a"]));
    named.name = "<b>{{scripts}}</b>".to_owned();
    let page = Page::new(&named, None, Limits::default());
    assert!(page.html.contains("<title>&lt;b&gt;{{scripts}}&lt;/b&gt; - Rehearsal</title>"));
}

#[test]
fn a_page_keeps_the_last_events_and_says_which_are_left_out() {
    let texts: Vec<_> = (0..100).map(|number| format!("text {number}")).collect();
    let texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let limits = Limits { events: 10, ..Limits::default() };
    let run = Run::of_events("test", &Trace::from_iter(told(&texts)), limits);
    let page = Page::new(&run, None, limits);
    let data = data(&page);
    assert_eq!(data["runs"][0]["events"]["what"].as_array().map(Vec::len), Some(10));
    assert_eq!(data["runs"][0]["dropped"], 90);
    assert!(page.cuts[0].contains("begins with event 91; 90 before it"), "{:?}", page.cuts);
}

#[test]
fn a_page_has_the_states_of_the_last_steps_each_state_once() {
    let step = |event, state: &str| StepState {
        event,
        node: node(1),
        before: None,
        after: Some(state.to_owned()),
    };
    let mut run = run(told(&["a", "b", "c", "d"]));
    run.states = Some(States {
        steps: vec![step(1, "one"), step(2, "two\nlines"), step(3, "one"), step(4, "one")],
        waits: Vec::new(),
    });
    let page = Page::new(&run, None, Limits { states: 3, ..Limits::default() });
    let data = data(&page);
    let states = &data["runs"][0]["states"];
    assert_eq!(states["bodies"].as_array().map(Vec::len), Some(2));
    let after: Vec<_> = (0..3).map(|nth| states["steps"][nth][2].as_u64()).collect();
    assert_eq!((after[1], after[0] == after[1]), (after[2], false));
    assert!(page.cuts[0].contains("the last 3 steps, and not of 1 before"), "{:?}", page.cuts);
}

#[test]
fn runs_that_are_kept_in_part_have_the_same_end_if_what_both_kept_is_the_same() {
    let whole = run(told(&["a", "b", "c", "d"]));
    let last = |kept: usize| {
        let mut run = whole.clone();
        run.dropped = (4 - kept) as u64;
        run.events.drain(..4 - kept);
        run
    };
    for kept in 0..=4 {
        assert!(is_same_end(&whole, &last(kept)) && is_same_end(&last(kept), &whole), "{kept}");
    }
    let shorter = run(told(&["a", "b", "c"]));
    assert!(!is_same_end(&whole, &shorter));
    let mut other = last(2);
    other.events[0] = told(&["x"])[0].clone();
    assert!(!is_same_end(&whole, &other));
}

#[test]
fn the_first_event_of_the_last_steps_is_that_of_an_input() {
    let deliver = |nth| EventKind::Deliver {
        message: MessageKey { from: node(1), to: node(2), kind: "ack".into(), nth },
        copy: 0,
        text: String::new(),
    };
    let emit = || EventKind::Emit { node: node(2), text: String::new(), value: None };
    let what = [deliver(1), emit(), deliver(2), emit(), emit(), deliver(3), emit()];
    let trace: Trace = (1..).zip(what).map(|(number, what)| event(number, what)).collect();
    let firsts: BTreeMap<_, _> =
        [0, 1, 2, 3, 9].map(|steps| (steps, states_from(&trace, steps))).into();
    let expected = [(0, None), (1, Some(6)), (2, Some(3)), (3, Some(1)), (9, Some(1))];
    assert_eq!(firsts, expected.into());
}

#[test]
fn a_trace_tells_the_verdict_as_far_as_it_has_one() {
    let of = |text: &str| {
        let value = serde_json::from_str(text).expect("JSON");
        Verdict::of_trace(&value, Time::from_millis(3))
    };
    assert_eq!(of(r#"{"outcome":"held"}"#), Verdict::Held(Vec::new()));
    assert_eq!(of("{}"), Verdict::Unknown);
    assert_eq!(of("[7]"), Verdict::Unknown);
    let failed = r#"{"violations":[{"check":"c","reason":"r","at_ns":3000000,"detail":"d"}]}"#;
    let Verdict::Violated { check, at, is_of_step, .. } = of(failed) else { panic!("it failed") };
    assert_eq!((check.as_str(), at, is_of_step), ("c", Time::from_millis(3), true));
}

/// The scripts know kinds of events by their places in a list.
#[test]
fn the_scripts_list_of_kinds_is_that_of_the_columns() {
    let kinds = include_str!("assets/run.js").split_once("const KINDS = [").expect("a list").1;
    let kinds = kinds.split_once(']').expect("its end").0;
    let kinds: Vec<_> = kinds.split('"').skip(1).step_by(2).collect();
    let node = node(1);
    let message = MessageKey { from: node, to: node, kind: "ack".into(), nth: 1 };
    let copy = || (message.clone(), 0, String::new());
    let deliver = |(message, copy, text)| EventKind::Deliver { message, copy, text };
    let strand = |(message, copy, text)| EventKind::Strand { message, copy, text };
    let of_each_end = [
        EventKind::Start { node, incarnation: 1 },
        deliver(copy()),
        sent(1, 1, None).what,
        EventKind::Role { node, lane: 'L'.into() },
        EventKind::Crash { node },
        EventKind::Upgrade { node },
        EventKind::Partition { sides: Vec::new() },
        EventKind::Calm,
        EventKind::LetGo { links: Vec::new() },
        EventKind::Connect { pairs: Vec::new(), since: Time::ZERO },
        EventKind::Disconnect { pairs: Vec::new(), why: Ended::Break },
        EventKind::Link { node, peer: node, session: 1, up: true },
        strand(copy()),
    ];
    for what in of_each_end {
        let named = serde_json::to_value(&what).expect("JSON");
        let name = named
            .as_str()
            .map(str::to_owned)
            .or_else(|| named.as_object().and_then(|object| object.keys().next().cloned()));
        let page = Page::new(&run(vec![event(1, what)]), None, Limits::default());
        let place = data(&page)["runs"][0]["events"]["what"][0].as_u64().expect("a kind");
        assert_eq!(name.as_deref(), kinds.get(place as usize).copied());
    }
}

/// A message that waits for the end of a pause arrives, though not when the network said.
#[test]
fn what_arrives_later_than_expected_is_not_still_on_its_way() {
    let deliver = |number, cause, copy| {
        let message = MessageKey { from: node(1), to: node(2), kind: "ack".into(), nth: 1 };
        let what = EventKind::Deliver { message, copy, text: "ack".to_owned() };
        Event { cause: Some(cause), ..event(number, what) }
    };
    let mut twice = sent(1, 1, None);
    let EventKind::Send { arrives, .. } = &mut twice.what else { panic!("it is a send") };
    arrives.push(Time::from_millis(9));
    let open = |events| {
        let page = Page::new(&run(events), None, Limits::default());
        data(&page)["runs"][0]["events"]["arrives"].to_string()
    };
    assert_eq!(open(vec![twice.clone()]), "[[0,[6000000,9000000]]]");
    assert_eq!(open(vec![twice.clone(), deliver(6, 1, 0)]), "[[0,[9000000]]]");
    assert_eq!(open(vec![twice.clone(), deliver(8, 1, 0)]), "[[0,[9000000]]]");
    assert_eq!(open(vec![twice, deliver(20, 1, 0), deliver(21, 1, 1)]), "[]");
}
