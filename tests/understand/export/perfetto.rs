//! Chrome's trace events: the fields that the format documents, slices that do not overlap, and an
//! arrow for each message that arrives.

use std::collections::BTreeMap;

use rehearsal::sim::export;
use rehearsal::sim::story::View;
use rehearsal::sim::trace::EventKind;
use serde_json::Value;

use super::{events, text, told};
use crate::stock::stock;

/// Microseconds with three decimals, in nanoseconds.
fn nanos(value: &Value) -> u64 {
    let text = value.to_string();
    let (micros, rest) = text.split_once('.').unwrap_or((&text, ""));
    let rest = format!("{rest:0<3}");
    micros.parse::<u64>().expect("a number") * 1_000 + rest.parse::<u64>().expect("a number")
}

/// The fields that an event of each phase has, in the words of the format's description.
fn fields(phase: &str) -> &'static [&'static str] {
    match phase {
        "M" => &["ph", "pid", "name", "args"],
        "X" => &["ph", "pid", "tid", "ts", "dur", "cat", "name", "args"],
        "i" => &["ph", "pid", "tid", "ts", "s", "cat", "name", "args"],
        "C" => &["ph", "pid", "ts", "name", "args"],
        "s" => &["ph", "pid", "tid", "ts", "cat", "name", "id"],
        "f" => &["ph", "bp", "pid", "tid", "ts", "cat", "name", "id"],
        other => panic!("phase {other}"),
    }
}

#[test]
fn every_event_has_the_fields_of_its_phase_and_every_arrow_two_slices() {
    let (mut arrows, mut slices) = (0, 0);
    for one in stock() {
        let run = one.run();
        let here = one.file.display();
        let file =
            text(|out| export::perfetto(told(&one, &run), &View::default(), "a \"name\"", out));
        let file: Value = serde_json::from_str(&file).expect("JSON");
        assert_eq!(file["displayTimeUnit"], "ms");
        let all = file["traceEvents"].as_array().expect("a list");
        let mut tracks: BTreeMap<u64, Vec<(u64, u64)>> = BTreeMap::new();
        let mut flows: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
        for event in all {
            let phase = event["ph"].as_str().expect("a phase");
            for field in fields(phase) {
                assert!(!event[*field].is_null(), "{here}: {event} has no {field}");
            }
            match phase {
                "X" => {
                    let tid = event["tid"].as_u64().expect("a thread");
                    let (start, span) = (nanos(&event["ts"]), nanos(&event["dur"]));
                    assert!(span >= 1_000, "{here}: {event}");
                    tracks.entry(tid).or_default().push((start, start + span));
                    slices += 1;
                }
                "i" => assert!(["t", "p"].contains(&event["s"].as_str().expect("a scope"))),
                "s" | "f" => {
                    flows.entry(event["id"].as_u64().expect("an id")).or_default().push(event);
                }
                _ => {}
            }
        }
        for track in tracks.values_mut() {
            track.sort_unstable();
            for pair in track.windows(2) {
                assert!(pair[0].1 <= pair[1].0, "{here}: slices overlap: {pair:?}");
            }
        }
        let delivered = |what: &EventKind| matches!(what, EventKind::Deliver { .. });
        let delivered = events(&run).iter().filter(|event| delivered(&event.what)).count();
        assert_eq!(flows.len(), delivered, "{here}");
        for flow in flows.values() {
            let [from, to] = flow.as_slice() else { panic!("{here}: {flow:?}") };
            assert_eq!(
                (&from["ph"], &to["ph"], &to["bp"]),
                (&"s".into(), &"f".into(), &"e".into())
            );
            assert_eq!((&from["cat"], &from["name"]), (&to["cat"], &to["name"]));
            assert!(nanos(&from["ts"]) <= nanos(&to["ts"]), "{here}: {from} {to}");
            for end in [from, to] {
                let (tid, ts) = (end["tid"].as_u64().expect("a thread"), nanos(&end["ts"]));
                let is_in = |(start, end): &(u64, u64)| *start <= ts && ts < *end;
                assert!(tracks[&tid].iter().any(is_in), "{here}: no slice at {end}");
            }
            arrows += 1;
        }
    }
    assert!(arrows > 5_000 && slices > 10_000, "{arrows} arrows, {slices} slices");
}
