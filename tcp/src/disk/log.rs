//! The content of a log: a header record with the node's identity, its store, its incarnation, its
//! peers and all its cells, and then one record for each commit.
//!
//! The records of commits are numbered, because a checksum cannot tell that a whole record is
//! missing.
//!
//! A log gets its file name once its header is on the disk. So no crash can leave a log with an
//! incomplete header: such a log is damaged.

use std::collections::BTreeMap;
use std::fmt;

use rehearsal_machine::NodeId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::life::{KnownPeer, Life};
use super::records::{self, Record, Records, TooLong};
use super::{Damage, Flaw};
use crate::codec;

/// The first value in a log: identifies the kind of file.
const KIND: &str = "rehearsal cells";
const VERSION: u32 = 3;

/// The cells' names and values, both encoded with postcard.
pub(super) type Held = BTreeMap<Vec<u8>, Vec<u8>>;

/// The saves of one commit, in order; `None` erases a cell.
pub(super) type Batch = Vec<(Vec<u8>, Option<Vec<u8>>)>;

/// What is remembered of each peer.
pub(super) type Peers = BTreeMap<NodeId, KnownPeer>;

/// The node that a log belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The cluster's name.
    pub cluster: String,
    /// The node's number.
    pub node: NodeId,
    /// The name of the protocol that the node runs.
    pub protocol: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of cluster {:?} running {:?}", self.node, self.cluster, self.protocol)
    }
}

/// The content of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Contents {
    pub(super) identity: Identity,
    pub(super) life: Life,
    /// How many commits the store has had since its beginning.
    pub(super) commits: u64,
    pub(super) peers: Peers,
    pub(super) held: Held,
}

/// A log that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) contents: Contents,
    /// The length of the torn record at the end, in bytes, if there is one.
    pub(super) torn: Option<u64>,
}

/// Why a log cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    Damaged(Damage),
    Version(u32),
}

/// Encodes a log that consists of its header.
pub(super) fn header(contents: &Contents) -> Result<Vec<u8>, TooLong> {
    let mut bytes = Vec::new();
    append(&mut bytes, &(KIND, VERSION, contents))?;
    Ok(bytes)
}

/// Appends the record of a commit. `number` counts the store's commits, from 1.
pub(super) fn append_commit(
    to: &mut Vec<u8>,
    number: u64,
    batch: &Batch,
    peers: &Peers,
) -> Result<(), TooLong> {
    append(to, &(number, batch, peers))
}

fn append<T: Serialize>(to: &mut Vec<u8>, value: &T) -> Result<(), TooLong> {
    records::append(to, |to| {
        codec::append(to, value).expect("numbers, strings and bytes always serialize");
        Ok(())
    })
}

/// Decodes a log.
pub(super) fn read(bytes: &[u8]) -> Result<Read, Unread> {
    let mut records = Records::new(bytes);
    let Some(first) = records.next() else {
        return Err(Unread::Damaged(Damage { at: 0, flaw: Flaw::NoHeader }));
    };
    let (mut contents, version) = read_header(first?)?;
    for record in &mut records {
        let record = record?;
        let expected = contents.commits + 1;
        let batch = if version == 1 {
            decode::<Batch>(record.payload, record)?
        } else {
            let (number, batch, peers) = decode::<(u64, Batch, Peers)>(record.payload, record)?;
            if number != expected {
                let flaw = Flaw::Missing { expected, found: number };
                return Err(Unread::Damaged(Damage { at: record.at, flaw }));
            }
            contents.peers.extend(peers);
            batch
        };
        contents.commits = expected;
        for (cell, value) in batch {
            apply(&mut contents.held, cell, value);
        }
    }
    Ok(Read { contents, torn: records.torn() })
}

/// Decodes a header record. Returns the version of the log's format as well.
fn read_header(record: Record<'_>) -> Result<(Contents, u32), Unread> {
    let (kind, rest): (&str, _) = take(record.payload, record)?;
    if kind != KIND {
        return Err(undecodable(record));
    }
    // The format of another version is unknown from here on.
    let (version, rest) = take(rest, record)?;
    let contents = match version {
        // Version 1 had no stores and did not remember peers.
        1 => {
            let (identity, incarnation, held) = decode(rest, record)?;
            let mut life = Life::unborn();
            life.id.incarnation = incarnation;
            Contents { identity, life, commits: 0, peers: Peers::new(), held }
        }
        VERSION => decode(rest, record)?,
        other => return Err(Unread::Version(other)),
    };
    Ok((contents, version))
}

/// Applies a save to a cell, and returns the cell's old value.
pub(super) fn apply(held: &mut Held, cell: Vec<u8>, value: Option<Vec<u8>>) -> Option<Vec<u8>> {
    match value {
        Some(value) => held.insert(cell, value),
        None => held.remove(&cell),
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8], of: Record<'_>) -> Result<T, Unread> {
    codec::read(bytes).ok_or(undecodable(of))
}

fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8], of: Record<'_>) -> Result<(T, &'a [u8]), Unread> {
    postcard::take_from_bytes(bytes).map_err(|_| undecodable(of))
}

fn undecodable(of: Record<'_>) -> Unread {
    Unread::Damaged(Damage { at: of.at, flaw: Flaw::Undecodable })
}

impl From<Damage> for Unread {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}
