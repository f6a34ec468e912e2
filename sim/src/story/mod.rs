//! The trace as a story: one line, one fact, effects indented under their
//! cause, a message's fate told where it is sent.
//!
//! The text knows the whole run, so a send can say at once that its message
//! was lost or found nobody up. Roles stand in lanes at the right, only on
//! lines that change one. Nothing in it is counted over the whole run: an edit
//! in one place leaves the lines of another as they were.

mod columns;
mod fates;
mod lanes;
mod scenes;
#[cfg(test)]
mod tests;
mod verdict;

use std::fmt::Write as _;

use rehearsal_machine::{NodeId, printable};

use crate::chance::Seed;
use crate::check::Check;
use crate::engine::{Outcome, Report, Tally};
use crate::plan::DecisionKey;
use crate::protocol::Protocol;
use crate::scenario::{Scenario, Synopsis};
use crate::trace::Trace;
use columns::{cut, padded, width};
use lanes::Lanes;
use scenes::{Scene, scenes};
use verdict::verdict;

/// No line is longer, in columns of a terminal.
pub const WIDTH: usize = 80;

/// Where the lanes begin, if what is told leaves them the room.
const LANES_AT: usize = 38;

/// Where the keys begin, if there is room.
const KEYS_AT: usize = 58;

/// Faults that are listed at the head; of more, their number is told.
const MOST_FAULTS_LISTED: usize = 4;

/// What stands in the right margin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Margin {
    /// Nothing.
    #[default]
    Empty,
    /// The key of each message and timer, ready to be copied into a plan. Lines
    /// with a key may be longer than [`WIDTH`].
    Keys,
}

/// The whole story of a run: head, trace, windows, verdict. Without events,
/// the rest.
#[must_use]
pub fn tell<P: Protocol>(scenario: &Scenario<P>, seed: Seed, report: &Report<P>) -> String {
    of_outcome(&scenario.synopsis(), seed, &report.outcome, Margin::Empty)
}

/// The same as [`tell`] for a scenario whose protocol is erased.
#[must_use]
pub fn of_outcome(synopsis: &Synopsis, seed: Seed, outcome: &Outcome, margin: Margin) -> String {
    let mut text = head(synopsis, seed);
    if let Some(events) = &outcome.events {
        trace(&mut text, events, synopsis.nodes as usize, margin);
    }
    // Of a run that hangs nothing is known but the step.
    if outcome.failure.as_ref().is_none_or(|failure| failure.check != Check::Hangs) {
        text += &end(synopsis, outcome);
    }
    text += &windows(&outcome.windows);
    text += &verdict(synopsis, outcome);
    text
}

/// The trace alone, of so many nodes, such as that of recorded nodes. A message
/// without a time of arrival counts as held if any link is held in the trace, and
/// otherwise as never arrived.
#[must_use]
pub fn of_trace(events: &Trace, nodes: usize, margin: Margin) -> String {
    let mut text = String::new();
    trace(&mut text, events, nodes, margin);
    text
}

/// The claim and the circumstances.
fn head(synopsis: &Synopsis, seed: Seed) -> String {
    let Synopsis { protocol, configuration, legend, nodes, faults, .. } = synopsis;
    let mut about = vec![(*protocol).to_owned()];
    about.extend(Some(configuration.clone()).filter(|words| !words.is_empty()));
    about.extend(synopsis.upgrade.as_ref().map(|words| format!("upgrade to {words}")));
    about.push(match nodes {
        1 => "n1".to_owned(),
        nodes => format!("n1..n{nodes}"),
    });
    about.extend(names(&synopsis.absent).map(|absent| format!("{absent} absent at first")));
    about.push(synopsis.network.to_string());
    // What a swarm has drawn is told in full: it is what this run is about.
    if faults.len() > MOST_FAULTS_LISTED && !synopsis.is_redrawn {
        about.push(format!("{} faults", faults.len()));
    } else {
        about.extend(faults.iter().map(ToString::to_string));
    }
    about.extend(synopsis.budget.map(|down| format!("budget {down} down")));
    if (synopsis.core.len() as u64) < u64::from(*nodes) {
        about.extend(names(&synopsis.core).map(|core| format!("calm for {core}")));
    }
    about.push(format!("seed {seed}"));
    let mut text = wrapped(&synopsis.claim);
    text += &wrapped(&about.join(", "));
    if !legend.is_empty() {
        text += &wrapped(&format!("roles: {legend}  x down"));
    }
    text
}

