//! A trace as JSON lines: a head, an object for each event, and an end that tells
//! a whole file from half of one.
//!
//! `docs/trace.md` describes every field. An event is written with what its key
//! says spelled out (`node`, `to`, `kind`), for programs that select by it; the
//! reader takes only lines in which both agree, so that an edit of one cannot be
//! overlooked.

use std::fmt;
use std::io;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{Event, EventKind, Json, Trace};
use crate::chance::Seed;
use crate::plan::DecisionKey;

/// The version of the form. A change that an older reader would get wrong is a
/// new version.
pub const FORMAT: u32 = 2;

/// The first line: what the events are of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "HeadLine")]
pub struct Head {
    format: u32,
    /// What the events are of.
    #[serde(flatten)]
    pub of: Subject,
    /// How many events happened before the first one of the file.
    pub dropped: u64,
}

/// What the events of a trace are of.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Subject {
    /// A simulated run.
    Run {
        /// Its seed.
        seed: Seed,
        /// Its plan, as a plan file has it.
        plan: String,
    },
    /// Recorded nodes.
    Recorded {
        /// What was recorded of them.
        recorded: Value,
    },
}

/// The first line as it is read: with every field that a head can have, and no other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadLine {
    format: u32,
    seed: Option<Seed>,
    plan: Option<String>,
    #[serde(default, deserialize_with = "present")]
    recorded: Option<Value>,
    dropped: u64,
}

/// A value that is there, `null` too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl TryFrom<HeadLine> for Head {
    type Error = &'static str;

    fn try_from(line: HeadLine) -> Result<Self, &'static str> {
        let HeadLine { format, seed, plan, recorded, dropped } = line;
        let of = match (seed, plan, recorded) {
            (Some(seed), Some(plan), None) => Subject::Run { seed, plan },
            (None, None, Some(recorded)) => Subject::Recorded { recorded },
            (None, None, None) => return Err("it has neither `seed` and `plan` nor `recorded`"),
            (_, _, Some(_)) => return Err("it is of a run, with `seed` and `plan`, or `recorded`"),
            (None, Some(_), None) => return Err("`plan` is there without `seed`"),
            (Some(_), None, None) => return Err("`seed` is there without `plan`"),
        };
        Ok(Self { format, of, dropped })
    }
}

impl Head {
    /// The head of the trace of a simulated run.
    #[must_use]
    pub fn of_run(seed: Seed, plan: String, dropped: u64) -> Self {
        Self { format: FORMAT, of: Subject::Run { seed, plan }, dropped }
    }

    /// The head of the trace of recorded nodes.
    #[must_use]
    pub fn of_recorded(recorded: Value) -> Self {
        Self { format: FORMAT, of: Subject::Recorded { recorded }, dropped: 0 }
    }
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    /// How many events the file has.
    events: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict: Option<Value>,
}

/// A trace that was read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Lines {
    /// What the events are of.
    pub head: Head,
    /// The events, in order.
    pub events: Vec<Event>,
    /// What came of a simulated run, as `run --json` prints it.
    pub verdict: Option<Value>,
}

/// Writes a trace.
///
/// # Errors
/// If the place cannot be written to.
pub fn write(
    out: &mut dyn io::Write,
    head: &Head,
    events: impl IntoIterator<Item = Event>,
    verdict: Option<Value>,
) -> io::Result<()> {
    line(out, head)?;
    let mut end = End { events: 0, verdict };
    for event in events {
        end.events += 1;
        line(out, &to_object(&event))?;
    }
    line(out, &end)
}

/// Reads a trace, line by line.
///
/// # Errors
/// If the text cannot be read, is no trace, is of another version, or is cut off.
pub fn read(text: impl io::BufRead) -> Result<Lines, NotATrace> {
    let mut events = Vec::new();
    match read_with(text, &mut |event| events.push(event)) {
        (_, _, Some(flaw)) => Err(flaw),
        (Some(head), verdict, None) => Ok(Lines { head, events, verdict }),
        (None, _, None) => unreachable!("what has no head has a flaw"),
    }
}

