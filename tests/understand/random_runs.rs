//! What a diff of random runs says of every event, counted again without it.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rehearsal::shipped::Election;
use rehearsal::sim::diff::{Diff, Pairing, Side, compare};
use rehearsal::sim::strategy::Menu;
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::sim::{Case, Fault, Keep, Options, Scenario, Trace};

/// Five nodes that elect a leader, and what a menu has for them.
fn case() -> (Case, impl Strategy<Value = Vec<Fault>>) {
    let text = r#"(
        claim: "Whatever happens, something does.",
        protocol: Election((form: Hardened(
            answer_wait: "41ms",
            coordinator_wait: "81ms",
            heartbeat: "50ms",
            leader_wait: "120ms",
        ))),
        nodes: 5,
        network: (delay: Uniform("1ms", "20ms"), loss: "5/100", duplicate: "5/100"),
        commands: [
            (at: "50ms", to: 2, command: Suspect), (at: "50ms", to: 2, command: Suspect),
            (at: "55ms", to: 2, command: Suspect), (at: "400ms", to: 3, command: Suspect),
        ],
        calm_at: "600ms",
        until: "1500ms",
        expect: [],
    )"#;
    let files = rehearsal::sim::Files::none();
    let scenario = Scenario::<Election>::parse("x.ron", text, files).expect("a right scenario");
    let faults = Menu::everything(&scenario).at_most(4).plans();
    (scenario.into(), faults)
}

fn played(case: &Case, seed: u64, faults: &[Fault]) -> Trace {
    let case = case.with_faults(faults.to_vec()).expect("right faults");
    case.run(Options::seed(seed).keep(Keep::Values)).events.expect("they were kept")
}

fn diff(a: &Trace, b: &Trace) -> Diff {
    compare(Side { events: a, checkpoints: &[] }, Side { events: b, checkpoints: &[] })
}

#[test]
fn a_run_is_equal_to_itself() {
    let (case, faults) = case();
    proptest!(ProptestConfig::with_cases(32), |(seed in 0_u64..1_000, faults in faults)| {
        let (once, again) = (played(&case, seed, &faults), played(&case, seed, &faults));
        let diff = diff(&once, &again);
        prop_assert!(diff.is_equal());
        prop_assert_eq!((diff.same_at_first, diff.rest.len()), (once.len(), 0));
    });
}

#[test]
fn a_diff_applied_to_one_run_gives_the_other() {
    let (case, faults) = case();
    let faults = (faults, case_faults());
    let cases = ProptestConfig::with_cases(48);
    proptest!(cases, |(seeds in (0_u64..4, 0_u64..4), faults in faults)| {
        let a = played(&case, seeds.0, &faults.0);
        let b = played(&case, seeds.1, &faults.1);
        let diff = diff(&a, &b);
        prop_assert_eq!(diff.is_equal(), a == b);
        check(&diff, &a.to_vec(), &b.to_vec());
    });
}

/// Of both runs the end alone is kept, and not as much of one as of the other.
#[test]
fn a_diff_of_ends_applied_to_one_gives_the_other() {
    let (case, faults) = case();
    let faults = (faults, case_faults());
    let kept = (100_u64..600, 100_u64..600);
    let cases = ProptestConfig::with_cases(48);
    let compared = Cell::new(0);
    proptest!(cases, |(seeds in (0_u64..4, 0_u64..4), faults in faults, kept in kept)| {
        let played = |seed, faults: &[Fault], kept| {
            let case = case.with_faults(faults.to_vec()).expect("right faults");
            let options = Options::seed(seed).keep(Keep::Values).keep_events(kept);
            case.run(options).events.expect("they were kept")
        };
        let a = played(seeds.0, &faults.0, kept.0);
        let b = played(seeds.1, &faults.1, kept.1);
        let diff = diff(&a, &b);
        let of = |trace: &Trace| {
            let is_compared = |event: &Event| diff.since.is_none_or(|since| event.at >= since);
            trace.iter().filter(is_compared).collect::<Vec<_>>()
        };
        prop_assert_eq!(diff.since.is_some(), a.dropped() > 0 || b.dropped() > 0);
        check(&diff, &of(&a), &of(&b));
        compared.set(compared.get() + u32::from(diff.since.is_some() && diff.has_compared()));
    });
    assert!(compared.get() > 10, "{compared:?}");
}

fn case_faults() -> impl Strategy<Value = Vec<Fault>> {
    case().1
}

