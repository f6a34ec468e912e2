//! The record format of files that only grow: logs and recordings.
//!
//! A record is the payload's length (four bytes, little-endian), the length's checksum, the
//! payload, and the payload's checksum. Checksums are CRC-32 (IEEE 802.3). The length has its own
//! checksum because it locates the next record: with a damaged length, a record in the middle of
//! the file would look like an incomplete last record, and the rest would be dropped.
//!
//! The last record of a file can be **torn**: the process or the computer stopped while it was
//! written. A torn record ends with the file, or in zeros, if the file had already grown but its
//! content was not on the disk. No later effect was performed, so a reader drops it. Any other
//! mismatch is **damage**, which is an error.

use std::fmt;

const HEAD: usize = 8;
const CHECKSUM: usize = 4;

/// Appends a record to `to`, whose payload is what `write` appends. After an error `to` may end in a
/// part of it.
pub(crate) fn append<E: From<TooLong>>(
    to: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let start = to.len();
    to.extend([0; HEAD]);
    write(to)?;
    let payload = &to[start + HEAD..];
    let length = u32::try_from(payload.len()).map_err(|_| TooLong)?.to_le_bytes();
    let end = checksum(payload);
    to[start..start + 4].copy_from_slice(&length);
    to[start + 4..start + HEAD].copy_from_slice(&checksum(&length));
    to.extend(end);
    Ok(())
}

/// The payload of a record has 4 GiB or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Iterates over the complete records of a file, until its end or the first damage.
pub(crate) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    is_over: bool,
}

/// A complete record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// The offset of its first byte in the file.
    pub(crate) at: u64,
    pub(crate) payload: &'a [u8],
}

impl<'a> Records<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, is_over: false }
    }

    /// The offset after the last complete record.
    pub(crate) fn end(&self) -> u64 {
        self.at as u64
    }

    /// The length of the torn record at the end, in bytes, if there is one. It is meaningful once
    /// the iterator has ended without damage.
    pub(crate) fn torn(&self) -> Option<u64> {
        Some((self.bytes.len() - self.at) as u64).filter(|bytes| *bytes > 0)
    }

    /// The next record; `None` if it is torn.
    fn parse(&self) -> Result<Option<&'a [u8]>, Flaw> {
        let rest = &self.bytes[self.at..];
        let Some((head, body)) = rest.split_at_checked(HEAD) else { return Ok(None) };
        let (length, stored) = head.split_at(4);
        if checksum(length) != stored {
            return if is_zero(&rest[HEAD - 1..]) { Ok(None) } else { Err(Flaw::Length) };
        }
        let length = length.iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte));
        let Some((payload, rest)) = body.split_at_checked(length) else { return Ok(None) };
        let Some((stored, rest)) = rest.split_at_checked(CHECKSUM) else { return Ok(None) };
        let checksum = checksum(payload);
        if checksum == stored {
            Ok(Some(payload))
        } else if rest.is_empty() && is_unwritten(stored, checksum) {
            Ok(None)
        } else {
            Err(Flaw::Content)
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over || self.at == self.bytes.len() {
            return None;
        }
        let at = self.at as u64;
        match self.parse() {
            Ok(Some(payload)) => {
                self.at += HEAD + payload.len() + CHECKSUM;
                Some(Ok(Record { at, payload }))
            }
            Ok(None) => {
                self.is_over = true;
                None
            }
            Err(flaw) => {
                self.is_over = true;
                Some(Err(Damage { at, flaw }))
            }
        }
    }
}

/// Is the last record's checksum incomplete: a proper prefix and then zeros? If the zeros begin
/// within the payload, the prefix is empty.
fn is_unwritten(stored: &[u8], checksum: [u8; CHECKSUM]) -> bool {
    (0..CHECKSUM).any(|kept| stored[..kept] == checksum[..kept] && is_zero(&stored[kept..]))
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    crc32fast::hash(bytes).to_le_bytes()
}

/// Damage in a file: where, and of what kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The offset of the damaged record in the file, in bytes.
    pub at: u64,
    /// The kind of damage.
    pub flaw: Flaw,
}

/// The kind of damage of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// The length does not match its checksum.
    Length,
    /// The payload does not match its checksum.
    Content,
    /// The file's first record, its header, is incomplete.
    NoHeader,
    /// The checksums match, but the payload cannot be decoded.
    Undecodable,
    /// Records before this one are missing.
    Missing {
        /// The number that the record must have here.
        expected: u64,
        /// The number that it has.
        found: u64,
    },
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "damaged at byte {}: ", self.at)?;
        match self.flaw {
            Flaw::Length => f.write_str("the record's length does not match its checksum"),
            Flaw::Content => f.write_str("the record's content does not match its checksum"),
            Flaw::NoHeader => f.write_str("the file's header is incomplete"),
            Flaw::Undecodable => f.write_str("the record cannot be decoded"),
            Flaw::Missing { expected, found } => {
                write!(f, "record {found} stands where record {expected} must be")
            }
        }
    }
}
