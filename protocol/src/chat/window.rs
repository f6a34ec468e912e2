use alloc::collections::VecDeque;
use core::fmt;

use super::Output;
use crate::deadlock::{self, Told};
use crate::election::bully;

/// A line of what a user sees.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Line {
    /// What the node told its user.
    Told(Output),
    /// What the paper's form of election shows.
    Election(bully::Line),
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Told(Output::Hears { from, text, .. }) => write!(f, "{from}: {text}"),
            Self::Told(Output::Resources(Told::Detector(deadlock::Output::Hears {
                from,
                verdict,
            }))) => write!(f, "{from} has collected {}: {verdict}", verdict.edge_line()),
            Self::Told(Output::Resources(Told::Detector(deadlock::Output::Finds(verdict)))) => {
                write!(f, "has collected {}: {verdict}", verdict.edge_line())
            }
            Self::Told(output) => output.fmt(f),
            Self::Election(line) => line.fmt(f),
        }
    }
}

fn is_of_detector(line: &Line) -> bool {
    matches!(line, Line::Told(Output::Resources(Told::Detector(_))))
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

    /// Is it another line than the last one of a detector?
    pub(super) fn is_news(&self, line: &Line) -> bool {
        let is_alike = |other: &&Line| is_of_detector(other);
        self.0.iter().rev().find(is_alike) != Some(line)
    }

    pub(super) fn push(&mut self, line: Line) {
        if self.0.len() == ROOM {
            self.0.pop_front();
        }
        self.0.push_back(line);
    }
}
