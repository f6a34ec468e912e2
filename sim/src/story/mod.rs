//! The trace as a story: one line, one fact, effects indented under their
//! cause, a message's fate told where it is sent.
//!
//! The text knows the whole run, so a send can say at once that its message
//! was lost or found nobody up. Roles stand in lanes at the right, only on
//! lines that change one. Nothing in it is counted over the whole run: an edit
//! in one place leaves the lines of another as they were.

mod columns;
mod compared;
mod excerpt;
mod fates;
mod fold;
mod lanes;
mod line;
mod parting;
mod past;
mod pick;
mod scenes;
#[cfg(test)]
mod tests;
mod verdict;
mod view;
mod words;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rehearsal_machine::{NodeId, printable};

use crate::chance::Seed;
use crate::check::{Check, Failure};
use crate::engine::{Outcome, Report, Tally};
use crate::protocol::Protocol;
use crate::scenario::{Scenario, Synopsis};
use crate::trace::Trace;
use columns::{cut, width};
pub use compared::{Told, of_diff};
use excerpt::{chain_to_the_last, excerpt};
pub(crate) use fates::delayed;
use fold::Row;
use lanes::Lanes;
use line::Line;
pub use parting::of_first;
pub use past::{MOST_WAYS, of_past};
use verdict::verdict;
pub(crate) use verdict::what_held;
pub use view::{Extent, Margin, Moment, NotAMoment, View, is_called};
pub use words::each_event;

/// No line is longer, in columns of a terminal.
pub const WIDTH: usize = 80;

/// Where the lanes begin, if what is told leaves them the room.
const LANES_AT: usize = 38;

/// Where the keys begin, if there is room.
const KEYS_AT: usize = 58;

/// Faults that are listed at the head; of more, their number is told.
const MOST_FAULTS_LISTED: usize = 4;

/// A run that failed is told in so many lines, if its head and its verdict leave room for that.
const MOST_OF_FAILURE: usize = 60;

/// At least so many of these tell what happened.
const FEWEST_OF_TRACE: usize = 12;

/// The windows that a short story tells of.
const MOST_WINDOWS_IN_SHORT: usize = 8;

/// The faults that never struck and are named in a short story.
const MOST_UNSTRUCK_IN_SHORT: usize = 2;

/// A run as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Story {
    /// The story, line by line.
    pub text: String,
    /// Does it tell only a part of what its view would tell, since all of it is long?
    pub is_excerpt: bool,
}

/// The story of a run as a person first wants it: head, trace, windows, verdict. Without
/// events, the rest.
#[must_use]
pub fn tell<P: Protocol>(scenario: &Scenario<P>, seed: Seed, report: &Report<P>) -> String {
    of_outcome(&scenario.synopsis(), seed, &report.outcome, &View::default()).text
}

/// The story of a run in this view, for a scenario whose protocol is erased.
#[must_use]
pub fn of_outcome(synopsis: &Synopsis, seed: Seed, outcome: &Outcome, view: &View) -> Story {
    let nodes = synopsis.nodes as usize;
    let head = head(synopsis, seed);
    let Some(events) = &outcome.events else {
        let text = head + &tail(synopsis, outcome, false);
        return Story { text, is_excerpt: false };
    };
    let failure = outcome.failure.as_ref();
    // What fails at a deadline or at the end fails because of what did not happen.
    let is_of_last_event =
        failure.is_some_and(|failure| matches!(failure.check, Check::NoPanic | Check::Safety(_)));
    let chain = if is_of_last_event { chain_to_the_last(events) } else { BTreeSet::new() };
    let rows = pick::rows(events, Some(&synopsis.network), view, &chain);
    let ending = tail(synopsis, outcome, false);
    let lines = count(&head) + count(&ending) + rows.iter().map(Row::lines).sum::<usize>() + 1;
    let is_excerpt = failure.is_some() && view.extent == Extent::Usual && lines > MOST_OF_FAILURE;
    let mut text = head;
    if is_excerpt {
        let ending = tail(synopsis, outcome, true);
        let room = MOST_OF_FAILURE.saturating_sub(count(&text) + count(&ending) + 3);
        let of_liveness = |failure: &Failure| matches!(failure.check, Check::Liveness(_));
        let came_to_rest = outcome.failure.as_ref().is_some_and(of_liveness);
        let room = room.max(FEWEST_OF_TRACE);
        let rows = excerpt(rows, &chain, (view, came_to_rest), room);
        write_rows(&mut text, &rows, events, nodes, view);
        text += &ending;
    } else {
        write_rows(&mut text, &rows, events, nodes, view);
        text += &ending;
    }
    Story { text, is_excerpt }
}

/// The trace alone, of so many nodes, such as that of recorded nodes. A message
/// without a time of arrival counts as held if any link is held in the trace, and
/// otherwise as never arrived.
#[must_use]
pub fn of_trace(events: &Trace, nodes: usize, view: &View) -> String {
    let mut text = String::new();
    let rows = pick::rows(events, None, view, &BTreeSet::new());
    write_rows(&mut text, &rows, events, nodes, view);
    text
}