/// Every event of both runs is accounted for once, and for what it is.
fn check(diff: &Diff, a: &[Event], b: &[Event]) {
    let same = diff.same_at_first as usize;
    let numbers = |events: &[Event]| events.iter().map(|event| event.number).collect();
    let (mut of_a, mut of_b): (Vec<u64>, Vec<u64>) = (numbers(&a[..same]), numbers(&b[..same]));
    for (one, other) in a[..same].iter().zip(&b[..same]) {
        assert_eq!((one.at, &one.what), (other.at, &other.what));
    }
    // B, made of A and of what the diff says.
    let mut made: Vec<Event> = a[..same].to_vec();
    let mut pairs = BTreeMap::new();
    for pairing in &diff.rest {
        match *pairing {
            Pairing::Same { a: number, b: other } => {
                made.push(event(a, number).clone());
                pairs.insert(number, other);
            }
            Pairing::Moved { a: number, b: other } => {
                let (one, moved) = (event(a, number), event(b, other));
                assert_eq!(timeless(&one.what), timeless(&moved.what), "{one:?} {moved:?}");
                made.push(moved.clone());
                pairs.insert(number, other);
            }
            Pairing::Changed { a: number, b: other } => {
                let (one, changed) = (event(a, number), event(b, other));
                assert_ne!(timeless(&one.what), timeless(&changed.what), "{one:?}");
                made.push(changed.clone());
                pairs.insert(number, other);
            }
            Pairing::Removed { a: number } => of_a.push(number),
            Pairing::Added { b: number } => {
                made.push(event(b, number).clone());
                of_b.push(number);
            }
        }
    }
    assert_eq!(made.len(), b.len());
    for (made, event) in made.iter().zip(b) {
        assert_eq!((made.at, &made.what), (event.at, &event.what));
    }
    of_a.extend(pairs.keys());
    of_b.extend(pairs.values());
    for (numbers, events) in [(&mut of_a, a), (&mut of_b, b)] {
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(events.iter().map(|event| event.number)));
    }
    // The first difference has the name of every event that it is about.
    if let Some(first) = &diff.first {
        let events = first.a.iter().chain(&first.b);
        let named = events.map(|event| event.what.key()).collect::<BTreeSet<_>>();
        let name = first.key();
        assert_eq!(name.is_some(), named.len() == 1 && !named.contains(&None), "{first:?}");
        assert!(name.is_none() || named.contains(&name), "{first:?}");
    }
    // What has a key in both runs is a pair, and nothing else with a key is one.
    let (keys_a, keys_b) = (keys(&a[same..]), keys(&b[same..]));
    let in_both: BTreeSet<_> = keys_a.keys().filter(|key| keys_b.contains_key(*key)).collect();
    for (key, number) in &keys_a {
        let partner = in_both.contains(key).then(|| keys_b[key]);
        assert_eq!(pairs.get(number).copied(), partner, "{key}");
    }
}

fn event(events: &[Event], number: u64) -> &Event {
    &events[(number - events[0].number) as usize]
}

/// The words of an event without any times.
fn timeless(what: &EventKind) -> String {
    match what {
        EventKind::Send { message, text, value, lost, arrives } => {
            format!("send {message} {text} {value:?} {lost:?} {}", arrives.len())
        }
        EventKind::Leave { message, text, lost, arrives } => {
            format!("leave {message} {text} {lost:?} {}", arrives.len())
        }
        EventKind::Arm { timer, .. } => format!("arm {timer}"),
        EventKind::Move { timer, .. } => format!("move {timer}"),
        EventKind::Clock { node, gained, passed, .. } => format!("clock {node} {gained}/{passed}"),
        what => format!("{what:?}"),
    }
}

/// Sends, arrivals, armings and expiries, each with what it is called and its number.
fn keys(events: &[Event]) -> BTreeMap<String, u64> {
    let key = |event: &Event| {
        let name = match &event.what {
            EventKind::Send { message, .. } => format!("send {message}"),
            EventKind::Deliver { message, copy, .. } | EventKind::Miss { message, copy, .. } => {
                format!("arrive {message} {copy}")
            }
            EventKind::Timer { timer } => format!("fire {timer}"),
            EventKind::Arm { timer, .. } => format!("arm {timer}"),
            _ => return None,
        };
        Some((name, event.number))
    };
    events.iter().filter_map(key).collect()
}
