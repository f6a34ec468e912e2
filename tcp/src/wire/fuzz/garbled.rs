//! Generators of frames and handshake messages, valid and damaged in every way.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng as _;

use super::oracle;
use crate::wire::frame::BadFrame;

/// A uniform number below `bound`.
pub(super) fn below(random: &mut ChaCha8Rng, bound: u32) -> u32 {
    ((u64::from(random.next_u32()) * u64::from(bound)) >> 32) as u32
}

fn some(random: &mut ChaCha8Rng, most: u32) -> Vec<u8> {
    let mut bytes = vec![0; below(random, most + 1) as usize];
    random.fill_bytes(&mut bytes);
    bytes
}

/// One to three frames, with messages around the maximum size, often damaged.
pub(super) fn frames(random: &mut ChaCha8Rng, max: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..=below(random, 2) {
        let content = match below(random, 8) {
            0 => vec![1],
            1 => vec![2],
            2 => some(random, max as u32 + 13),
            3 => {
                let commits = number(random, 64);
                [vec![3], varint(random, commits)].concat()
            }
            _ => {
                let count = number(random, 32);
                [vec![0], varint(random, count), some(random, max as u32 + 2)].concat()
            }
        };
        bytes.extend((content.len() as u32 + 4).to_be_bytes());
        let sum = oracle::checksum(&content).to_be_bytes();
        bytes.extend(content);
        bytes.extend(sum);
    }
    damage(random, &mut bytes);
    if below(random, 8) == 0 && bytes.len() >= 4 {
        let length = match below(random, 3) {
            0 => random.next_u32(),
            1 => below(random, 2 * max as u32),
            _ => below(random, 4),
        };
        bytes[..4].copy_from_slice(&length.to_be_bytes());
    }
    bytes
}

/// A handshake message, often damaged.
pub(super) fn message(random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = match below(random, 5) {
        0 => {
            let refusal = below(random, 13);
            let mut bytes = [varint(random, 1), varint(random, refusal.into())].concat();
            if refusal == 10 {
                bytes.extend(address(random));
            }
            bytes
        }
        1 => {
            let version = number(random, 16);
            let mut bytes = [varint(random, 0), varint(random, version), life(random)].concat();
            for bits in [64, 64] {
                let number = number(random, bits);
                bytes.extend(varint(random, number));
            }
            bytes
        }
        2 => {
            let echo = number(random, 64);
            [varint(random, 0), varint(random, echo)].concat()
        }
        _ => hello(random),
    };
    damage(random, &mut bytes);
    bytes
}

fn hello(random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = b"RHSL".to_vec();
    for usual in [2, 3] {
        let version = usual + below(random, 8) / 6;
        bytes.extend((version as u16).to_be_bytes());
    }
    let name = below(random, 70);
    bytes.extend(varint(random, name.into()));
    bytes.extend((0..name).map(|_| b'a' + below(random, 26) as u8));
    for _ in 0..2 {
        let number = number(random, 32);
        bytes.extend(varint(random, number));
    }
    bytes.extend(address(random));
    bytes.extend(life(random));
    bytes.extend([below(random, 256) as u8; 32]);
    let others = below(random, 11);
    bytes.extend(varint(random, others.into()));
    for _ in 0..others {
        bytes.extend([below(random, 256) as u8; 32]);
    }
    let nonce = number(random, 64);
    bytes.extend(varint(random, nonce));
    bytes
}

/// An address of either version, sometimes of a third.
fn address(random: &mut ChaCha8Rng) -> Vec<u8> {
    let kind = below(random, 9) / 4;
    let mut ip = vec![0; [4, 16, 7][kind as usize]];
    random.fill_bytes(&mut ip);
    let port = number(random, 16);
    [varint(random, kind.into()), ip, varint(random, port)].concat()
}

/// A life, and some of its store's past.
fn life(random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = vec![below(random, 256) as u8; 16];
    for bits in [32, 64] {
        let number = number(random, bits);
        bytes.extend(varint(random, number));
    }
    bytes.push((below(random, 20) / 8) as u8);
    let past = below(random, 5);
    bytes.extend(varint(random, past.into()));
    for _ in 0..2 * past {
        let number = number(random, 64);
        bytes.extend(varint(random, number));
    }
    bytes
}

/// A number of at most `bits` bits; every length in bits is equally likely.
fn number(random: &mut ChaCha8Rng, bits: u32) -> u64 {
    random.next_u64() >> (64 - bits + below(random, bits))
}

/// A varint, sometimes longer than necessary.
fn varint(random: &mut ChaCha8Rng, mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 || below(random, 40) == 0 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn damage(random: &mut ChaCha8Rng, bytes: &mut Vec<u8>) {
    match below(random, 8) {
        0 => *bytes = some(random, 80),
        1 => bytes.truncate(below(random, bytes.len() as u32 + 1) as usize),
        2 => bytes.extend(some(random, 20)),
        3 => {
            for _ in 0..=below(random, 3) {
                let bit = below(random, bytes.len() as u32 * 8);
                bytes[bit as usize / 8] ^= 1 << (bit % 8);
            }
        }
        4 => {
            let place = below(random, bytes.len() as u32) as usize;
            bytes[place] = [0, 0x7f, 0x80, 0xff][below(random, 4) as usize];
        }
        _ => {}
    }
}

/// Counts how the cases ended, to assert that every way was exercised.
#[derive(Default)]
pub(super) struct Kinds {
    ends: BTreeMap<String, u64>,
    frames: u64,
}

impl Kinds {
    pub(super) fn note(&mut self, end: Option<BadFrame>, frames: usize) {
        let name = format!("{end:?}");
        *self.ends.entry(name).or_default() += 1;
        self.frames += frames as u64;
    }

    pub(super) fn assert_all_common(&self, cases: u64) {
        assert_eq!(self.ends.len(), 4, "{:?}", self.ends);
        assert!(self.ends.values().all(|times| *times > cases / 100), "{:?}", self.ends);
        assert!(self.frames > cases / 2, "{}", self.frames);
    }
}
