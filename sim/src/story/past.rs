//! What led to an event, in words.

use std::collections::{BTreeMap, BTreeSet};

use super::compared::Told;
use super::line::Line;
use super::scenes::each_told;
use crate::trace::{Chain, Origin, Past};

/// So many ways a person reads.
pub const MOST_WAYS: usize = 3;

/// A way is told with so many events of its beginning, and so many of its end, unless all are
/// asked for.
const MOST_OF_BEGINNING: usize = 4;
const MOST_OF_END: usize = 12;

/// The event with this number, the size of its past, and the ways that led to it. Unless all is
/// asked for, long ways are told in part, and ways from starts only where there is no other one:
/// everything begins with them.
#[must_use]
pub fn of_past(told: Told<'_>, number: u64, past: &Past, is_whole: bool) -> String {
    let is_start = |chain: &&Chain| chain.from == Origin::Start;
    let others = past.chains.iter().take_while(|chain| !is_start(chain)).count();
    let shown = match others {
        0 => 1.min(past.chains.len()),
        others => others,
    };
    let chains = &past.chains[..if is_whole { past.chains.len() } else { shown }];
    let wanted = chains.iter().flat_map(|chain| &chain.events).chain([&number]);
    let lines = Lines::of(told, &wanted.copied().collect());
    let mut text = String::new();
    lines.write(&mut text, number);
    let all = told.events.dropped() + told.events.len();
    let nodes: BTreeSet<_> = told
        .events
        .iter()
        .filter(|event| past.before.binary_search(&event.number).is_ok())
        .filter_map(|event| event.what.node())
        .collect();
    text += &format!(
        "{} of {all} events happened before it, on {}\n",
        past.before.len(),
        match nodes.len() {
            0 => "no node".to_owned(),
            1 => "1 node".to_owned(),
            many => format!("{many} nodes"),
        }
    );
    let mut met = BTreeSet::new();
    for (place, chain) in chains.iter().enumerate() {
        text += &format!("\n{}\n", head(chain, place));
        let fresh = chain.events.iter().take_while(|number| !met.contains(*number)).count();
        // The event where it joins a way that is told stands in both.
        let shown = &chain.events[..chain.events.len().min(fresh + 1)];
        let joins = fresh < chain.events.len();
        let most = if is_whole { usize::MAX } else { MOST_OF_BEGINNING + MOST_OF_END };
        if shown.len() > most {
            let (begins, rest) = shown.split_at(MOST_OF_BEGINNING);
            let (between, ends) = rest.split_at(rest.len() - MOST_OF_END);
            lines.write_all(&mut text, begins);
            lines.dots(&mut text, &format!("{} events between (--whole tells all)", between.len()));
            lines.write_all(&mut text, ends);
        } else {
            lines.write_all(&mut text, shown);
        }
        if joins && fresh + 1 < chain.events.len() {
            lines.dots(&mut text, "and on as above");
        }
        met.extend(chain.events.iter().copied());
    }
    let more = past.chains.len() - chains.len() + past.more;
    if more > 0 {
        let ways = if more == 1 { "way" } else { "ways" };
        text += &format!("\n{more} more {ways} (--whole tells all)\n");
    }
    text
}

/// `the shortest way, from a command, 2 messages`.
fn head(chain: &Chain, place: usize) -> String {
    let from = match chain.from {
        Origin::Fault => "from a fault",
        Origin::Command => "from a command",
        Origin::Start => "from a start",
        Origin::Unknown => "from something that is not kept",
    };
    let messages = match chain.messages {
        0 => "no message".to_owned(),
        1 => "1 message".to_owned(),
        many => format!("{many} messages"),
    };
    let way = if place == 0 { "the shortest way" } else { "another way" };
    format!("{way}, {from}, {messages}:")
}

/// Events in words, by their numbers.
struct Lines {
    lines: BTreeMap<u64, (String, String, Line)>,
    time_width: usize,
}

impl Lines {
    fn of(told: Told<'_>, wanted: &BTreeSet<u64>) -> Self {
        let mut lines = BTreeMap::new();
        each_told(told.events, told.network, |event, who, line| {
            if wanted.contains(&event.number) {
                lines.insert(event.number, (event.at.to_string(), who, line));
            }
        });
        let time_width = lines.values().map(|(at, ..)| at.len()).max().unwrap_or(0).max(4);
        Self { lines, time_width }
    }

    fn write_all(&self, text: &mut String, numbers: &[u64]) {
        for number in numbers {
            self.write(text, *number);
        }
    }

    fn write(&self, text: &mut String, number: u64) {
        if let Some((at, who, line)) = self.lines.get(&number) {
            self.line(text, at, who, line);
        }
    }

    fn dots(&self, text: &mut String, words: &str) {
        self.line(text, "...", "...", &Line::new(words));
    }

    fn line(&self, text: &mut String, at: &str, who: &str, line: &Line) {
        let before = format!("{at:>width$}  {who:<4} ", width = self.time_width);
        line.write(text, &before, "", false);
    }
}
