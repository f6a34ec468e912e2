//! What names a configuration: all that the nodes of a cluster must agree about.
//!
//! BLAKE3 of the protocol's name, of the words of the fields `protocol` and
//! `network` without what stands between them, of how many nodes there are,
//! and of the texts of the files that were read. Two texts that mean the same
//! in other words, such as `1s` and `1000ms`, have two digests: that errs on
//! the side of keeping strangers out.

use std::sync::Arc;

use rehearsal_sim::source::{Path, locate, words};

/// What comes before all else: another way to make digests is another version.
const DOMAIN: &str = "rehearsal roster 1";

pub(super) fn of(
    protocol: &str,
    source: &str,
    nodes: u32,
    files: &[(String, Arc<str>)],
) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    // Each part says how long it is, so that no two lists of parts are one text.
    let mut part = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(DOMAIN);
    part(protocol);
    for field in ["protocol", "network"] {
        let value = locate(source, &Path::root().field(field)).unwrap_or(0..0);
        let words = words(&source[value]);
        part(&words.len().to_string());
        for word in words {
            part(word);
        }
    }
    part(&nodes.to_string());
    part(&files.len().to_string());
    for (_, text) in files {
        part(text);
    }
    *hasher.finalize().as_bytes()
}

/// A digest as rosters write it: 64 hexadecimal digits.
#[must_use]
pub fn text(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn parse(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).map(|value| value as u8)).collect();
    let digits: [u8; 64] = digits?.try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Some(bytes)
}
