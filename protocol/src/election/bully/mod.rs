//! The bully election: whoever is alive and has the highest number leads.
//!
//! A node that misses the leader asks all nodes above it. If one answers, that
//! one sees to the rest by an election of its own; if none does in time,
//! nobody above is alive, and the node announces that it leads. A node that
//! comes back calls an election at once, and bullies whoever leads by then.
//! (Garcia-Molina, "Elections in a Distributed Computing System", 1982, in the
//! simpler form of the textbooks, where an answer means "I take over".)
//!
//! All that is known of the others comes from waiting. With messages that take
//! up to d, an answer may take 2 d, and an announcement that follows from an
//! answer another answer wait and 2 d. Where that holds there is one leader but for
//! the handover, while an announcement is on its way. Where it does not, a
//! slow node is taken for a dead one and two lead at once: nothing in this
//! form keeps them from it.
//!
//! Where a higher node comes back while a lower one is about to announce
//! itself, their announcements cross, and who hears the lower one last believes
//! it. So a leader that hears from a lower one tells all again; and one that
//! hears from a higher one just after its own announcement tells that one, once
//! all others have heard, that it had said so.
//!
//! An election that is over stays open to late questions for as long as answers
//! are waited for: they are answered, and set off no other one. A leader cannot
//! tell a new question of that time from a late one. Who asks one is answered,
//! and waits for the announcement in vain, once: a coordinator wait beside a
//! live leader. To tell it at once who leads would mean to answer each late
//! question so, and to cost more than the algorithm does.
//!
//! [`Rules`] has the variants: the textbook's, with or without the guard that
//! keeps a node to one election at a time (without it the messages double
//! with every node); the modified one, in which only the caller asks, and names
//! the highest that answers; and the paper's, which asks a silent node several
//! times, tells everybody, and holds elections no more often than so.

mod course;
mod machine;
mod rules;
mod window;

use serde::{Deserialize, Serialize};

use rehearsal_machine::NodeId;

pub use machine::{Announcement, Bully};
pub use rules::{Form, Rules};
pub use window::Line;

/// What nodes say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// To those above: is one of you alive?
    Election,
    /// To the one below that asked: we are alive, and take over.
    Answer,
    /// We lead; or, to a higher leader: we told others so just before we heard
    /// of you.
    Coordinator,
    /// In the modified form, to the highest that answered: announce yourself.
    Nominate,
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Election => "election",
            Self::Answer => "answer",
            Self::Coordinator => "coordinator",
            Self::Nominate => "nominate",
        }
    }
}

/// A node's deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Whoever was asked had the time to answer.
    Answer,
    /// Whoever answered had the time to announce a leader.
    Coordinator,
    /// Everybody had the time to hear how the election ended.
    Close,
    /// The next election may begin.
    Limit,
    /// As `Answer`, of one of many elections of a node without a guard.
    Round(u32),
}

/// A durable cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// Full if the node has been here before: then who led when it began
    /// means nothing any more.
    Joined,
}

/// What the cell holds: the number under which the node was here. That the
/// cell is full is what counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark(pub NodeId);
