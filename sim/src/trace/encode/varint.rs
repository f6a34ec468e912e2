/// Seven bits a byte, the low ones first; the high bit of a byte tells that
/// more follow (LEB128).
#[inline]
pub(super) fn append_varint(bytes: &mut Vec<u8>, number: u64) {
    if number < 0x80 { bytes.push(number as u8) } else { append_long(bytes, number) }
}

#[inline(never)]
fn append_long(bytes: &mut Vec<u8>, number: u64) {
    let bits = u64::BITS - number.leading_zeros();
    if bits <= 56 {
        // A seventh, rounded up, of what is at most 56.
        let length = (bits * 9 + 64) >> 6;
        let more = MORE & ((1 << (8 * (length - 1))) - 1);
        append_8(bytes, spread(number) | more);
        bytes.truncate(bytes.len() - (8 - length as usize));
    } else {
        append_8(bytes, spread(number & ((1 << 56) - 1)) | MORE);
        let rest = (number >> 56) as u8;
        if rest < 0x80 {
            bytes.push(rest);
        } else {
            bytes.extend_from_slice(&[rest, 1]);
        }
    }
}

/// Eight bytes at once, of which some may be taken back: a copy whose
/// length is not known beforehand costs more.
#[inline]
fn append_8(bytes: &mut Vec<u8>, word: u64) {
    bytes.extend_from_slice(&word.to_le_bytes());
}

const MORE: u64 = 0x8080_8080_8080_8080;

/// Eight groups of seven bits, each in a byte of its own.
#[inline]
fn spread(bits: u64) -> u64 {
    let halves = bits & 0x0fff_ffff | (bits & 0x00ff_ffff_f000_0000) << 4;
    let quarters = halves & 0x0000_3fff_0000_3fff | (halves & 0x0fff_c000_0fff_c000) << 2;
    quarters & 0x007f_007f_007f_007f | (quarters & 0x3f80_3f80_3f80_3f80) << 1
}

/// Small numbers of either sign become small ones.
pub(super) fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63).cast_unsigned()
}
