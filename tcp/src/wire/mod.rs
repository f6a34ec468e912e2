//! What goes over a link, byte by byte.
//!
//! First a handshake of three short words ([`hello`]), in which each side tells
//! who it is and learns whether it is wanted; then [`frame`]s, each with one
//! message, its count on the link, and a checksum.

pub(crate) mod frame;
#[cfg(test)]
mod fuzz;
pub(crate) mod hello;

use serde::Serialize;

/// A word of a handshake as bytes.
pub(crate) fn encode(word: &impl Serialize) -> Vec<u8> {
    // Numbers, short strings and lists of them: nothing in them can refuse.
    postcard::to_stdvec(word).expect("a word of the handshake can be written")
}
