//! Frames: a length (four bytes, the highest first), then so many bytes: what
//! kind of frame it is, for a message its count on the link as a postcard
//! varint and its postcard form, and the CRC-32 of all these (four bytes, the
//! highest first). TLS has better check sums; plain TCP does not.

use bytes::{BufMut as _, BytesMut};
use tokio_util::codec::{Decoder as _, LengthDelimitedCodec};

/// What a frame has beside its message: kind, count and check sum.
const AROUND: usize = 1 + 5 + 4;

const MESSAGE: u8 = 0;
const PING: u8 = 1;
const BYE: u8 = 2;

/// One frame as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A message, still as bytes.
    Message {
        /// Its place among all that its sender, in this life of it, said to us, from 1.
        count: u32,
        /// Its postcard form.
        body: BytesMut,
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
    /// Its check sum is another one.
    Corrupt,
    /// It is of no kind, or it has no count.
    Malformed,
}

/// Finds frames in what arrives.
pub(crate) struct Frames {
    codec: LengthDelimitedCodec,
}

impl Frames {
    pub(crate) fn new(max_message: u32) -> Self {
        let most = AROUND + max_message as usize;
        Self { codec: LengthDelimitedCodec::builder().max_frame_length(most).new_codec() }
    }

    /// The next frame, if all of it is there.
    pub(crate) fn next(&mut self, arrived: &mut BytesMut) -> Result<Option<Frame>, BadFrame> {
        match self.codec.decode(arrived) {
            Ok(None) => Ok(None),
            Ok(Some(frame)) => parse(frame).map(Some),
            Err(_) => Err(BadFrame::TooLarge),
        }
    }
}

fn parse(mut frame: BytesMut) -> Result<Frame, BadFrame> {
    let content = frame.len().checked_sub(4).ok_or(BadFrame::Malformed)?;
    let sum = frame.split_off(content);
    if crc32fast::hash(&frame).to_be_bytes() != *sum {
        return Err(BadFrame::Corrupt);
    }
    match *frame {
        [PING] => Ok(Frame::Ping),
        [BYE] => Ok(Frame::Bye),
        [MESSAGE, ref rest @ ..] => {
            let (count, body) =
                postcard::take_from_bytes::<u32>(rest).map_err(|_| BadFrame::Malformed)?;
            if count == 0 {
                return Err(BadFrame::Malformed);
            }
            let body = frame.split_off(frame.len() - body.len());
            Ok(Frame::Message { count, body })
        }
        _ => Err(BadFrame::Malformed),
    }
}

/// Puts the frame of a message at the end of `out`.
pub(crate) fn put_message(count: u32, body: &[u8], out: &mut BytesMut) {
    let mut room = [0; 5];
    // A varint of 32 bits has five bytes at most.
    let count = postcard::to_slice(&count, &mut room).expect("a count has room");
    put(MESSAGE, count, body, out);
}

/// Puts a frame there that says that we are there.
pub(crate) fn put_ping(out: &mut BytesMut) {
    put(PING, &[], &[], out);
}

/// Puts a frame there that says that we stop.
pub(crate) fn put_bye(out: &mut BytesMut) {
    put(BYE, &[], &[], out);
}

fn put(kind: u8, count: &[u8], body: &[u8], out: &mut BytesMut) {
    let length = 1 + count.len() + body.len() + 4;
    out.reserve(4 + length);
    out.put_u32(length as u32);
    let start = out.len();
    out.put_u8(kind);
    out.put_slice(count);
    out.put_slice(body);
    let sum = crc32fast::hash(&out[start..]);
    out.put_u32(sum);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8]) -> Result<Vec<Frame>, BadFrame> {
        let (mut frames, mut arrived) = (Frames::new(100), BytesMut::from(bytes));
        let mut found = Vec::new();
        while let Some(frame) = frames.next(&mut arrived)? {
            found.push(frame);
        }
        Ok(found)
    }

    #[test]
    fn frames_have_these_bytes_for_ever() {
        let mut out = BytesMut::new();
        put_message(300, b"hello", &mut out);
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
        let mut out = BytesMut::new();
        put_message(u32::MAX, &[7; 100], &mut out);
        let come = all(&out).expect("it is not too large");
        assert!(matches!(&come[..], [Frame::Message { body, .. }] if body[..] == [7; 100]));
        let mut out = BytesMut::new();
        put_message(u32::MAX, &[7; 101], &mut out);
        assert_eq!(all(&out), Err(BadFrame::TooLarge));
    }

    #[test]
    fn what_has_no_kind_no_count_or_no_room_for_a_sum_is_malformed() {
        let framed = |content: &[u8]| {
            let sum = crc32fast::hash(content).to_be_bytes();
            let length = (content.len() as u32 + 4).to_be_bytes();
            all(&[&length, content, &sum].concat())
        };
        for content in [&[][..], &[3], &[PING, 0], &[MESSAGE], &[MESSAGE, 0, 9], &[MESSAGE, 0x80]] {
            assert_eq!(framed(content), Err(BadFrame::Malformed), "{content:?}");
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
            let mut out = BytesMut::new();
            put_message(count, &body, &mut out);
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
            let mut out = BytesMut::new();
            for (count, body) in (1..).zip(&bodies) {
                put_message(count, body, &mut out);
            }
            let (mut frames, mut arrived, mut found) = (Frames::new(100), BytesMut::new(), Vec::new());
            for part in out.chunks(cut) {
                arrived.extend_from_slice(part);
                while let Some(frame) = frames.next(&mut arrived).expect("it is right") {
                    found.push(frame);
                }
            }
            let put = (1..).zip(&bodies).map(|(count, body)| Frame::Message { count, body: body[..].into() });
            prop_assert_eq!(found, put.collect::<Vec<_>>());
        }
    }
}
