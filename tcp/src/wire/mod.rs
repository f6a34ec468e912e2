//! The byte format of a link.
//!
//! A link begins with a handshake of three messages ([`hello`]), in which the two nodes identify
//! themselves and agree on a version. Then follow [`frame`]s: messages, and what else
//! a link must tell.

pub(crate) mod frame;
#[cfg(test)]
mod fuzz;
pub(crate) mod hello;
pub(crate) mod refusal;

use serde::Serialize;

/// Encodes a handshake message.
pub(crate) fn encode(message: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(message).expect("numbers, strings and lists of them always serialize")
}
