//! The chat script: the users, and their messages in order.
//!
//! A script is a text that every user holds a copy of:
//!
//! ```text
//! Users
//! 10.0.2.15,2881,user1
//! 10.0.2.15,2882,user2
//! Message
//! user1,user2,Hi from user1 to user2 with message number 1
//! user2,user1,Hello, and a comma is text
//! ```
//!
//! The user on the k-th line is node k, and the messages are numbered from 1.
//! A user's own steps are the messages that it sends or receives; its
//! *projection* is the list of their numbers in the order in which it goes
//! through them. Users that all follow the script's order can never wait for
//! each other in a circle; users whose copies differ can, so an experiment may
//! give one node another order of its own steps ([`Script::reordered`]).
//!
//! Nothing is trimmed or guessed. Lines end with LF or CRLF, the last one may
//! lack its end, and blank lines may follow it; all else that differs from the
//! format is an [`Error`] with its place. A script prints as the very text it
//! was read from.
//!
//! The text is kept once and everything else points into it, so that a million
//! messages are one text and three flat tables, meant to be shared in one `Arc`.

mod error;
mod generate;
mod new;
mod number;
mod parse;
mod piece;
mod problem;
mod steps;

use alloc::boxed::Box;
use core::fmt;
use core::net::IpAddr;
use core::num::NonZeroU16;

use rehearsal_machine::NodeId;

pub use error::Error;
pub use generate::GenerateError;
pub use new::Draft;
pub use number::Number;
pub use problem::{Field, Problem, Role};
pub use steps::ReorderError;

use steps::Steps;

/// A chat script that is known to be right: names and addresses are distinct,
/// and every message goes from one of the users to another one.
///
/// Two are equal if they print the same and every node has the same projection.
#[derive(Clone, PartialEq, Eq)]
pub struct Script {
    source: Box<str>,
    users: Box<[UserRecord]>,
    messages: Box<[MessageRecord]>,
    steps: Steps,
}

/// A user, as the script introduces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User<'a> {
    /// The address it listens on.
    pub address: IpAddr,
    /// The port it listens on.
    pub port: NonZeroU16,
    /// What messages call it.
    pub name: &'a str,
}

/// A message of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its place in the script, from 1.
    pub number: Number,
    /// Who says it.
    pub from: NodeId,
    /// Who hears it.
    pub to: NodeId,
    /// What is said; may be empty.
    pub text: &'a str,
}

impl Script {
    /// The users, node 1 first.
    #[must_use]
    pub fn users(&self) -> impl DoubleEndedIterator<Item = User<'_>> + ExactSizeIterator {
        self.users.iter().map(|record| self.read_user(record))
    }

    /// How many users there are; at least 1.
    #[must_use]
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    /// The user that this node plays; `None` for a stranger.
    #[must_use]
    pub fn user(&self, node: NodeId) -> Option<User<'_>> {
        Some(self.read_user(self.users.get(node.index())?))
    }

    /// The messages, number 1 first.
    #[must_use]
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = Entry<'_>> + ExactSizeIterator {
        self.messages.iter().enumerate().map(|(index, record)| self.read_message(index, record))
    }

    /// How many messages there are; none is possible.
    #[must_use]
    pub fn message_count(&self) -> usize {
        self.messages.len()
    }

    /// The message with this number; `None` past the last one.
    #[must_use]
    pub fn message(&self, number: Number) -> Option<Entry<'_>> {
        let index = number.index();
        Some(self.read_message(index, self.messages.get(index)?))
    }

    /// A node's own steps: the numbers of the messages it sends or receives, in
    /// the order in which it goes through them, which is the script's unless
    /// the node was [`reordered`](Self::reordered). Empty for a stranger.
    #[must_use]
    pub fn projection(&self, node: NodeId) -> &[Number] {
        self.steps.of(node)
    }

    /// Where among its own steps a node has this message, counted from 0;
    /// `None` if it neither sends nor receives it.
    #[must_use]
    pub fn place(&self, node: NodeId, number: Number) -> Option<usize> {
        self.steps.place(node, number)
    }

    /// The same script with another order of one node's own steps, as if that
    /// user held a different copy. It still prints the text it was read from.
    pub fn reordered(mut self, node: NodeId, order: &[Number]) -> Result<Self, ReorderError> {
        self.steps.reorder(node, order)?;
        Ok(self)
    }

    fn read_user(&self, record: &UserRecord) -> User<'_> {
        User { address: record.address, port: record.port, name: record.name.of(&self.source) }
    }

    fn read_message(&self, index: usize, record: &MessageRecord) -> Entry<'_> {
        Entry {
            number: Number::from_index(index),
            from: record.from,
            to: record.to,
            text: record.text.of(&self.source),
        }
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

/// Its size only: a machine that holds a script is printed far more often than
/// anybody wants to read the script.
impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Script({} users, {} messages)", self.user_count(), self.message_count())
    }
}

#[derive(Clone, PartialEq, Eq)]
struct UserRecord {
    address: IpAddr,
    port: NonZeroU16,
    name: Span,
}

#[derive(Clone, PartialEq, Eq)]
struct MessageRecord {
    from: NodeId,
    to: NodeId,
    text: Span,
}

/// A piece of the source, in bytes from its start. 32 bits suffice, since a
/// longer source is refused, and they halve the tables.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The piece itself. Cannot panic: spans are made by cutting up the very
    /// source they are kept with.
    fn of(self, source: &str) -> &str {
        &source[self.start as usize..self.end as usize]
    }
}
