//! Records, one after the other in a file that only grows.
//!
//! A record is its length (four bytes, the lowest first), the length's own
//! checksum, the payload, and the payload's checksum, both CRC-32 (IEEE 802.3).
//! The length has one of its own because it says where all that follows begins:
//! if it were believed though it is damaged, a record in the middle would look
//! like one that was cut off at the end, and whatever comes after it would be
//! dropped.
//!
//! Only the last record of a file can be **torn**: the process or the machine
//! stopped while it was written. It then ends with the file, or in zeros, where
//! the file had grown already but its content was not on the disk. Nobody has
//! acted upon such a record; a reader drops it. All else that does not fit is
//! **damage**, and is refused.

use std::fmt;

const HEAD: usize = 8;
const CHECKSUM: usize = 4;

/// Appends a record to `to`; its payload is what `write` appends there. After
/// an error some of it may be there.
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

/// A record's payload has 4 GiB or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// The whole records of a file, in order, until its end or the first damage.
pub(crate) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    is_over: bool,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// The place of its first byte in the file.
    pub(crate) at: u64,
    pub(crate) payload: &'a [u8],
}

impl<'a> Records<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, is_over: false }
    }

    /// Where the last whole record that was given ends.
    pub(crate) fn end(&self) -> u64 {
        self.at as u64
    }

    /// How many bytes the torn record at the end has, if there is one. To ask
    /// when all records have been taken and no damage was found.
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

/// Does the last record's checksum end in zeros where it should not? If they
/// begin within the payload, nothing is left of it.
fn is_unwritten(stored: &[u8], checksum: [u8; CHECKSUM]) -> bool {
    (0..CHECKSUM).any(|kept| stored[..kept] == checksum[..kept] && is_zero(&stored[kept..]))
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    crc32fast::hash(bytes).to_le_bytes()
}

/// What is wrong with a file, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The place in the file at which the damaged record begins, in bytes.
    pub at: u64,
    /// What is wrong with it.
    pub flaw: Flaw,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// Its length does not fit the length's checksum.
    Length,
    /// Its content does not fit the content's checksum.
    Content,
    /// It is the first one, which is never written in place, and is not whole.
    NoHeader,
    /// Its checksums are right, but it does not say what belongs there.
    Undecodable,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.flaw {
            Flaw::Length => "the length of the record there does not fit its checksum",
            Flaw::Content => "the content of the record there does not fit its checksum",
            Flaw::NoHeader => "the file's beginning is not whole",
            Flaw::Undecodable => "the record there is whole, but does not say what belongs there",
        };
        write!(f, "damaged at byte {}: {what}", self.at)
    }
}
