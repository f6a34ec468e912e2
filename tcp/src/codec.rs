//! Encodes and decodes all values that are sent, saved or recorded, with postcard.

use postcard::ser_flavors::Flavor;
use postcard::{Error, serialize_with_flavor};
use serde::{Deserialize, Serialize};

/// Appends a value's encoding to `to`. After an error part of it may have been appended.
pub(crate) fn append<T: Serialize + ?Sized>(to: &mut Vec<u8>, value: &T) -> Result<(), Error> {
    append_within(to, value, usize::MAX)
}

/// Appends a value's encoding to `to`, which must not become longer than `limit` bytes.
/// After an error part of it may have been appended.
pub(crate) fn append_within<T: Serialize + ?Sized>(
    to: &mut Vec<u8>,
    value: &T,
    limit: usize,
) -> Result<(), Error> {
    serialize_with_flavor(value, Appender { to, limit })
}

/// Decodes a value from its encoding; `None` if the bytes are no encoding, or more than one.
pub(crate) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Some(value),
        _ => None,
    }
}

/// Appends to a borrowed buffer, up to a limit.
struct Appender<'a> {
    to: &'a mut Vec<u8>,
    limit: usize,
}

impl Flavor for Appender<'_> {
    type Output = ();

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > self.limit.saturating_sub(self.to.len()) {
            return Err(Error::SerializeBufferFull);
        }
        self.to.extend_from_slice(bytes);
        Ok(())
    }

    #[inline]
    fn try_push(&mut self, byte: u8) -> Result<(), Error> {
        if self.to.len() >= self.limit {
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
    fn a_value_may_fill_the_buffer_to_its_limit_and_not_beyond() {
        for (limit, fits) in [(8, true), (7, false)] {
            let mut to = vec![1, 2];
            assert_eq!(append_within(&mut to, &("hello", ()), limit).is_ok(), fits);
        }
        let mut to = vec![9; 5];
        assert_eq!(append_within(&mut to, &7_u8, 5), Err(Error::SerializeBufferFull));
    }
}
