use std::fmt;

use rehearsal_machine::NodeId;

use super::sequential::Sequential;

/// Why a [`History`](super::History) is not consistent. As text it is a line for the
/// reason and, where operations cannot be ordered, one for each of them, from
/// its invocation on the left to its return on the right.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inconsistency<K, S: Sequential> {
    /// No order explains the answers about one key.
    Unordered {
        /// The key.
        key: K,
        /// The operations of the shortest prefix that is known to have no order, as they were
        /// invoked.
        spans: Vec<Span<S>>,
    },
    /// The search for an order took [too much memory](super::History::with_memory) and was
    /// given up. A smaller history, or one with fewer operations at the same time, can be
    /// decided.
    Undecided {
        /// The key.
        key: K,
    },
    /// An id was invoked a second time, here by this client.
    InvokedTwice {
        /// The client.
        client: NodeId,
    },
    /// An operation returned that nobody had invoked.
    NotInvoked,
    /// An operation of this client returned two different answers.
    TwoAnswers {
        /// The client.
        client: NodeId,
    },
}

/// An operation among those that cannot be ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span<S: Sequential> {
    /// The client.
    pub client: NodeId,
    /// What it asked.
    pub operation: S::Operation,
    /// The place of its invocation among the invocations and returns of its key, from 0.
    pub invoked: usize,
    /// The place of its return, and the answer; nothing if it was still under way.
    pub returned: Option<(usize, S::Answer)>,
}

impl<S: Sequential> Span<S> {
    /// The place of its return, after all others if it was still under way.
    pub(super) fn end(&self) -> usize {
        self.returned.as_ref().map_or(usize::MAX, |(event, _)| *event)
    }
}

impl<K, S: Sequential> Inconsistency<K, S> {
    /// The reason without clients, keys and operations.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Unordered { .. } => "no order explains the answers to clients",
            Self::Undecided { .. } => "the history is too large to be ordered",
            Self::InvokedTwice { .. } => "an operation was invoked twice",
            Self::NotInvoked => "an operation returned that was not invoked",
            Self::TwoAnswers { .. } => "an operation returned with two answers",
        }
    }
}

impl<K: fmt::Display, S: Sequential> fmt::Display for Inconsistency<K, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unordered { key, spans } => {
                write!(f, "no order explains these operations on {key}:")?;
                draw(f, spans)
            }
            Self::Undecided { key } => {
                write!(f, "the operations on {key} are too many at a time to be ordered")
            }
            Self::InvokedTwice { client } => write!(f, "{client} invoked an operation twice"),
            Self::NotInvoked => f.write_str(self.reason()),
            Self::TwoAnswers { client } => {
                write!(f, "an operation of {client} returned with two answers")
            }
        }
    }
}

/// How many events are drawn, a column each.
const COLUMNS: usize = 32;

/// The last operations. Of a long history only those that were under way within the last
/// events.
fn draw<S: Sequential>(f: &mut fmt::Formatter<'_>, spans: &[Span<S>]) -> fmt::Result {
    let ends = spans.iter().map(|span| span.returned.as_ref().map_or(span.invoked, |end| end.0));
    let events = ends.max().map_or(0, |last| last + 1);
    let start = events.saturating_sub(COLUMNS);
    let is_shown = |span: &&Span<S>| span.returned.as_ref().is_none_or(|end| end.0 >= start);
    let earlier = spans.len() - spans.iter().filter(is_shown).count();
    if earlier > 0 {
        write!(f, "\n({earlier} earlier ones)")?;
    }
    let name = |span: &Span<S>| span.client.to_string();
    let width = spans.iter().filter(is_shown).map(|span| name(span).len()).max().unwrap_or(0);
    for span in spans.iter().filter(is_shown) {
        let column = |event: usize| match (&span.returned, event) {
            _ if event == span.invoked => '|',
            (Some((end, _)), _) if event == *end => '|',
            (Some((end, _)), _) if event > *end => ' ',
            _ if event < span.invoked => ' ',
            _ => '-',
        };
        let bar: String = (start..events).map(column).collect();
        write!(f, "\n{:width$} {bar} {:?}", name(span), span.operation)?;
        match &span.returned {
            Some((_, answer)) => write!(f, ": {answer:?}")?,
            None => write!(f, " has not returned")?,
        }
    }
    Ok(())
}