fn count(text: &str) -> usize {
    text.lines().count()
}

/// What follows the trace: the end, the windows, the verdict.
fn tail(synopsis: &Synopsis, outcome: &Outcome, is_short: bool) -> String {
    let mut text = String::new();
    // Of a run that hangs nothing is known but the step.
    if outcome.failure.as_ref().is_none_or(|failure| failure.check != Check::Hangs) {
        text += &end(synopsis, outcome, is_short);
    }
    text += &if is_short { windows_in_short(&outcome.windows) } else { windows(&outcome.windows) };
    text + &verdict(synopsis, outcome, is_short)
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

fn write_rows(text: &mut String, rows: &[Row], events: &Trace, nodes: usize, view: &View) {
    let times = rows.iter().filter_map(|row| match row {
        Row::Scene(scene) => Some(scene.at.to_string().len()),
        Row::Folded(_) | Row::Gap(_) => None,
    });
    let time_width = times.max().unwrap_or(0).max(4);
    let before = |at: &str, who: &str| format!("{at:>time_width$}  {who:<4} ");
    let before_line = |line: &Line, at: &str, who: &str| {
        if view.decisive.contains(&line.number) {
            format!("{at:>time_width$}! {who:<4} ")
        } else {
            before(at, who)
        }
    };
    let mut lanes = Lanes::new(nodes, events, WIDTH - LANES_AT);
    let has_keys = view.margin == Margin::Keys;
    Line::new("what").write(text, &before("ms", "who"), &lanes.head(), has_keys);
    if events.dropped() > 0 {
        let not_kept = format!("{} events before are not kept (--keep-events)", events.dropped());
        Line::new(not_kept).write(text, &before("...", "..."), "", has_keys);
        Line::new("roles by then").write(text, &before("...", "..."), &lanes.all(), has_keys);
    }
    for row in rows {
        let (roles, unseen_roles) = match row {
            Row::Scene(scene) => (&scene.roles, &scene.unseen_roles),
            Row::Folded(folded) | Row::Gap(folded) => (&folded.roles, &folded.unseen_roles),
        };
        lanes.pass(unseen_roles);
        let lanes = lanes.change(roles);
        match row {
            Row::Scene(scene) => {
                let at = scene.at.to_string();
                let begins = before_line(&scene.cause, &at, &scene.who);
                scene.cause.write(text, &begins, &lanes, has_keys);
                for effect in &scene.effects {
                    effect.write(text, &before_line(effect, "", ""), "", has_keys);
                }
            }
            Row::Folded(folded) => {
                let mut line = folded.line_of_fold();
                let sent = folded.sent();
                let columns = time_width + 7 + width(&line.words) + 2 + width(&sent);
                let is_short = columns + usize::from(!lanes.is_empty()) + width(&lanes) <= WIDTH;
                if is_short && !sent.is_empty() {
                    line.words += &format!(": {sent}");
                }
                line.write(text, &before("...", "..."), &lanes, has_keys);
                if !is_short {
                    Line::new(sent).write(text, &before("", ""), "", has_keys);
                }
            }
            Row::Gap(gap) => {
                gap.line_of_gap().write(text, &before("...", "..."), &lanes, has_keys);
            }
        }
    }
}

/// What was sent and what became of it.
fn end(synopsis: &Synopsis, outcome: &Outcome, is_short: bool) -> String {
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
    let unstruck = outcome.unstruck();
    let most = if is_short { MOST_UNSTRUCK_IN_SHORT } else { unstruck.len() };
    for place in unstruck.iter().take(most) {
        text += &hung("      ", "        ", &format!("never struck: {}", synopsis.faults[*place]));
    }
    if unstruck.len() > most {
        text += &format!("      never struck: {} more faults\n", unstruck.len() - most);
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

/// Of each window that is not empty how many lines it has, and the last one.
fn windows_in_short(windows: &[Vec<String>]) -> String {
    let full = || windows.iter().enumerate().filter(|(_, lines)| !lines.is_empty());
    let mut text = String::new();
    for (place, lines) in full().take(MOST_WINDOWS_IN_SHORT) {
        let last = lines.last().map_or("", String::as_str);
        let count = match lines.len() {
            1 => "1 line".to_owned(),
            many => format!("{many} lines, the last"),
        };
        let told = format!("window of {}: {count}: {last}", NodeId::from_index(place));
        text += &cut(&printable(&told), WIDTH);
        text.push('\n');
    }
    let more = full().count().saturating_sub(MOST_WINDOWS_IN_SHORT);
    if more > 0 {
        let _ = writeln!(text, "and windows of {more} more nodes");
    }
    text
}

/// Lines of a comment, broken between words.
fn wrapped(words: &str) -> String {
    hung("# ", "# ", words)
}

/// Lines that fit in [`WIDTH`], broken between words; the first begins like this, the
/// others like that.
#[must_use]
pub fn hung(first: &str, others: &str, words: &str) -> String {
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
