use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io;

use rehearsal_machine::NodeId;

use crate::story::{Told, each_event};
use crate::trace::EventKind;

/// A diagram has so many arrows and notes at most: the last ones of the run. Mermaid draws some
/// fifty of them well, and refuses texts of more than 50,000 characters.
pub const MOST_LINES: usize = 500;

/// Writes a run as a sequence diagram: an arrow for each message when it arrives, or when it is
/// lost, and a note for each command, timer, output and fault.
///
/// # Errors
/// If the place cannot be written to.
pub fn mermaid(told: Told<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut lines: VecDeque<String> = VecDeque::new();
    let mut left_out = 0_u64;
    let last = NodeId::from_index(told.nodes.max(1) - 1);
    each_event(told, |event, who, words| {
        let line = match &event.what {
            EventKind::Deliver { message, .. } => {
                let text = without_arrow(words);
                format!("{}->>{}: {}ms {text}", message.from, message.to, event.at)
            }
            EventKind::Miss { message, .. }
            | EventKind::Strand { message, .. }
            | EventKind::Send { message, lost: Some(_), .. }
            | EventKind::Leave { message, lost: Some(_), .. } => {
                let text = without_arrow(words);
                format!("{}-x{}: {}ms {text}", message.from, message.to, event.at)
            }
            EventKind::Send { .. }
            | EventKind::Leave { .. }
            | EventKind::Arm { .. }
            | EventKind::Disarm { .. }
            | EventKind::Save { .. }
            | EventKind::Role { .. }
            | EventKind::Start { incarnation: 1, .. } => return,
            EventKind::Calm if event.at == rehearsal_machine::Time::ZERO => return,
            _ if who == "net" => {
                let nodes = if told.nodes > 1 { format!("n1,{last}") } else { "n1".to_owned() };
                format!("Note over {nodes}: {}ms {}", event.at, escaped(words))
            }
            _ => format!("Note over {who}: {}ms {}", event.at, escaped(words)),
        };
        if lines.len() == MOST_LINES {
            lines.pop_front();
            left_out += 1;
        }
        lines.push_back(line);
    });
    let mut text = "sequenceDiagram\n".to_owned();
    for place in 0..told.nodes {
        let _ = writeln!(text, "    participant {}", NodeId::from_index(place));
    }
    if left_out > 0 {
        let _ = writeln!(text, "    Note over n1: {left_out} arrows and notes before are left out");
    }
    for line in lines {
        let _ = writeln!(text, "    {line}");
    }
    out.write_all(text.as_bytes())
}

/// What a message says and what became of it, without the arrow and the peer before it.
fn without_arrow(words: &str) -> String {
    escaped(words.split_once("  ").map_or(words, |(_, text)| text))
}

/// The text with every character that means something to Mermaid as its code.
fn escaped(words: &str) -> String {
    let mut text = String::new();
    for letter in words.chars() {
        if letter.is_alphanumeric() || " .,_-()=/+*!?@|~:".contains(letter) {
            text.push(letter);
        } else {
            let _ = write!(text, "#{};", u32::from(letter));
        }
    }
    text
}
