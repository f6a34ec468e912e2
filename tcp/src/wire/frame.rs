//! Frames: a length (four bytes, the highest first), then so many bytes: what
//! kind of frame it is, for a message its count on the link as a postcard
//! varint and its postcard form, and the CRC-32 of all these (four bytes, the
//! highest first). TLS has better checksums; plain TCP does not.

use std::fmt;

use serde::Serialize;

use crate::codec;

/// What a frame has beside its message: kind, count and checksum.
pub(crate) const AROUND: usize = 1 + 5 + 4;

const MESSAGE: u8 = 0;
const PING: u8 = 1;
const BYE: u8 = 2;

/// One frame as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    /// A message, still as bytes.
    Message {
        /// Its place among all that its sender, in this life of it, said to us, from 1.
        count: u32,
        /// Its postcard form.
        body: &'a [u8],
    },
    /// The peer is there.
    Ping,
    /// The peer has stopped, and says nothing more.
    Bye,
}

/// Why what comes is no sequence of frames; nothing behind it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadFrame {
    /// It is longer than the largest message.
    TooLarge,
    /// Its checksum is another one.
    Corrupt,
    /// It is of no kind, or it has no count.
    Malformed,
}

/// What has arrived whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole {
    /// So many bytes are whole frames, as far as lengths can tell.
    pub(crate) bytes: usize,
    /// The next one is longer than the largest message.
    pub(crate) then_too_large: bool,
}

/// How much has arrived whole; what is in it is for [`first`] to see.
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
            Self::TooLarge => "it sent more than the largest message",
            Self::Corrupt => "a checksum was wrong",
            Self::Malformed => "it sent what is no frame",
        })
    }
}

/// What comes next, and all that comes after it; nothing as long as not all of
/// it is there.
type Next<'a, T> = Result<Option<(T, &'a [u8])>, BadFrame>;

/// The first frame of what has arrived, and all that comes after it; nothing
/// as long as not all of it is there.
pub(crate) fn first(arrived: &[u8], max_message: u32) -> Next<'_, Frame<'_>> {
    match split(arrived, max_message)? {
        Some((frame, rest)) => parse(frame, max_message).map(|frame| Some((frame, rest))),
        None => Ok(None),
    }
}

/// What is behind the first length, and all that comes after it.
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

/// The message is larger than allowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// Puts the frame of a message at the end of `out`; nothing, if the message is
/// larger than allowed.
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

/// Puts a frame there that says that we are there.
pub(crate) fn put_ping(out: &mut Vec<u8>) {
    put(PING, out);
}

/// Puts a frame there that says that we stop.
pub(crate) fn put_bye(out: &mut Vec<u8>) {
    put(BYE, out);
}

/// A frame without anything in it.
fn put(kind: u8, out: &mut Vec<u8>) {
    let start = begin(kind, out);
    end(start, out);
}

/// Leaves room for the length, which nobody knows yet; gives its place.
fn begin(kind: u8, out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0, 0, 0, 0, kind]);
    start
}

/// What stands behind this place is a frame's content.
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

    /// A message that is these bytes.
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
    fn frames_have_these_bytes_for_ever() {
        let mut out = Vec::new();
        put(300, b"hello", &mut out).expect("it is not too large");
        put_ping(&mut out);
        put_bye(&mut out);
        let golden = [
            &[0, 0, 0, 12, 0, 0xac, 2][..],
            b"hello",
            &[0x58, 0xd3, 0x96, 0xe3],
            &[0, 0, 0, 5, 1, 0xa5, 0x05, 0xdf, 0x1b],
            &[0, 0, 0, 5, 2, 0x3c, 0x0c, 0x8e, 0xa1],
        ];
        assert_eq!(out, golden.concat());
    }

    #[test]
    fn a_length_of_four_gigabytes_is_refused_before_anything_of_it_has_come() {
        assert_eq!(all(&[0xff; 4]), Err(BadFrame::TooLarge));
    }

    #[test]
    fn a_message_as_large_as_allowed_comes_and_one_byte_more_does_not() {
        let mut out = Vec::new();
        put(u32::MAX, &[7; 100], &mut out).expect("it is not too large");
        let come = all(&out).expect("it is not too large");
        assert!(matches!(&come[..], [Frame::Message { body, .. }] if body[..] == [7; 100]));
        let before = out.clone();
        assert_eq!(put(u32::MAX, &[7; 101], &mut out), Err(TooLarge));
        assert_eq!(out, before);
        put_message(u32::MAX, &Raw(&[7; 101]), 101, &mut out).expect("it is allowed here");
        assert_eq!(all(&out), Err(BadFrame::TooLarge));
    }

    #[test]
    fn what_has_no_kind_no_count_or_no_room_for_a_sum_is_malformed() {
        let framed = |content: &[u8]| {
            let sum = crc32fast::hash(content).to_be_bytes();
            let length = (content.len() as u32 + 4).to_be_bytes();
            [&length, content, &sum].concat()
        };
        for content in [&[][..], &[3], &[PING, 0], &[MESSAGE], &[MESSAGE, 0, 9], &[MESSAGE, 0x80]] {
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
        fn one_flipped_bit_never_makes_another_message(
            body in proptest::collection::vec(any::<u8>(), 0..60),
            count in 1_u32..,
            bit in any::<prop::sample::Index>(),
        ) {
            let mut out = Vec::new();
            put(count, &body, &mut out).expect("it is not too large");
            let bit = bit.index(out.len() * 8);
            out[bit / 8] ^= 1 << (bit % 8);
            if let Ok(found) = all(&out) {
                prop_assert_eq!(found, vec![], "only a length can be off, and then it is waited for more");
            }
        }

        #[test]
        fn frames_come_as_they_were_put_however_the_bytes_are_cut(
            bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..8),
            cut in 1_usize..20,
        ) {
            let mut out = Vec::new();
            for (count, body) in (1..).zip(&bodies) {
                put(count, body, &mut out).expect("it is not too large");
            }
            let (mut arrived, mut found) = (Vec::new(), 0);
            for part in out.chunks(cut) {
                arrived.extend_from_slice(part);
                let mut rest = &arrived[..];
                while let Some((frame, after)) = first(rest, 100).expect("it is right") {
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
