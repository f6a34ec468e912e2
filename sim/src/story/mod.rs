//! The trace as a story: one line, one fact, effects indented under their
//! cause, a message's fate told where it is sent.
//!
//! The text knows the whole run, so a send can say at once that its message
//! was lost or found nobody up. Roles stand in lanes at the right, only on
//! lines that change one. Nothing in it is counted over the whole run: an edit
//! in one place leaves the lines of another as they were.

mod fates;
mod lanes;
mod scenes;

use std::fmt::Write as _;

use rehearsal_protocol::NodeId;

use crate::chance::Seed;
use crate::engine::Report;
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::trace::Event;
use lanes::Lanes;
use scenes::{Scene, scenes};

/// No line is longer, in characters.
pub const WIDTH: usize = 80;

/// Where the lanes begin, if what is told leaves them the room.
const LANES_AT: usize = 38;

/// Faults that are listed at the head; of more, their number is told.
const MOST_FAULTS_LISTED: usize = 3;

/// The whole story of a run: head, trace, windows, verdict. Without events,
/// the rest.
#[must_use]
pub fn tell<P: Protocol>(scenario: &Scenario<P>, seed: Seed, report: &Report<P>) -> String {
    let mut text = head(scenario, seed);
    if let Some(events) = &report.events {
        trace(&mut text, events, scenario.nodes() as usize);
    }
    text += &end(scenario, report);
    text += &windows(&report.windows);
    text += &verdict(scenario, report);
    text
}

/// The claim and the circumstances.
fn head<P: Protocol>(scenario: &Scenario<P>, seed: Seed) -> String {
    let mut text = wrapped(scenario.claim());
    let mut about = vec![P::NAME.to_owned()];
    about.extend(Some(P::describe(scenario.config())).filter(|words| !words.is_empty()));
    about.push(match scenario.nodes() {
        1 => "n1".to_owned(),
        nodes => format!("n1..n{nodes}"),
    });
    about.push(scenario.network().to_string());
    let faults = scenario.faults();
    if faults.len() > MOST_FAULTS_LISTED {
        about.push(format!("{} faults", faults.len()));
    } else {
        about.extend(faults.iter().map(ToString::to_string));
    }
    about.push(format!("seed {seed}"));
    text += &wrapped(&about.join(", "));
    if !P::legend().is_empty() {
        text += &wrapped(&format!("roles: {}  x down", P::legend()));
    }
    text
}

fn trace(text: &mut String, events: &[Event], nodes: usize) {
    let scenes = scenes(events);
    let time_width = scenes.iter().map(|scene| scene.at.len()).max().unwrap_or(0).max(4);
    let mut lanes = Lanes::new(nodes, events, WIDTH - LANES_AT);
    line(text, &format!("{:>time_width$}  who  what", "ms"), &lanes.head());
    for Scene { at, who, what, effects, roles } in &scenes {
        let roles = lanes.change(roles);
        line(text, &format!("{at:>time_width$}  {who:<4} {what}"), &roles);
        for effect in effects {
            line(text, &format!("{:>time_width$}       {effect}", ""), "");
        }
    }
}

/// What was sent and what became of it.
fn end<P: Protocol>(scenario: &Scenario<P>, report: &Report<P>) -> String {
    let sent = report.tally.sent.iter().map(|(kind, count)| format!("{count} {kind}"));
    let lost = report.tally.lost.iter().map(|(reason, count)| format!("{count} {reason}"));
    let listed = |counts: Vec<String>| match counts.as_slice() {
        [] => "nothing".to_owned(),
        counts => counts.join(", "),
    };
    let (sent, lost) = (listed(sent.collect()), listed(lost.collect()));
    let mut text = format!("end   at {}ms: sent {sent}\n      lost: {lost}\n", report.end);
    for place in report.unstruck() {
        text += &format!("      never struck: {}\n", scenario.faults()[place]);
    }
    text
}

fn windows(windows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (place, lines) in windows.iter().enumerate().filter(|(_, lines)| !lines.is_empty()) {
        let _ = write!(text, "\nwindow of {}\n", NodeId::from_index(place));
        for line in lines {
            let _ = writeln!(text, "  {line}");
        }
    }
    if text.is_empty() { text } else { text + "\n" }
}

/// The last words: `ok` and what held, or `FAIL`, what did not, and why.
fn verdict<P: Protocol>(scenario: &Scenario<P>, report: &Report<P>) -> String {
    if let Some(failure) = &report.failure {
        let (check, reason, detail) = (&failure.check, &failure.reason, &failure.detail);
        let detail = detail.replace('\n', "\n      ");
        return format!("FAIL  {check}: {reason}, at {}ms\n      {detail}\n", failure.at);
    }
    let held: Vec<String> = scenario.expect().iter().map(ToString::to_string).collect();
    if held.is_empty() {
        return "ok    nothing was expected but progress without a panic\n".to_owned();
    }
    format!("ok    {}\n", held.join(", "))
}

/// Writes a line that fits, with lanes where there are any.
fn line(text: &mut String, told: &str, lanes: &str) {
    let room = if lanes.is_empty() { WIDTH } else { WIDTH - lanes.chars().count() - 1 };
    let mut told: String = told.into();
    if told.chars().count() > room {
        told = told.chars().take(room - 2).collect::<String>() + "..";
    }
    if lanes.is_empty() {
        text.push_str(told.trim_end());
    } else {
        let _ = write!(text, "{told:<LANES_AT$} {lanes}");
    }
    text.push('\n');
}

/// Lines of a comment, broken between words.
fn wrapped(words: &str) -> String {
    let mut text = String::from("#");
    let mut width = 1;
    for word in words.split([' ', '\n', '\t']) {
        let word: String = word.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        if width + 1 + word.chars().count() > WIDTH {
            text += "\n#";
            width = 1;
        }
        text.push(' ');
        text += &word;
        width += 1 + word.chars().count();
    }
    text + "\n"
}
