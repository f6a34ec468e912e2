use rehearsal_machine::{NodeId, Time};
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::protocol::Lane;
use crate::trace::{Event, EventKind};

/// A node is told this, and leads.
fn led_by(text: &str) -> String {
    let node = NodeId::from_index(0);
    let kinds = [
        EventKind::Command { node, text: text.to_owned(), value: None, is_heard: true },
        EventKind::Role { node, lane: Lane::from('L') },
        EventKind::Emit { node, text: text.to_owned(), value: None },
    ];
    let mut trace = Trace::keeping(u64::MAX);
    for (number, what) in (1..).zip(kinds) {
        trace.push(&Event { number, cause: None, at: Time::ZERO, what });
    }
    of_trace(&trace, 1, &View::default())
}

#[test]
fn no_text_of_a_protocol_can_break_a_line_or_turn_it_round() {
    let story = led_by("a\nb \u{1b}[2J \u{202e}c");
    assert_eq!(story.lines().count(), 3, "{story}");
    assert_eq!(story.matches(r"a\nb \u{1b}[2J \u{202e}c").count(), 2, "{story}");
}

#[test]
fn wide_characters_leave_the_lanes_where_they_are() {
    for text in ["plain", "日本語の長い名前", "e\u{301}"] {
        let story = led_by(text);
        let line = story.lines().nth(1).and_then(|line| line.strip_suffix('L'));
        assert_eq!(line.map(UnicodeWidthStr::width), Some(LANES_AT + 1), "{story}");
    }
}

#[test]
fn a_line_of_wide_characters_fits() {
    let story = led_by(&"大".repeat(100));
    assert!(story.lines().all(|line| line.width() <= WIDTH), "{story}");
}
