//! ShiViz refuses a log whose clocks are not as it expects them: its rules, taken from its parser.

use std::collections::{BTreeMap, BTreeSet};

use rehearsal::sim::export;
use rehearsal::sim::story::View;
use rehearsal::sim::trace::{EventKind, Past};

use super::{events, text, told};
use crate::stock::{Stock, stock};

pub(super) type Clock = BTreeMap<String, u64>;

pub(super) struct Line {
    pub(super) host: String,
    pub(super) clock: Clock,
}

/// As ShiViz's default expression reads it, `(?<event>.*)\n(?<host>\S*) (?<clock>{.*})`, again and
/// again; the rules are those of its parser.
pub(super) fn parse(log: &str) -> Result<Vec<Line>, String> {
    let rows: Vec<_> = log.lines().collect();
    let mut lines = Vec::new();
    for pair in rows.chunks(2) {
        let [event, second] = pair else { return Err(format!("a line alone: {pair:?}")) };
        if event.is_empty() {
            return Err("an event without words".to_owned());
        }
        let (host, clock) = second.split_once(' ').ok_or(format!("no clock: {second}"))?;
        let clock: Clock =
            serde_json::from_str(clock).map_err(|error| format!("{second}: {error}"))?;
        lines.push(Line { host: host.to_owned(), clock });
    }
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for Line { host, clock } in &lines {
        let count = counts.entry(host).or_default();
        *count += 1;
        // A host's own entry starts at 1 and rises by 1.
        if clock.get(host) != Some(count) {
            return Err(format!("{host} has {clock:?} at its event {count}"));
        }
    }
    for Line { host, clock } in &lines {
        for (other, count) in clock {
            // No entry is of an event that is not there.
            if counts.get(other.as_str()).is_none_or(|events| count > events) || *count == 0 {
                return Err(format!("{host} knows of event {count} of {other}"));
            }
        }
    }
    Ok(lines)
}

#[test]
fn shiviz_accepts_the_log_of_every_scenario() {
    for one in stock() {
        let run = one.run();
        let log = text(|out| export::shiviz(told(&one, &run), &View::default(), out));
        let lines = parse(&log).unwrap_or_else(|why| panic!("{}: {why}", one.file.display()));
        assert!(!lines.is_empty(), "{}", one.file.display());
    }
}

#[test]
fn one_event_knows_of_another_if_and_only_if_that_happened_before_it() {
    let mut known = 0;
    for one in stock().iter().step_by(6) {
        known += check(one);
    }
    assert!(known > 10_000, "{known}");
}

/// How many pairs of events know of each other.
fn check(one: &Stock) -> usize {
    let run = one.run();
    let is_shown = |what: &EventKind| {
        !matches!(
            what,
            EventKind::Miss { .. }
                | EventKind::Strand { .. }
                | EventKind::Command { is_heard: false, .. }
        )
    };
    let shown: Vec<_> = events(&run).iter().filter(|event| is_shown(&event.what)).collect();
    let log = text(|out| export::shiviz(told(one, &run), &View::default(), out));
    let lines = parse(&log).expect("a right log");
    assert_eq!(lines.len(), shown.len(), "{}", one.file.display());
    // Which event each count of a host is.
    let mut numbers: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (line, event) in lines.iter().zip(&shown) {
        numbers.entry(&line.host).or_default().push(event.number);
    }
    let mut known = 0;
    for (line, event) in lines.iter().zip(&shown).take(150).step_by(3) {
        let met =
            line.clock.iter().flat_map(|(host, count)| &numbers[host.as_str()][..*count as usize]);
        let met: BTreeSet<u64> = met.copied().filter(|number| *number != event.number).collect();
        let past = Past::of(events(&run), event.number, usize::MAX).expect("it is kept");
        let is_of_network = |number: &u64| {
            shown.iter().any(|event| event.number == *number && event.what.node().is_none())
        };
        // To ShiViz the network is one more host, whose events are in an order of their own.
        if event.what.node().is_some() && !met.iter().any(is_of_network) {
            let before: BTreeSet<u64> = past.before.iter().copied().collect();
            assert_eq!(met, before, "{}: event {}", one.file.display(), event.number);
            known += met.len();
        }
    }
    known
}
