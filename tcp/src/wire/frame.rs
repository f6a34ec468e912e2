//! Frames, of which the byte stream of a link consists after the handshake.
//!
//! A frame is a length (four bytes, big-endian) and that many bytes: the kind of frame (one byte);
//! for a message its count on the link (a postcard varint) and its postcard encoding; for commits
//! their number (a postcard varint); and the CRC-32 of the preceding (four bytes, big-endian). The
//! checksum matters on plain TCP, whose own is weak; TLS authenticates every byte.

use std::fmt;

use serde::Serialize;

use crate::codec;

/// The maximum bytes of a frame besides its length and its message: kind, number and checksum.
pub(crate) const AROUND: usize = 1 + 10 + 4;

const MESSAGE: u8 = 0;
const PING: u8 = 1;
const BYE: u8 = 2;
const COMMITS: u8 = 3;

/// A received frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    /// An encoded message.
    Message {
        /// Counts the messages of the sender's current incarnation to this node, from 1.
        count: u32,
        /// The message's postcard encoding.
        body: &'a [u8],
    },
    /// The peer is alive.
    Ping,
    /// The peer stops, and sends nothing after this.
    Bye,
    /// The peer's store has this many commits, from which its next messages may follow.
    Commits(u64),
}

/// Why a frame is invalid. The link must be closed: the place of the next frame is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadFrame {
    /// The frame or its message exceeds the maximum size.
    TooLarge,
    /// Its checksum does not match.
    Corrupt,
    /// The kind is unknown, or its number is missing, or the count is 0.
    Malformed,
}

/// The complete frames at the beginning of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole {
    /// The length of all complete frames, in bytes. Only their lengths have been checked.
    pub(crate) bytes: usize,
    /// Is the next frame longer than allowed?
    pub(crate) then_too_large: bool,
}

/// Finds the complete frames in `arrived`. [`first`] decodes them.
pub(crate) fn whole(arrived: &[u8], max_message: u32) -> Whole {
    let mut left = arrived;
    loop {
        let next = split(left, max_message);
        if let Ok(Some((_, rest))) = next {
            left = rest;
        } else {
            return Whole { bytes: arrived.len() - left.len(), then_too_large: next.is_err() };
        }
    }
}

impl fmt::Display for BadFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the peer sent a message larger than allowed",
            Self::Corrupt => "the peer sent a frame with a wrong checksum",
            Self::Malformed => "the peer sent a malformed frame",
        })
    }
}

/// The next item and the bytes after it; `None` if it is incomplete.
type Next<'a, T> = Result<Option<(T, &'a [u8])>, BadFrame>;

/// Decodes the first frame in `arrived`. Does not allocate.
pub(crate) fn first(arrived: &[u8], max_message: u32) -> Next<'_, Frame<'_>> {
    match split(arrived, max_message)? {
        Some((frame, rest)) => parse(frame, max_message).map(|frame| Some((frame, rest))),
        None => Ok(None),
    }
}

/// Splits off the first frame, without its length.
fn split(arrived: &[u8], max_message: u32) -> Next<'_, &[u8]> {
    let Some((length, rest)) = arrived.split_first_chunk() else { return Ok(None) };
    let length = u32::from_be_bytes(*length) as usize;
    if length > AROUND + max_message as usize {
        return Err(BadFrame::TooLarge);
    }
    Ok(rest.split_at_checked(length))
}

fn parse(frame: &[u8], max_message: u32) -> Result<Frame<'_>, BadFrame> {
    let (content, sum) = frame.split_last_chunk().ok_or(BadFrame::Malformed)?;
    if crc32fast::hash(content).to_be_bytes() != *sum {
        return Err(BadFrame::Corrupt);
    }
    match content {
        [PING] => Ok(Frame::Ping),
        [BYE] => Ok(Frame::Bye),
        [COMMITS, rest @ ..] => codec::read(rest).map(Frame::Commits).ok_or(BadFrame::Malformed),
        [MESSAGE, rest @ ..] => {
            let (count, body) =
                postcard::take_from_bytes::<u32>(rest).map_err(|_| BadFrame::Malformed)?;
            if body.len() > max_message as usize {
                return Err(BadFrame::TooLarge);
            }
            if count == 0 { Err(BadFrame::Malformed) } else { Ok(Frame::Message { count, body }) }
        }
        _ => Err(BadFrame::Malformed),
    }
}

/// The message is larger than allowed, or cannot be serialized.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// Appends the frame of a message to `out`. After an error `out` is unchanged.
pub(crate) fn put_message(
    count: u32,
    message: &impl Serialize,
    max_message: u32,
    out: &mut Vec<u8>,
) -> Result<(), TooLarge> {
    let start = begin(MESSAGE, out);
    let written = codec::append(out, &count).and_then(|()| {
        let most = out.len() + max_message as usize;
        codec::append_within(out, message, most)
    });
    if written.is_err() {
        out.truncate(start);
        return Err(TooLarge);
    }
    end(start, out);
    Ok(())
}

/// Appends a frame that says that this node is alive.
pub(crate) fn put_ping(out: &mut Vec<u8>) {
    put(PING, out);
}

/// Appends a frame that says that this node stops.
pub(crate) fn put_bye(out: &mut Vec<u8>) {
    put(BYE, out);
}

/// Appends a frame that says how many commits this node's store has.
pub(crate) fn put_commits(commits: u64, out: &mut Vec<u8>) {
    let start = begin(COMMITS, out);
    codec::append(out, &commits).expect("a number always serializes");
    end(start, out);
}

