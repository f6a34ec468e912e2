//! What stands in a log: first the node's name, its incarnation and all its
//! cells, then, a record for each commit, what became of them.
//!
//! The first record is never written in place: the file gets its name when that
//! record is on the disk. A log whose beginning is not whole is therefore
//! damaged, and never a crash's doing.

use std::collections::BTreeMap;
use std::fmt;

use rehearsal_machine::NodeId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::records::{self, Record, Records, TooLong};
use super::{Damage, Flaw};
use crate::codec;

/// What tells a log from all other files.
const KIND: &str = "rehearsal cells";
const VERSION: u32 = 1;

/// Cells and what they hold, both as postcard's bytes.
pub(super) type Held = BTreeMap<Vec<u8>, Vec<u8>>;

/// What one commit changes, in order; `None` erases.
pub(super) type Batch = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// Whose log it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The cluster's name.
    pub cluster: String,
    /// Which of its nodes.
    pub node: NodeId,
    /// Which protocol it runs.
    pub protocol: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of cluster {:?} running {:?}", self.node, self.cluster, self.protocol)
    }
}

/// All that a log says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contents {
    pub(super) identity: Identity,
    pub(super) incarnation: u32,
    pub(super) held: Held,
    /// How many bytes of a torn record were left out.
    pub(super) torn: Option<u64>,
}

/// Why there is nothing to be had from a log.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    Damaged(Damage),
    Version(u32),
}

/// A log's first record.
pub(super) fn beginning(
    identity: &Identity,
    incarnation: u32,
    held: &Held,
) -> Result<Vec<u8>, TooLong> {
    let mut bytes = Vec::new();
    append(&mut bytes, &(KIND, VERSION, identity, incarnation, held))?;
    Ok(bytes)
}

/// Appends a commit's record.
pub(super) fn append_batch(to: &mut Vec<u8>, batch: &Batch) -> Result<(), TooLong> {
    append(to, batch)
}

fn append<T: Serialize>(to: &mut Vec<u8>, value: &T) -> Result<(), TooLong> {
    records::append(to, |to| {
        codec::append(to, value).expect("numbers, texts and bytes always serialize");
        Ok(())
    })
}

/// Reads a whole log.
pub(super) fn read(bytes: &[u8]) -> Result<Contents, Unread> {
    let mut records = Records::new(bytes);
    let Some(first) = records.next() else {
        return Err(Unread::Damaged(Damage { at: 0, flaw: Flaw::NoHeader }));
    };
    let mut contents = read_first(first?)?;
    for record in &mut records {
        let record = record?;
        for (cell, value) in decode::<Batch>(record.payload, record)? {
            apply(&mut contents.held, cell, value);
        }
    }
    contents.torn = records.torn();
    Ok(contents)
}

fn read_first(record: Record<'_>) -> Result<Contents, Unread> {
    let (kind, rest): (&str, _) = take(record.payload, record)?;
    if kind != KIND {
        return Err(meaning(record));
    }
    // Of another version nothing more is known than that it has a number.
    let (version, rest) = take(rest, record)?;
    if version != VERSION {
        return Err(Unread::Version(version));
    }
    let (identity, incarnation, held) = decode(rest, record)?;
    Ok(Contents { identity, incarnation, held, torn: None })
}

/// Does what one commit says about one cell.
pub(super) fn apply(held: &mut Held, cell: Vec<u8>, value: Option<Vec<u8>>) -> Option<Vec<u8>> {
    match value {
        Some(value) => held.insert(cell, value),
        None => held.remove(&cell),
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8], of: Record<'_>) -> Result<T, Unread> {
    codec::read(bytes).ok_or(meaning(of))
}

fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8], of: Record<'_>) -> Result<(T, &'a [u8]), Unread> {
    postcard::take_from_bytes(bytes).map_err(|_| meaning(of))
}

fn meaning(of: Record<'_>) -> Unread {
    Unread::Damaged(Damage { at: of.at, flaw: Flaw::Undecodable })
}

impl From<Damage> for Unread {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}
