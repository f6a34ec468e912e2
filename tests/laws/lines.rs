//! A trace as JSON lines.

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::trace::lines::{self, Head, Lines, Subject};
use rehearsal::sim::trace::{Event, EventKind, Json};
use rehearsal::sim::{Keep, Options, run};
use serde_json::{Value, json};

use crate::courier::{AsWritten, ROUGH, at, couriers, letters};

fn events() -> Vec<Event> {
    let five = couriers()
        .over(ROUGH)
        .commands(letters() + &at(30, 1, "Nap") + &at(40, 2, "Keep(7)"))
        .wrong(
            r#"(at: "1s", do: Bounce(node: 2, down: "300ms")), (at: "2s", do: Hold(from: 1, to: 3)),
        (at: "3s", do: Release(from: 1, to: 3)), (at: "4s", do: Partition([[1, 2], [3, 4, 5]])),
        (at: "5s", do: Heal), (at: "5s", do: Skew(node: 4, by: Behind("1s"))),"#,
        );
    let report = run(&five.scenario(), Options::seed(8).keep(Keep::Values));
    report.outcome.events.expect("they were kept").to_vec()
}

fn text(events: &[Event]) -> String {
    let mut text = Vec::new();
    let head = Head::of_recorded(json!({ "protocol": "couriers" }));
    let verdict = Some(json!({ "outcome": "held" }));
    lines::write(&mut text, &head, events.iter().cloned(), verdict).expect("a vector takes all");
    String::from_utf8(text).expect("JSON is text")
}

#[test]
fn a_trace_is_read_as_it_was_written() {
    let events = events();
    let Lines { head, events: read, verdict, .. } =
        lines::read(text(&events).as_bytes()).expect("a trace");
    assert_eq!(read, events);
    assert_eq!(head.of, Subject::Recorded { recorded: json!({ "protocol": "couriers" }) });
    assert_eq!(verdict, Some(json!({ "outcome": "held" })));
}

#[test]
fn an_event_has_its_content_in_full() {
    let text = text(&events());
    let mut values = Vec::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        if !line["value"].is_null() {
            values.push(line["event"].as_str().expect("a name").to_owned());
        }
    }
    values.sort();
    values.dedup();
    assert_eq!(values, ["command", "emit", "save", "send"]);
}

/// The trace is refused after this change of its lines, for this reason.
#[track_caller]
fn assert_refused(change: impl Fn(&mut Vec<String>), reason: &str) {
    let mut lines: Vec<_> = text(&events()).lines().map(str::to_owned).collect();
    change(&mut lines);
    let error = lines::read(lines.join("\n").as_bytes()).expect_err("it was changed").to_string();
    assert!(error.contains(reason), "{error}");
}

#[test]
fn a_trace_that_was_damaged_is_refused_with_the_line() {
    let first_send = |lines: &[String]| {
        lines.iter().position(|line| line.contains(r#""event":"send""#)).expect("one was sent")
    };
    let edit = |what: &'static str, into: &'static str| {
        move |lines: &mut Vec<String>| {
            let place = first_send(lines);
            assert!(lines[place].contains(what), "{}", lines[place]);
            lines[place] = lines[place].replacen(what, into, 1);
        }
    };
    assert_refused(|lines| _ = lines.pop(), "the end is missing: the file was cut off");
    assert_refused(|lines| lines.truncate(0), "line 1: the end is missing");
    assert_refused(|lines| _ = lines.remove(7), "stands where");
    assert_refused(|lines| lines[0] = lines[1].clone(), "line 1: not the head of a trace");
    let format =
        |lines: &mut Vec<String>| lines[0] = lines[0].replace("\"format\":2", "\"format\":3");
    assert_refused(format, "line 1: the trace has format 3, and this version reads 2");
    let head = |what: &'static str, into: &'static str| {
        move |lines: &mut Vec<String>| lines[0] = lines[0].replacen(what, into, 1)
    };
    assert_refused(
        head("{", "{\"when\":1,"),
        "line 1: not the head of a trace: unknown field `when`",
    );
    let both = "{\"seed\":1,\"plan\":\"\",";
    assert_refused(head("{", both), "it is of a run, with `seed` and `plan`, or");
    assert_refused(
        |lines| lines[0] = r#"{"format":2,"seed":1,"dropped":0}"#.into(),
        "without `plan`",
    );
    assert_refused(
        |lines| lines[0] = r#"{"format":2,"plan":"","dropped":0}"#.into(),
        "without `seed`",
    );
    assert_refused(|lines| lines[0] = r#"{"format":2,"dropped":0}"#.into(), "it has neither");
    assert_refused(edit("\"kind\":", "\"kind\":\"other\",\"x\":"), "contradict each other");
    assert_refused(edit("\"node\":", "\"node\":9,\"was\":"), "contradict each other");
    assert_refused(edit("->", "-"), "names no decision");
    assert_refused(edit("\"number\":", "\"no\":"), "`number` is missing");
    assert_refused(edit("{", "["), "at line 1 column");
    let twice = |lines: &mut Vec<String>| lines.extend_from_within(..);
    assert_refused(twice, "nothing follows the end");
    assert_refused(edit("\"cause\":", "\"cause\":99"), "the cause comes later than the event");
    let count = |lines: &mut Vec<String>| {
        let last = lines.len() - 1;
        lines[last] = r#"{"events":3}"#.to_owned();
    };
    assert_refused(count, "the end counts 3 events, and here are");
}

#[test]
fn a_value_that_is_null_and_one_of_a_fraction_are_read_as_they_were() {
    let node = NodeId::from_index(0);
    let fraction = 0.1_f64 + 0.2;
    let values = [None, Some(Json::of(&())), Some(Json::of(&fraction)), Some(Json::of(&1e23))];
    let event = |(number, value)| {
        let what = EventKind::Emit { node, text: String::new(), value };
        Event { number, cause: None, at: Time::ZERO, what }
    };
    let events: Vec<_> = (1..).zip(values).map(event).collect();
    assert_eq!(lines::read(text(&events).as_bytes()).expect("a trace").events, events);
}

#[test]
fn a_trace_of_the_last_events_says_how_many_came_before() {
    let all = events();
    let kept = &all[all.len() - 10..];
    let mut text = Vec::new();
    let mut head = Head::of_recorded(Value::Null);
    head.dropped = all.len() as u64 - 10;
    lines::write(&mut text, &head, kept.iter().cloned(), None).expect("a vector takes all");
    assert_eq!(lines::read(&*text).expect("a trace").events, kept);
}