/// Appends a frame that consists of its kind only.
fn put(kind: u8, out: &mut Vec<u8>) {
    let start = begin(kind, out);
    end(start, out);
}

/// Begins a frame with a placeholder for its length. Returns where the frame begins.
fn begin(kind: u8, out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0, 0, 0, 0, kind]);
    start
}

/// Ends the frame that begins at `start`: writes its checksum and its length.
fn end(start: usize, out: &mut Vec<u8>) {
    let content = start + 4;
    let sum = crc32fast::hash(&out[content..]);
    out.extend_from_slice(&sum.to_be_bytes());
    let length = (out.len() - content) as u32;
    out[start..content].copy_from_slice(&length.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A message whose encoding is these bytes.
    struct Raw<'a>(&'a [u8]);

    impl Serialize for Raw<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeTuple as _;
            let mut tuple = serializer.serialize_tuple(self.0.len())?;
            self.0.iter().try_for_each(|byte| tuple.serialize_element(byte))?;
            tuple.end()
        }
    }

    fn put(count: u32, body: &[u8], out: &mut Vec<u8>) -> Result<(), TooLarge> {
        put_message(count, &Raw(body), 100, out)
    }

    fn all(mut bytes: &[u8]) -> Result<Vec<Frame<'_>>, BadFrame> {
        let mut found = Vec::new();
        while let Some((frame, rest)) = first(bytes, 100)? {
            found.push(frame);
            bytes = rest;
        }
        Ok(found)
    }

    #[test]
    fn the_byte_format_of_frames_is_frozen() {
        let mut out = Vec::new();
        put(300, b"hello", &mut out).expect("the size is allowed");
        put_ping(&mut out);
        put_bye(&mut out);
        put_commits(300, &mut out);
        let golden = [
            &[0, 0, 0, 12, 0, 0xac, 2][..],
            b"hello",
            &[0x58, 0xd3, 0x96, 0xe3],
            &[0, 0, 0, 5, 1, 0xa5, 0x05, 0xdf, 0x1b],
            &[0, 0, 0, 5, 2, 0x3c, 0x0c, 0x8e, 0xa1],
            &[0, 0, 0, 7, 3, 0xac, 2, 0x11, 0xbb, 0xf5, 0x82],
        ];
        assert_eq!(out, golden.concat());
    }

    #[test]
    fn a_length_of_four_gigabytes_is_rejected_before_its_content_arrives() {
        assert_eq!(all(&[0xff; 4]), Err(BadFrame::TooLarge));
    }

    #[test]
    fn a_message_of_the_maximum_size_is_accepted_and_one_byte_more_is_not() {
        let mut out = Vec::new();
        put(u32::MAX, &[7; 100], &mut out).expect("the size is allowed");
        let come = all(&out).expect("the size is allowed");
        assert!(matches!(&come[..], [Frame::Message { body, .. }] if body[..] == [7; 100]));
        let before = out.clone();
        assert_eq!(put(u32::MAX, &[7; 101], &mut out), Err(TooLarge));
        assert_eq!(out, before);
        put_message(u32::MAX, &Raw(&[7; 101]), 101, &mut out).expect("the size is allowed here");
        assert_eq!(all(&out), Err(BadFrame::TooLarge));
    }

    #[test]
    fn a_frame_without_known_kind_count_or_checksum_is_malformed() {
        let framed = |content: &[u8]| {
            let sum = crc32fast::hash(content).to_be_bytes();
            let length = (content.len() as u32 + 4).to_be_bytes();
            [&length, content, &sum].concat()
        };
        let malformed = [
            &[][..],
            &[4],
            &[PING, 0],
            &[MESSAGE],
            &[MESSAGE, 0, 9],
            &[MESSAGE, 0x80],
            &[COMMITS],
            &[COMMITS, 1, 1],
        ];
        for content in malformed {
            assert_eq!(all(&framed(content)), Err(BadFrame::Malformed), "{content:?}");
        }
        assert_eq!(all(&[0, 0, 0, 3, 0, 0, 0]), Err(BadFrame::Malformed));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = all(&bytes);
        }

        #[test]
        fn a_flipped_bit_never_yields_another_message(
            body in proptest::collection::vec(any::<u8>(), 0..60),
            count in 1_u32..,
            bit in any::<prop::sample::Index>(),
        ) {
            let mut out = Vec::new();
            put(count, &body, &mut out).expect("the size is allowed");
            let bit = bit.index(out.len() * 8);
            out[bit / 8] ^= 1 << (bit % 8);
            if let Ok(found) = all(&out) {
                prop_assert_eq!(found, vec![], "a changed length can only make the frame incomplete");
            }
        }

        #[test]
        fn frames_are_decoded_as_encoded_however_the_bytes_are_split(
            bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..8),
            cut in 1_usize..20,
        ) {
            let mut out = Vec::new();
            for (count, body) in (1..).zip(&bodies) {
                put(count, body, &mut out).expect("the size is allowed");
            }
            let (mut arrived, mut found) = (Vec::new(), 0);
            for part in out.chunks(cut) {
                arrived.extend_from_slice(part);
                let mut rest = &arrived[..];
                while let Some((frame, after)) = first(rest, 100).expect("the frames are valid") {
                    let (count, body) = (found as u32 + 1, &bodies[found][..]);
                    prop_assert_eq!(frame, Frame::Message { count, body });
                    (found, rest) = (found + 1, after);
                }
                arrived = rest.to_vec();
            }
            prop_assert_eq!((found, arrived.len()), (bodies.len(), 0));
        }
    }
}
