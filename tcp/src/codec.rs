//! The form in which everything is sent and kept: postcard's.

use postcard::ser_flavors::Flavor;
use postcard::{Error, serialize_with_flavor};
use serde::{Deserialize, Serialize};

/// Appends a value's bytes. After an error some of them may be there.
pub(crate) fn append<T: Serialize + ?Sized>(to: &mut Vec<u8>, value: &T) -> Result<(), Error> {
    append_within(to, value, usize::MAX)
}

/// Appends a value's bytes, unless `to` would then be longer than `most`.
/// After an error some of them may be there.
pub(crate) fn append_within<T: Serialize + ?Sized>(
    to: &mut Vec<u8>,
    value: &T,
    most: usize,
) -> Result<(), Error> {
    serialize_with_flavor(value, End { to, most })
}

/// The value of which these are all the bytes.
pub(crate) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Some(value),
        _ => None,
    }
}

/// The end of somebody else's buffer.
struct End<'a> {
    to: &'a mut Vec<u8>,
    most: usize,
}

impl Flavor for End<'_> {
    type Output = ();

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > self.most.saturating_sub(self.to.len()) {
            return Err(Error::SerializeBufferFull);
        }
        self.to.extend_from_slice(bytes);
        Ok(())
    }

    #[inline]
    fn try_push(&mut self, byte: u8) -> Result<(), Error> {
        if self.to.len() >= self.most {
            return Err(Error::SerializeBufferFull);
        }
        self.to.push(byte);
        Ok(())
    }

    fn finalize(self) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_room_to_the_last_byte_and_not_beyond() {
        for (most, fits) in [(8, true), (7, false)] {
            let mut to = vec![1, 2];
            assert_eq!(append_within(&mut to, &("hello", ()), most).is_ok(), fits);
        }
        let mut to = vec![9; 5];
        assert_eq!(append_within(&mut to, &7_u8, 5), Err(Error::SerializeBufferFull));
    }
}