/// The names of these nodes in order, if there are any.
fn names(nodes: &[NodeId]) -> Option<String> {
    let mut nodes = nodes.to_vec();
    nodes.sort_unstable();
    let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

fn trace(text: &mut String, events: &Trace, nodes: usize, margin: Margin) {
    let scenes = scenes(events);
    let time_width = scenes.iter().map(|scene| scene.at.len()).max().unwrap_or(0).max(4);
    let mut lanes = Lanes::new(nodes, events, WIDTH - LANES_AT);
    line(text, &format!("{:>time_width$}  who  what", "ms"), &lanes.head(), None);
    if events.dropped() > 0 {
        let not_kept = format!("{} events before are not kept (--keep-events)", events.dropped());
        line(text, &format!("{:>time_width$}  ...  {not_kept}", "..."), "", None);
        line(text, &format!("{:>time_width$}  ...  roles by then", "..."), &lanes.all(), None);
    }
    for Scene { at, who, what, key: scene_key, effects, roles } in &scenes {
        let roles = lanes.change(roles);
        let key = |key: &Option<DecisionKey>| match margin {
            Margin::Empty => None,
            Margin::Keys => key.as_ref().map(ToString::to_string),
        };
        line(text, &format!("{at:>time_width$}  {who:<4} {what}"), &roles, key(scene_key));
        for (effect, effect_key) in effects {
            line(text, &format!("{:>time_width$}       {effect}", ""), "", key(effect_key));
        }
    }
}

/// What was sent and what became of it.
fn end(synopsis: &Synopsis, outcome: &Outcome) -> String {
    let sent = outcome.tally.sent.iter().map(|(kind, count)| format!("{count} {kind}"));
    let lost = outcome.tally.lost.iter().map(|(reason, count)| format!("{count} {reason}"));
    let listed = |counts: Vec<String>| match counts.as_slice() {
        [] => "nothing".to_owned(),
        counts => counts.join(", "),
    };
    let (sent, lost) = (listed(sent.collect()), listed(lost.collect()));
    let mut text = hung("end   ", verdict::UNDER, &format!("at {}ms: sent {sent}", outcome.end));
    let Tally { duplicates, delivered, .. } = outcome.tally;
    let of = |count: u64, what: &str| (count > 0).then(|| format!("{what} {count}"));
    let copies = [
        of(duplicates, "duplicated"),
        Some(format!("delivered {delivered}")),
        of(outcome.tally.under_way(), "under way"),
    ];
    let copies = copies.into_iter().flatten().collect::<Vec<_>>().join(", ");
    text += &hung(verdict::UNDER, verdict::UNDER, &format!("{copies}, lost: {lost}"));
    for cost in &outcome.costs {
        text += &hung(verdict::UNDER, "        ", cost);
    }
    for place in outcome.unstruck() {
        text += &hung("      ", "        ", &format!("never struck: {}", synopsis.faults[place]));
    }
    for never in outcome.never_true(synopsis) {
        text += &hung("      ", "        ", &format!("never true: {never}"));
    }
    for (expected, untested) in outcome.untested_lines(synopsis) {
        text += &hung("      ", "        ", &format!("not tested: {expected}: {untested}"));
    }
    match outcome.tally.unheard {
        0 => {}
        1 => text += "      not heard: 1 command, whose node was not up\n",
        many => text += &format!("      not heard: {many} commands, whose nodes were not up\n"),
    }
    text
}

fn windows(windows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (place, lines) in windows.iter().enumerate().filter(|(_, lines)| !lines.is_empty()) {
        let _ = write!(text, "\nwindow of {}\n", NodeId::from_index(place));
        for line in lines {
            let _ = writeln!(text, "  {}", printable(line));
        }
    }
    if text.is_empty() { text } else { text + "\n" }
}

/// Writes a line that fits, with lanes and a key where there are any.
fn line(text: &mut String, told: &str, lanes: &str, key: Option<String>) {
    let room = if lanes.is_empty() { WIDTH } else { WIDTH - width(lanes) - 1 };
    let mut told = cut(&printable(told.trim_end()), room);
    if !lanes.is_empty() {
        told = format!("{} {lanes}", padded(&told, LANES_AT));
    }
    match key {
        Some(key) => _ = writeln!(text, "{}  {}", padded(&told, KEYS_AT), printable(&key)),
        None => _ = writeln!(text, "{told}"),
    }
}

/// Lines of a comment, broken between words.
fn wrapped(words: &str) -> String {
    hung("# ", "# ", words)
}

/// Lines that fit, broken between words; the first begins like this, the
/// others like that.
fn hung(first: &str, others: &str, words: &str) -> String {
    let mut text = first.to_owned();
    let mut used = first.len();
    let mut begins = true;
    for word in words.split([' ', '\n', '\t']) {
        let word = printable(word);
        let room = width(&word) + usize::from(!begins);
        if !begins && used + room > WIDTH {
            text.truncate(text.trim_end().len());
            text += "\n";
            text += others;
            used = others.len();
            begins = true;
        }
        if !begins {
            text.push(' ');
            used += 1;
        }
        used += width(&word);
        text += &word;
        begins = false;
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}
