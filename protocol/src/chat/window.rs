use alloc::collections::VecDeque;
use core::fmt::{self, Write as _};

use super::Output;
use super::conversation::{Post, Remark};
use crate::deadlock::Verdict;
use crate::election::bully;
use rehearsal_machine::NodeId;

/// A line of what a user sees.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// What the node told its user.
    Told(Output),
    /// What the paper's form of election shows.
    Election(bully::Line),
    /// The verdict of a deadlock detector, and the node that found it.
    Verdict(NodeId, Verdict),
    /// What a user said, in the order that users keep.
    Remark(Remark),
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Told(Output::Hears { from, text, .. }) => {
                write!(f, "{from}: ")?;
                write_on_one_line(text, f)
            }
            Self::Remark(remark) => {
                let by = remark.message.by;
                match &remark.post {
                    Post::Direct { to, text } => {
                        write!(f, "{by} to {to}: ")?;
                        write_on_one_line(text, f)
                    }
                    Post::InGroup { group, text } => {
                        write!(f, "{group} {by}: ")?;
                        write_on_one_line(text, f)
                    }
                    Post::Join(_) | Post::Leave(_) => remark.fmt(f),
                }
            }
            Self::Verdict(by, verdict) => verdict.as_told_by(*by).fmt(f),
            Self::Told(output) => output.fmt(f),
            Self::Election(line) => line.fmt(f),
        }
    }
}

/// A second line could look like another user's.
fn write_on_one_line(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|letter| match letter {
        '\n' | '\r' => write!(f, "{}", letter.escape_default()),
        letter => f.write_char(letter),
    })
}

/// The last lines, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Window(VecDeque<Line>);

/// How many lines a window has room for.
const ROOM: usize = 1_000;

impl Window {
    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.0.iter()
    }

    /// What a detector finds comes in every period; it is news when it is
    /// another thing.
    pub(super) fn push_verdict(&mut self, by: NodeId, verdict: Verdict) {
        let line = Line::Verdict(by, verdict);
        let is_alike = |line: &&Line| matches!(line, Line::Verdict(..));
        if self.0.iter().rev().find(is_alike) != Some(&line) {
            self.push(line);
        }
    }

    pub(super) fn push(&mut self, line: Line) {
        if self.0.len() == ROOM {
            self.0.pop_front();
        }
        self.0.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;
    use crate::ordering::MessageId;

    #[test]
    fn whatever_a_user_says_is_one_line_of_the_window() {
        let from = NodeId::from_index(1);
        let hears = Output::Hears { from, number: 1, text: "a\r\nn1: b".into() };
        assert_eq!(Line::Told(hears).to_string(), "n2: a\\r\\nn1: b");
        let message = MessageId { by: from, number: 1 };
        let post = Post::Direct { to: NodeId::from_index(0), text: "a\nn1: b".into() };
        let remark = Line::Remark(Remark { message, post });
        assert_eq!(remark.to_string(), "n2 to n1: a\\nn1: b");
    }
}
