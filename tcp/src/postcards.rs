//! The form in which everything is sent and kept: postcard's.

use postcard::{Error, to_extend};
use serde::{Deserialize, Serialize};

/// Appends a value's bytes. After an error some of them may be there.
pub(crate) fn append<T: Serialize + ?Sized>(to: &mut Vec<u8>, value: &T) -> Result<(), Error> {
    /// Keeps the buffer ours: of an error postcard gives nothing back.
    struct Borrowed<'a>(&'a mut Vec<u8>);
    impl Extend<u8> for Borrowed<'_> {
        fn extend<I: IntoIterator<Item = u8>>(&mut self, bytes: I) {
            self.0.extend(bytes);
        }
    }
    to_extend(value, Borrowed(to)).map(|_| ())
}

/// The value of which these are all the bytes.
pub(crate) fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Some(value),
        _ => None,
    }
}
