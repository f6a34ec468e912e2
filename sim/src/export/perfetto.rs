use std::collections::BTreeMap;
use std::io;

use rehearsal_machine::{NodeId, Time};
use serde_json::Value;

use super::shown::Shown;
use crate::story::{Told, View, each_event};
use crate::trace::{Event, EventKind};

/// A step takes no virtual time. It is drawn so long, in nanoseconds, unless the next step of its
/// node comes sooner; and never shorter than the least that can be seen.
const LONGEST_STEP: u64 = 500_000;
const SHORTEST_STEP: u64 = 1_000;

/// Writes this part of a run as Chrome's trace events (JSON), which Perfetto opens: a process for the run, a
/// thread for each node, a slice for each step and for the time in which a node is down or paused,
/// an arrow for each message that arrives, an instant for each message that does not and for each
/// fault, a counter of messages under way, those too that the view leaves out. `name` is that of the
/// run.
///
/// Slices of a thread must not overlap. Steps of a node at one instant are drawn one after the
/// other, a microsecond each; `at_ns` has the true time.
///
/// # Errors
/// If the place cannot be written to.
pub fn perfetto(
    told: Told<'_>,
    view: &View,
    name: &str,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let shown = Shown::new(told, view);
    let slices = slices(told, &shown);
    let starts: BTreeMap<u64, (u32, u64)> =
        slices.iter().map(|slice| (slice.number, (slice.tid, slice.start))).collect();
    let mut events = Vec::new();
    events.push(format!(
        "{{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{{\"name\":{}}}}}",
        quoted(name)
    ));
    let has_thread = |tid: &usize| {
        let node = tid.checked_sub(1).map(NodeId::from_index);
        node.is_none_or(|node| view.only.is_empty() || view.only.contains(&node))
    };
    for tid in (0..=told.nodes).filter(has_thread) {
        let name =
            if tid == 0 { "net".to_owned() } else { NodeId::from_index(tid - 1).to_string() };
        for (what, value) in [
            ("thread_name", ("name", quoted(&name))),
            ("thread_sort_index", ("sort_index", tid.to_string())),
        ] {
            let (field, value) = value;
            events.push(format!(
                "{{\"ph\":\"M\",\"pid\":1,\"tid\":{tid},\"name\":\"{what}\",\"args\":{{\"{field}\":{value}}}}}"
            ));
        }
    }
    for slice in &slices {
        let Slice { number, at, tid, name, start, end } = slice;
        events.push(format!(
            "{{\"ph\":\"X\",\"pid\":1,\"tid\":{tid},\"ts\":{},\"dur\":{},\"cat\":\"step\",\
             \"name\":{},\"args\":{{\"at_ns\":{at},\"event\":{number}}}}}",
            micros(*start),
            micros(end - start),
            quoted(name)
        ));
    }
    let mut under_way = 0_usize;
    let mut causes = BTreeMap::new();
    each_event(told, |event, _, words| {
        causes.insert(event.number, event.cause);
        let tid = tid(event);
        let before = under_way;
        let mut add = |line: String| {
            if shown.has(event) {
                events.push(line);
            }
        };
        match &event.what {
            EventKind::Deliver { message, .. } => {
                under_way = under_way.saturating_sub(1);
                let sent = event.cause.and_then(|sent| {
                    // The send is drawn with the step that it belongs to.
                    let from = message.from.number();
                    // A sender that is not shown has none; what led to its step may have one.
                    step_of(sent, &causes, &starts).filter(|(tid, _)| *tid == from)
                });
                if let (Some((from, start)), Some((_, end))) = (sent, starts.get(&event.number)) {
                    let (kind, number) = (quoted(&message.kind), event.number);
                    for (phase, tid, ts) in
                        [("\"s\"", from, start), ("\"f\",\"bp\":\"e\"", message.to.number(), *end)]
                    {
                        add(format!(
                            "{{\"ph\":{phase},\"pid\":1,\"tid\":{tid},\"ts\":{},\"cat\":\"message\",\
                             \"name\":{kind},\"id\":{number}}}",
                            micros(ts)
                        ));
                    }
                }
            }
            EventKind::Miss { .. } | EventKind::Strand { .. } => {
                under_way = under_way.saturating_sub(1);
                add(instant(event, tid, words));
            }
            EventKind::Send { lost: None, arrives, .. }
            | EventKind::Leave { lost: None, arrives, .. } => under_way += arrives.len(),
            EventKind::Send { .. } | EventKind::Leave { .. } => {
                add(instant(event, tid, words));
            }
            EventKind::Start { .. }
            | EventKind::Command { is_heard: true, .. }
            | EventKind::Timer { .. }
            | EventKind::Link { .. }
            | EventKind::Arm { .. }
            | EventKind::Disarm { .. }
            | EventKind::Save { .. }
            | EventKind::Role { .. } => {}
            _ => add(instant(event, tid, words)),
        }
        if under_way != before {
            events.push(format!(
                "{{\"ph\":\"C\",\"pid\":1,\"ts\":{},\"name\":\"messages under way\",\
                 \"args\":{{\"messages\":{under_way}}}}}",
                micros(event.at.as_nanos())
            ));
        }
    });
    writeln!(out, "{{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")?;
    for (place, event) in events.iter().enumerate() {
        writeln!(out, "{event}{}", if place + 1 < events.len() { "," } else { "" })?;
    }
    writeln!(out, "]}}")
}

