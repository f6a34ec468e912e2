//! The oracle: the documented byte format, implemented as plainly as possible.

use std::net::{IpAddr, SocketAddr};

use rehearsal_machine::NodeId;

use crate::disk::StoreId;
use crate::disk::life::{Life, LifeId, PastIncarnation};
use crate::wire::frame::{BadFrame, Frame};
use crate::wire::hello::{Answer, BadHello, Confirm, Hello};
use crate::wire::refusal::Refusal;

/// All valid frames, and the error that ends them, if any.
pub(super) fn frames(mut bytes: &[u8], max: usize) -> (Vec<Frame<'_>>, Option<BadFrame>) {
    let mut found = Vec::new();
    while let [a, b, c, d, rest @ ..] = bytes {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        // Kind, the longest number, the largest message, checksum.
        if length > 1 + 10 + max + 4 {
            return (found, Some(BadFrame::TooLarge));
        }
        let Some((frame, behind)) = rest.split_at_checked(length) else { break };
        match one(frame, max) {
            Ok(frame) => found.push(frame),
            Err(bad) => return (found, Some(bad)),
        }
        bytes = behind;
    }
    (found, None)
}

fn one(bytes: &[u8], max: usize) -> Result<Frame<'_>, BadFrame> {
    let Some((content, sum)) = bytes.split_last_chunk::<4>() else {
        return Err(BadFrame::Malformed);
    };
    if checksum(content).to_be_bytes() != *sum {
        return Err(BadFrame::Corrupt);
    }
    match content {
        [1] => Ok(Frame::Ping),
        [2] => Ok(Frame::Bye),
        [3, rest @ ..] => {
            let commits = Reader(rest).whole(|reader| reader.varint(64));
            commits.map(Frame::Commits).ok_or(BadFrame::Malformed)
        }
        [0, rest @ ..] => {
            let mut reader = Reader(rest);
            let count = reader.varint(32).ok_or(BadFrame::Malformed)? as u32;
            let Reader(body) = reader;
            match (count, body.len() > max) {
                (_, true) => Err(BadFrame::TooLarge),
                (0, false) => Err(BadFrame::Malformed),
                (count, false) => Ok(Frame::Message { count, body }),
            }
        }
        _ => Err(BadFrame::Malformed),
    }
}

/// CRC-32 as in ISO 3309, bit by bit.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = sum >> 1 ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
        }
    }
    !sum
}

pub(super) fn hello(bytes: &[u8]) -> Result<(Hello, u16), BadHello> {
    let [b'R', b'H', b'S', b'L', a, b, c, d, rest @ ..] = bytes else {
        return Err(BadHello::Malformed);
    };
    let (from, to) = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
    // This code speaks version 3 only.
    if !(from <= 3 && to >= 3) {
        return Err(BadHello::Version);
    }
    let hello = Reader(rest).whole(Reader::hello).ok_or(BadHello::Malformed)?;
    Ok((hello, 3))
}

pub(super) fn answer(bytes: &[u8]) -> Option<Answer> {
    Reader(bytes).whole(Reader::answer)
}

pub(super) fn confirm(bytes: &[u8]) -> Option<Confirm> {
    Reader(bytes).whole(|reader| match reader.varint(32)? {
        0 => Some(Confirm::Accept { echo: reader.varint(64)? }),
        1 => reader.refusal().map(Confirm::Reject),
        _ => None,
    })
}

/// A reader of the remaining bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads a value that must end with the bytes.
    fn whole<T>(mut self, what: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let found = what(&mut self)?;
        self.0.is_empty().then_some(found)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A varint of at most `bits` bits, in no more bytes than the largest such number needs.
    fn varint(&mut self, bits: u32) -> Option<u64> {
        let mut value = 0_u128;
        for place in 0..bits.div_ceil(7) {
            let byte = self.take(1)?[0];
            value |= u128::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return (value >> bits == 0).then_some(value as u64);
            }
        }
        None
    }

    fn digest(&mut self) -> Option<[u8; 32]> {
        self.take(32)?.try_into().ok()
    }

    fn hello(&mut self) -> Option<Hello> {
        let length = usize::try_from(self.varint(64)?).ok()?;
        let cluster = String::from_utf8(self.take(length)?.to_vec()).ok()?;
        let mut node = || NodeId::new(self.varint(32)? as u32);
        let (from, to) = (node()?, node()?);
        let address = self.address()?;
        let life = self.life()?;
        let digest = self.digest()?;
        let others = self.varint(64)?;
        if others > 8 {
            return None;
        }
        let compatible = (0..others).map(|_| self.digest()).collect::<Option<_>>()?;
        let nonce = self.varint(64)?;
        Some(Hello { cluster, from, to, address, life, digest, compatible, nonce })
    }

    fn answer(&mut self) -> Option<Answer> {
        match self.varint(32)? {
            0 => {
                let version = self.varint(16)? as u16;
                let life = self.life()?;
                let (echo, nonce) = (self.varint(64)?, self.varint(64)?);
                Some(Answer::Welcome { version, life, echo, nonce })
            }
            1 => self.refusal().map(Answer::Reject),
            _ => None,
        }
    }

    fn flag(&mut self) -> Option<bool> {
        match self.take(1)? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    fn life(&mut self) -> Option<Life> {
        let store = StoreId::of(self.take(16)?.try_into().ok()?);
        let (incarnation, session) = (self.varint(32)? as u32, self.varint(64)?);
        let is_new = self.flag()?;
        let incarnations = self.varint(64)?;
        let mut past = Vec::new();
        for _ in 0..incarnations {
            let (session, commits) = (self.varint(64)?, self.varint(64)?);
            past.push(PastIncarnation { session, commits });
        }
        Some(Life { id: LifeId { store, incarnation, session }, is_new, past })
    }

    /// An address of version 4 or 6 of the internet protocol.
    fn address(&mut self) -> Option<SocketAddr> {
        let ip: IpAddr = match self.varint(32)? {
            0 => <[u8; 4]>::try_from(self.take(4)?).ok()?.into(),
            1 => <[u8; 16]>::try_from(self.take(16)?).ok()?.into(),
            _ => return None,
        };
        Some(SocketAddr::new(ip, self.varint(16)? as u16))
    }

    fn refusal(&mut self) -> Option<Refusal> {
        let all = [
            Refusal::Version,
            Refusal::Cluster,
            Refusal::WrongReceiver,
            Refusal::UnknownNode,
            Refusal::WrongKey,
            Refusal::WrongDialer,
            Refusal::Configuration,
            Refusal::Replayed,
            Refusal::Store,
            Refusal::Outdated,
        ];
        match self.varint(32)? as usize {
            10 => self.address().map(Refusal::Duplicate),
            11 => Some(Refusal::NewLife),
            number => all.get(number).copied(),
        }
    }
}