/// As much of a trace as is whole: everything before the first flaw.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WholePart {
    /// What the events are of.
    pub head: Head,
    /// The last of the events, in order.
    pub events: Trace,
    /// What came of a simulated run, if the trace is whole.
    pub verdict: Option<Value>,
    /// Why the rest is no part of it, if the trace is not whole.
    pub flaw: Option<NotATrace>,
}

/// Reads a trace, of which a part may be missing or damaged, and keeps the last so many of the events
/// before that.
///
/// # Errors
/// If there is no head: the text cannot be read, is no trace, or is of another version.
pub fn read_whole_part(text: impl io::BufRead, limit: u64) -> Result<WholePart, NotATrace> {
    let mut events = Trace::keeping(limit);
    match read_with(text, &mut |event| events.push(&event)) {
        (Some(head), verdict, flaw) => Ok(WholePart { head, events, verdict, flaw }),
        (None, _, Some(flaw)) => Err(flaw),
        (None, _, None) => unreachable!("what has no head has a flaw"),
    }
}

/// The head and the verdict, as far as they are there, and the first flaw.
fn read_with(
    text: impl io::BufRead,
    keep: &mut dyn FnMut(Event),
) -> (Option<Head>, Option<Value>, Option<NotATrace>) {
    let mut head = None;
    match read_lines(text, &mut head, keep) {
        Ok(verdict) => (head, verdict, None),
        Err(flaw) => (head, None, Some(flaw)),
    }
}

fn read_lines(
    text: impl io::BufRead,
    head: &mut Option<Head>,
    keep: &mut dyn FnMut(Event),
) -> Result<Option<Value>, NotATrace> {
    let mut events = 0;
    let mut end: Option<End> = None;
    let mut last = 0;
    for (line, text) in (1..).zip(text.lines()) {
        let refuse = |reason: String| NotATrace { line, reason };
        let text = text.map_err(|error| refuse(error.to_string()))?;
        last = line;
        if end.is_some() {
            return Err(refuse("nothing follows the end: two files in one?".to_owned()));
        }
        let Some(head) = head.as_ref() else {
            *head = Some(read_head(&text).map_err(refuse)?);
            continue;
        };
        let object = serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
        let Value::Object(object) = object else {
            return Err(refuse("a line is an object: write `{..}`".to_owned()));
        };
        if object.contains_key("event") {
            let event = from_object(&object).map_err(refuse)?;
            let expected = head.dropped + events + 1;
            if event.number != expected {
                let number = event.number;
                return Err(refuse(format!("event {number} stands where {expected} should")));
            }
            keep(event);
            events += 1;
            continue;
        }
        let last: End = serde_json::from_value(Value::Object(object))
            .map_err(|error| refuse(format!("neither an event nor the end: {error}")))?;
        if last.events != events {
            let count = last.events;
            return Err(refuse(format!("the end counts {count} events, and here are {events}")));
        }
        end = Some(last);
    }
    if let Some(End { verdict, .. }) = end {
        return Ok(verdict);
    }
    let reason = "the end is missing: the file was cut off (write the trace again)";
    Err(NotATrace { line: last + 1, reason: reason.to_owned() })
}

fn read_head(text: &str) -> Result<Head, String> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let no_head = |error: serde_json::Error| {
        format!("not the head of a trace: {error} (`run --trace FILE` writes a trace)")
    };
    let Version { format } = serde_json::from_str(text).map_err(no_head)?;
    if format != FORMAT {
        return Err(format!("the trace has format {format}, and this version reads {FORMAT}"));
    }
    let head: Head = serde_json::from_str(text).map_err(no_head)?;
    if head.dropped >= MOST_DROPPED {
        return Err(format!("no run has the {} events that it says are dropped", head.dropped));
    }
    Ok(head)
}

/// So many events no run has.
const MOST_DROPPED: u64 = 1 << 62;

/// The text is not a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotATrace {
    /// The line, from 1.
    pub line: u64,
    /// Why it is not as it should be.
    pub reason: String,
}

impl fmt::Display for NotATrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for NotATrace {}