/// A slice of a node's thread, in nanoseconds.
struct Slice {
    number: u64,
    at: u64,
    tid: u32,
    name: String,
    start: u64,
    end: u64,
}

/// Steps, and times in which a node is down or paused; those of one node do not overlap.
fn slices(told: Told<'_>, shown: &Shown<'_>) -> Vec<Slice> {
    // What comes next on a node ends the slice before.
    let mut open: BTreeMap<NodeId, (Slice, u64)> = BTreeMap::new();
    let mut slices = Vec::new();
    let mut last = Time::ZERO;
    each_event(told, |event, _, words| {
        last = event.at;
        let Some(node) = event.what.node().filter(|_| shown.has(event)) else { return };
        let longest = match event.what {
            EventKind::Start { .. }
            | EventKind::Command { is_heard: true, .. }
            | EventKind::Deliver { .. }
            | EventKind::Timer { .. }
            | EventKind::Link { .. }
            | EventKind::Resume { .. } => LONGEST_STEP,
            EventKind::Crash { .. } | EventKind::Pause { .. } => u64::MAX,
            _ => return,
        };
        let at = event.at.as_nanos();
        let mut start = at;
        if let Some((before, longest)) = open.remove(&node) {
            let before = ended(before, longest, at);
            start = start.max(before.end);
            slices.push(before);
        }
        let name = if matches!(event.what, EventKind::Crash { .. }) { "down" } else { words };
        let slice = Slice {
            number: event.number,
            at,
            tid: node.number(),
            name: name.to_owned(),
            start,
            end: start,
        };
        open.insert(node, (slice, longest));
    });
    let end = last.as_nanos().saturating_add(LONGEST_STEP);
    slices.extend(open.into_values().map(|(slice, longest)| ended(slice, longest, end)));
    slices.sort_by_key(|slice| (slice.start, slice.number));
    slices
}

/// The slice, as long as it can be before what comes at this time.
fn ended(mut slice: Slice, longest: u64, next: u64) -> Slice {
    let span = next.saturating_sub(slice.start).min(longest).max(SHORTEST_STEP);
    slice.end = slice.start.saturating_add(span);
    slice
}

/// Where the step begins in which an event happened: its own, or that of what led to it.
fn step_of(
    number: u64,
    causes: &BTreeMap<u64, Option<u64>>,
    starts: &BTreeMap<u64, (u32, u64)>,
) -> Option<(u32, u64)> {
    let mut number = number;
    loop {
        if let Some(start) = starts.get(&number) {
            return Some(*start);
        }
        number = (*causes.get(&number)?)?;
    }
}

fn instant(event: &Event, tid: u32, words: &str) -> String {
    let scope = if tid == 0 { "p" } else { "t" };
    format!(
        "{{\"ph\":\"i\",\"pid\":1,\"tid\":{tid},\"ts\":{},\"s\":\"{scope}\",\"cat\":\"event\",\
         \"name\":{},\"args\":{{\"at_ns\":{},\"event\":{}}}}}",
        micros(event.at.as_nanos()),
        quoted(words),
        event.at.as_nanos(),
        event.number
    )
}

fn tid(event: &Event) -> u32 {
    event.what.node().map_or(0, NodeId::number)
}

/// Nanoseconds as microseconds with three decimals, the unit of the form.
fn micros(nanos: u64) -> String {
    format!("{}.{:03}", nanos / 1_000, nanos % 1_000)
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
