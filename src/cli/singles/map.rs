//! The map of what single disturbances do, by message, timer and node.

use std::collections::BTreeMap;

use rehearsal_sim::singles::{Consequence, Disturbance, Single, Subject};

/// More marks than this become counts.
const MOST_MARKS: usize = 20;

/// A table for messages, one for timers and one for nodes, as far as there are any.
pub(super) fn of(found: &[(&Single, &Consequence)]) -> String {
    let mut tables: BTreeMap<Sort, BTreeMap<String, BTreeMap<Disturbance, String>>> =
        BTreeMap::new();
    let [mut fail, mut otherwise] = [0_usize; 2];
    for (single, consequence) in found {
        let mark = match consequence {
            Consequence::Nothing => '.',
            Consequence::Fails(_) => {
                fail += 1;
                'X'
            }
            _ => {
                otherwise += 1;
                'o'
            }
        };
        let (sort, row) = place(&single.subject);
        let rows = tables.entry(sort).or_default();
        rows.entry(row).or_default().entry(single.disturbance).or_default().push(mark);
    }
    let nothing = found.len() - fail - otherwise;
    let mut text = format!(
        "{fail} fail (X), {otherwise} end otherwise (o), {nothing} change nothing in the end (.)\n"
    );
    for (sort, rows) in tables {
        text += &table(sort, &rows);
    }
    text.push('\n');
    text
}

/// A person's words for a disturbance.
pub(super) fn words(single: &Single) -> String {
    match (single.disturbance, &single.subject) {
        (Disturbance::Lose, subject) => format!("{subject} is lost"),
        (Disturbance::Late, subject) => format!("{subject} is late"),
        (Disturbance::Double, subject) => format!("{subject} arrives twice"),
        (Disturbance::Break, subject) => format!("the session breaks after {subject}"),
        (Disturbance::Timer, subject) => format!("{subject} fires at the end of its range"),
        (Disturbance::Crash, subject) => format!("crash of {subject}"),
        (_, subject) => subject.to_string(),
    }
}

pub(super) fn kind(disturbance: Disturbance) -> &'static str {
    match disturbance {
        Disturbance::Lose => "lose",
        Disturbance::Late => "late",
        Disturbance::Double => "double",
        Disturbance::Timer => "timer",
        Disturbance::Crash => "crash",
        Disturbance::Break => "break",
        _ => "other",
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Messages,
    Timers,
    Nodes,
}

fn place(subject: &Subject) -> (Sort, String) {
    match subject {
        Subject::Message(key) => (Sort::Messages, format!("{}->{} {}", key.from, key.to, key.kind)),
        Subject::Timer(key) => (Sort::Timers, format!("{} {}", key.node, key.timer)),
        Subject::Node { node, .. } => (Sort::Nodes, node.to_string()),
        other => (Sort::Nodes, other.to_string()),
    }
}

fn table(sort: Sort, rows: &BTreeMap<String, BTreeMap<Disturbance, String>>) -> String {
    let (title, columns): (_, &[(Disturbance, &str)]) = match sort {
        Sort::Messages => (
            "message",
            &[
                (Disturbance::Lose, "lost"),
                (Disturbance::Late, "late"),
                (Disturbance::Double, "twice"),
                (Disturbance::Break, "session breaks"),
            ],
        ),
        Sort::Timers => ("timer", &[(Disturbance::Timer, "at the end of its range")]),
        Sort::Nodes => ("node", &[(Disturbance::Crash, "crash after each effect")]),
    };
    let is_there =
        |(kind, _): &&(Disturbance, &str)| rows.values().any(|row| row.contains_key(kind));
    let columns: Vec<_> = columns.iter().filter(is_there).collect();
    let mut lines = vec![
        std::iter::once(title.to_owned())
            .chain(columns.iter().map(|(_, name)| (*name).to_owned()))
            .collect::<Vec<_>>(),
    ];
    // n10 comes after n9.
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|(name, _)| natural(name));
    for (name, cells) in rows {
        let cell = |(kind, _): &&(Disturbance, &str)| {
            cells.get(kind).map_or_else(String::new, |marks| shown(marks))
        };
        lines.push(std::iter::once(name.clone()).chain(columns.iter().map(cell)).collect());
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<_> = (0..=columns.len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = "\n".to_owned();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}

/// The marks in the order of the run, or how many there are of each.
fn shown(marks: &str) -> String {
    if marks.len() <= MOST_MARKS {
        return marks.to_owned();
    }
    let count = |mark: char| match marks.matches(mark).count() {
        0 => None,
        count => Some(format!("{count}{mark}")),
    };
    ['X', 'o', '.'].into_iter().filter_map(count).collect::<Vec<_>>().join(" ")
}

/// Orders numbers in a name by their value.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(text);
        let digits = tail.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(tail.len());
        let (number, tail) = tail.split_at(digits);
        parts.push((word.to_owned(), number.parse().unwrap_or(0)));
        rest = tail;
    }
    parts
}