fn line(out: &mut dyn io::Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// An event as the object that its line is.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "every event is JSON")]
pub fn to_object(event: &Event) -> Value {
    // Strings, numbers and lists of them, with strings for keys.
    let what = serde_json::to_value(&event.what).expect("an event is JSON");
    let (name, fields) = match what {
        Value::Object(what) => what.into_iter().next().unwrap_or_default(),
        name => (name.as_str().unwrap_or_default().to_owned(), Value::Null),
    };
    let mut object = Map::new();
    object.insert("number".to_owned(), event.number.into());
    object.extend(event.cause.map(|cause| ("cause".to_owned(), cause.into())));
    object.insert("at".to_owned(), event.at.as_nanos().into());
    object.insert("event".to_owned(), name.into());
    object.extend(spelled_out(&event.what));
    let Value::Object(fields) = fields else { return object.into() };
    for (field, value) in fields {
        match (field.as_str(), value) {
            // What `key` tells, and what was not kept or told: a value that is `null` is a text here.
            ("message" | "timer", Value::Object(_)) | ("value" | "text", Value::Null) => {}
            ("value", Value::String(text)) => {
                object.insert(field, Json::from_text(text).value());
            }
            (_, value) => {
                object.insert(field, value);
            }
        }
    }
    object.into()
}

/// What stands in the key of an event, for programs.
fn spelled_out(what: &EventKind) -> Vec<(String, Value)> {
    let Some(key) = what.key() else { return Vec::new() };
    let number = |node: rehearsal_machine::NodeId| Value::from(node.number());
    let mut fields = vec![("node", what.node().map_or(Value::Null, number))];
    match &key {
        DecisionKey::Message(message) => {
            let is_arrival = matches!(
                what,
                EventKind::Deliver { .. } | EventKind::Miss { .. } | EventKind::Strand { .. }
            );
            let other = if is_arrival { ("from", message.from) } else { ("to", message.to) };
            fields.push((other.0, number(other.1)));
            fields.push(("kind", message.kind.as_ref().into()));
        }
        DecisionKey::Timer(timer) => fields.push(("timer", timer.timer.as_str().into())),
        _ => {}
    }
    fields.push(("key", key.to_string().into()));
    fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect()
}

fn from_object(object: &Map<String, Value>) -> Result<Event, String> {
    let mut fields = object.clone();
    let mut take = |field: &str| fields.shift_remove(field);
    let (number, cause, at) = (take("number"), take("cause"), take("at"));
    let name = take("event");
    if let Some(key) = take("key") {
        let key: DecisionKey = serde_json::from_value(key).map_err(|error| error.to_string())?;
        for spelled in ["node", "from", "to", "kind", "timer"] {
            take(spelled);
        }
        let (field, value) = match key {
            DecisionKey::Message(message) => ("message", serde_json::to_value(message)),
            DecisionKey::Timer(timer) => ("timer", serde_json::to_value(timer)),
            key => return Err(format!("`{key}` is the key of no event")),
        };
        fields.insert(field.to_owned(), value.map_err(|error| error.to_string())?);
    }
    if let Some(value) = fields.get_mut("value") {
        *value = Json::from(&*value).as_str().into();
    }
    let what = match name {
        Some(Value::String(name)) if fields.is_empty() => Value::String(name),
        Some(Value::String(name)) => Map::from_iter([(name, Value::Object(fields))]).into(),
        _ => return Err("`event` is a string".to_owned()),
    };
    let number = number.as_ref().and_then(Value::as_u64).ok_or("`number` is missing")?;
    let at = at.as_ref().and_then(Value::as_u64).ok_or("`at` is missing: nanoseconds")?;
    let cause = cause.as_ref().and_then(Value::as_u64);
    if cause.is_some_and(|cause| cause >= number) {
        return Err("the cause comes later than the event".to_owned());
    }
    let what = serde_json::from_value(what).map_err(|error| error.to_string())?;
    let event = Event { number, cause, at: rehearsal_machine::Time::from_nanos(at), what };
    if to_object(&event) != Value::Object(object.clone()) {
        return Err("the fields contradict each other, or one is unknown".to_owned());
    }
    Ok(event)
}
