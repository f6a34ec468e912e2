//! Where two runs part, in words.

use std::collections::BTreeSet;

use rehearsal_machine::printable;

use super::WIDTH;
use super::columns::cut;
use super::compared::Told;
use super::line::Line;
use super::scenes::each_told;
use crate::diff::{Diff, First};
use crate::trace::EventKind;

/// So much of a value is told, of which its text does not tell what differs.
const MOST_OF_VALUE: usize = 40;

/// A chain of causes is told with so many events at most: the last ones.
const MOST_CAUSES: usize = 8;

/// Where two runs part, and what led to it in each of them; empty if they are equal. The first
/// line names the event.
#[must_use]
pub fn of_first(diff: &Diff, a: Told<'_>, b: Told<'_>) -> String {
    let Some(first) = &diff.first else { return String::new() };
    let [mut of_a, mut of_b] = [(&first.a, a), (&first.b, b)].map(|(event, told)| {
        let Some(event) = event else { return Vec::new() };
        chain(told, event.number)
    });
    tell_what_the_words_do_not(first, &mut of_a, &mut of_b);
    let name =
        first.key().map_or(String::new(), |key| format!(": {}", printable(&key.to_string())));
    let mut text = cut(&format!("first difference at {}ms{name}", first.at()), WIDTH) + "\n";
    let times = of_a.iter().chain(&of_b).map(|line| line.at.len());
    let time_width = times.max().unwrap_or(0);
    let mut write = |sign: char, line: &ChainLine| {
        let before = format!("{sign} {:>time_width$}  {:<4} ", line.at, line.who);
        line.line.write(&mut text, &before, "", false);
    };
    for (sign, chain) in [('-', &of_a), ('+', &of_b)] {
        if let Some(last) = chain.last() {
            write(sign, last);
        }
    }
    let causes = |chain: &[ChainLine]| chain.split_last().map(|(_, causes)| causes.to_vec());
    let (of_a, of_b) = (causes(&of_a), causes(&of_b));
    let is_shared = of_a.is_none() || of_b.is_none() || of_a == of_b;
    let sides = if is_shared {
        vec![(' ', "what led to it", of_a.or(of_b))]
    } else {
        vec![('-', "what led to it in the first run", of_a), ('+', "and in the second run", of_b)]
    };
    for (sign, words, causes) in sides {
        let causes = causes.unwrap_or_default();
        let shown = &causes[causes.len().saturating_sub(MOST_CAUSES)..];
        let more = causes.len() - shown.len();
        let head = match (causes.len(), more) {
            (0, _) => format!("{words}: nothing but the scenario itself"),
            (_, 0) => format!("{words}:"),
            (_, more) => {
                format!("{words}, the last {MOST_CAUSES} events of {}:", more + MOST_CAUSES)
            }
        };
        text += &head;
        text.push('\n');
        for line in shown {
            let before = format!("{sign} {:>time_width$}  {:<4} ", line.at, line.who);
            line.line.write(&mut text, &before, "", false);
        }
    }
    text
}

/// A message that arrives at another time, or says something that its text does not tell, has the
/// same words in both runs.
fn tell_what_the_words_do_not(first: &First, of_a: &mut [ChainLine], of_b: &mut [ChainLine]) {
    let (Some(a), Some(b)) = (of_a.last_mut(), of_b.last_mut()) else { return };
    if a != b {
        return;
    }
    for (event, line) in [(&first.a, a), (&first.b, b)] {
        let told = match event.as_ref().map(|event| &event.what) {
            Some(EventKind::Send { arrives, .. } | EventKind::Leave { arrives, .. })
                if first.is_moved =>
            {
                let times: Vec<_> = arrives.iter().map(|at| format!("{at}ms")).collect();
                format!("arrives at {}", times.join(", "))
            }
            Some(
                EventKind::Send { value: Some(value), .. }
                | EventKind::Command { value: Some(value), .. }
                | EventKind::Save { value: Some(value), .. }
                | EventKind::Emit { value: Some(value), .. },
            ) => cut(value.as_str(), MOST_OF_VALUE),
            _ => continue,
        };
        line.line.fate += &format!("  {told}");
    }
}

/// An event of a chain of causes, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ChainLine {
    at: String,
    who: String,
    line: Line,
}

/// The event with this number and what led to it, from the beginning on.
fn chain(told: Told<'_>, number: u64) -> Vec<ChainLine> {
    let causes = told.events.causes(number);
    let wanted: BTreeSet<_> = causes.iter().map(|event| event.number).chain([number]).collect();
    let mut lines = Vec::new();
    each_told(told.events, told.network, |event, who, line| {
        if wanted.contains(&event.number) {
            let line = Line { number: 0, ..line };
            lines.push(ChainLine { at: event.at.to_string(), who, line });
        }
    });
    lines
}
