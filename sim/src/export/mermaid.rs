use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::io;

use rehearsal_machine::{NodeId, Time};

use super::shown::Shown;
use crate::plan::MessageKey;
use crate::story::{Told, View, each_event};
use crate::trace::{Event, EventKind};

/// A diagram has so many arrows and notes at most: the last ones of the run. Mermaid draws some
/// fifty of them well.
pub const MOST_LINES: usize = 500;

/// A diagram is no longer than this, in characters: Mermaid refuses more, unless it is told
/// otherwise.
pub const MOST_TEXT: usize = 50_000;

/// What a message says is cut to so many characters.
const MOST_WORDS: usize = 200;

/// Of more nodes than this only those are drawn that have an arrow or a note.
const MOST_QUIET: usize = 32;

/// Writes this part of a run as a sequence diagram: an arrow for each message when it arrives, or
/// when it is lost, and a note for each command, timer, output and fault. What does not fit at the
/// beginning is left out, and a note says so. Where a view shows some nodes alone, it has the arrows
/// from them and to them, and the nodes at the other ends.
///
/// # Errors
/// If the place cannot be written to.
pub fn mermaid(told: Told<'_>, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    let shown = Shown::new(told, view);
    let draws_all = view.only.is_empty() && told.nodes <= MOST_QUIET;
    let always = if draws_all { told.nodes.max(1) } else { 0 };
    let mut diagram = Diagram { always, lines: VecDeque::new(), left_out: 0 };
    each_event(told, |event, who, words| {
        if let Some(line) = line(event, who, words).filter(|_| shown.has_arrow(event)) {
            diagram.lines.push_back(line);
            if diagram.lines.len() > MOST_LINES {
                diagram.leave_out();
            }
        }
    });
    let mut text = diagram.text();
    while text.len() > MOST_TEXT && !diagram.lines.is_empty() {
        // Each line is a part of what is too much, so this comes to an end soon.
        let share = diagram.lines.len() * (text.len() - MOST_TEXT) / text.len();
        (0..=share.min(diagram.lines.len() - 1)).for_each(|_| diagram.leave_out());
        text = diagram.text();
    }
    out.write_all(text.as_bytes())
}

struct Diagram {
    /// So many nodes are drawn, whatever they do; the others if they have an arrow or a note.
    always: usize,
    lines: VecDeque<Line>,
    left_out: u64,
}

/// An arrow between two nodes, or a note over one or over all.
enum Line {
    Arrow { from: NodeId, head: &'static str, to: NodeId, words: String },
    Note { over: Option<NodeId>, words: String },
}

impl Diagram {
    fn leave_out(&mut self) {
        self.lines.pop_front();
        self.left_out += 1;
    }

    fn text(&self) -> String {
        let nodes = self.drawn();
        let mut text = "sequenceDiagram\n".to_owned();
        for node in &nodes {
            let _ = writeln!(text, "    participant {node}");
        }
        let (Some(first), Some(last)) = (nodes.first(), nodes.last()) else { return text };
        if self.left_out > 0 {
            let left_out = self.left_out;
            let _ = writeln!(
                text,
                "    Note over {first}: {left_out} arrows and notes before are left out"
            );
        }
        for line in &self.lines {
            let _ = match line {
                Line::Arrow { from, head, to, words } => {
                    writeln!(text, "    {from}{head}{to}: {words}")
                }
                Line::Note { over: Some(node), words } => {
                    writeln!(text, "    Note over {node}: {words}")
                }
                Line::Note { over: None, words } if first == last => {
                    writeln!(text, "    Note over {first}: {words}")
                }
                Line::Note { over: None, words } => {
                    writeln!(text, "    Note over {first},{last}: {words}")
                }
            };
        }
        text
    }

    /// The nodes that are drawn.
    fn drawn(&self) -> BTreeSet<NodeId> {
        let of_line = |line: &Line| match line {
            Line::Arrow { from, to, .. } => [Some(*from), Some(*to)],
            Line::Note { over, .. } => [*over, None],
        };
        let mut drawn: BTreeSet<_> = self.lines.iter().flat_map(of_line).flatten().collect();
        drawn.extend((0..self.always).map(NodeId::from_index));
        if drawn.is_empty() {
            drawn.insert(NodeId::from_index(0));
        }
        drawn
    }
}

/// What is drawn of an event, if anything is.
fn line(event: &Event, who: &str, words: &str) -> Option<Line> {
    let at = event.at;
    let arrow = |message: &MessageKey, head| {
        let words = format!("{at}ms {}", without_arrow(words));
        Some(Line::Arrow { from: message.from, head, to: message.to, words })
    };
    match &event.what {
        EventKind::Deliver { message, .. } => arrow(message, "->>"),
        EventKind::Miss { message, .. }
        | EventKind::Strand { message, .. }
        | EventKind::Send { message, lost: Some(_), .. }
        | EventKind::Leave { message, lost: Some(_), .. } => arrow(message, "-x"),
        EventKind::Send { .. }
        | EventKind::Leave { .. }
        | EventKind::Arm { .. }
        | EventKind::Disarm { .. }
        | EventKind::Save { .. }
        | EventKind::Role { .. }
        | EventKind::Start { incarnation: 1, .. } => None,
        EventKind::Calm if at == Time::ZERO => None,
        _ => {
            let over = if who == "net" { None } else { event.what.node() };
            Some(Line::Note { over, words: format!("{at}ms {}", escaped(words)) })
        }
    }
}

/// What a message says and what became of it, without the arrow and the peer before it.
fn without_arrow(words: &str) -> String {
    escaped(words.split_once("  ").map_or(words, |(_, text)| text))
}

/// The text with every character that means something to Mermaid as its code.
fn escaped(words: &str) -> String {
    let mut text = String::new();
    for (nth, letter) in words.chars().enumerate() {
        if nth == MOST_WORDS {
            text.push_str("..");
            break;
        }
        if letter.is_alphanumeric() || " .,_-()=/+*!?@|~:".contains(letter) {
            text.push(letter);
        } else {
            let _ = write!(text, "#{};", u32::from(letter));
        }
    }
    text
}
