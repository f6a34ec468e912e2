use alloc::sync::Arc;

/// What messages carry for their owners.
pub trait Content: Clone {
    /// The most bytes that it takes on the wire, where integers have a variable length
    /// of seven bits a byte (as in postcard or LEB128).
    fn max_bytes(&self) -> u64;
}

impl Content for Arc<str> {
    fn max_bytes(&self) -> u64 {
        MAX_INTEGER_BYTES + self.len() as u64
    }
}

impl Content for u64 {
    fn max_bytes(&self) -> u64 {
        MAX_INTEGER_BYTES
    }
}

/// A number of 64 bits.
pub(crate) const MAX_INTEGER_BYTES: u64 = 10;
