use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::error::io_error;
use super::format::{HEADER, KIND, OLDEST, STEP, VERSION};
use super::{Header, RecordedInput, RecordingError, RecordingFlaw, Step};
use crate::codec;
use crate::disk::records::{Record, Records};
use crate::disk::{Damage, Flaw};

/// The recording of a node: the content of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The recorded lives of the node, in order.
    pub lives: Vec<Life>,
    /// The length in bytes of an incomplete step at the end, which was dropped, if there is one. The
    /// process was killed while it wrote the step, before any effect of it could be observed.
    pub torn: Option<u64>,
}

/// One recorded incarnation of a node, from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The node and its configuration.
    pub header: Header,
    /// The steps, in order. The first input is a start.
    pub steps: Vec<Step>,
}

impl Recording {
    /// Reads a recording file, which must fit into memory.
    pub fn read(path: &Path) -> Result<Self, RecordingError> {
        let bytes = fs::read(path).map_err(|error| io_error("read it")(error).at(path))?;
        Self::from_bytes(&bytes).map_err(|flaw| flaw.at(path))
    }

    /// Do these bytes, the beginning of a file, identify it as a recording?
    #[must_use]
    pub fn is_recording(bytes: &[u8]) -> bool {
        !bytes.is_empty() && begins_as_recording(bytes)
    }

    /// Decodes the content of a recording file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordingFlaw> {
        let mut lives: Vec<Life> = Vec::new();
        let mut records = Records::new(bytes);
        for record in &mut records {
            let record = record.map_err(|damage| damaged(damage, bytes))?;
            match (record.payload.split_first(), lives.last_mut()) {
                (Some((&HEADER, rest)), _) => {
                    lives.push(Life { header: header(rest, record)?, steps: Vec::new() });
                }
                (Some((&STEP, rest)), Some(life)) => {
                    let step: Step = codec::read(rest).ok_or(undecodable(record))?;
                    let is_start = matches!(step.input, RecordedInput::Start { .. });
                    if is_start != life.steps.is_empty() {
                        return Err(undecodable(record));
                    }
                    life.steps.push(step);
                }
                (_, None) => return Err(RecordingFlaw::NotARecording),
                (_, Some(_)) => return Err(undecodable(record)),
            }
        }
        let torn = records.torn();
        if lives.is_empty() && torn.is_some() && !begins_as_recording(bytes) {
            return Err(RecordingFlaw::NotARecording);
        }
        Ok(Self { lives, torn })
    }
}

/// Decodes a header record, without its first byte.
pub(super) fn header(bytes: &[u8], of: Record<'_>) -> Result<Header, RecordingFlaw> {
    let (kind, rest): (&str, _) = take(bytes, of)?;
    if kind != KIND {
        return Err(RecordingFlaw::NotARecording);
    }
    // The format of another version is unknown from here on.
    let (version, rest) = take(rest, of)?;
    if !(OLDEST..=VERSION).contains(&version) {
        return Err(RecordingFlaw::Version(version));
    }
    codec::read(rest).ok_or(undecodable(of))
}

/// Is the file empty, or does its first record, which may be torn, begin as a recording's?
pub(super) fn begins_as_recording(bytes: &[u8]) -> bool {
    let mut magic = vec![HEADER, KIND.len() as u8];
    magic.extend(KIND.as_bytes());
    bytes.is_empty() || bytes.get(8..).is_some_and(|rest| rest.starts_with(&magic))
}

/// The flaw of a file with this damage: if it does not begin as a recording, it is not a recording.
pub(super) fn damaged(damage: Damage, bytes: &[u8]) -> RecordingFlaw {
    if damage.at == 0 && !begins_as_recording(bytes) {
        RecordingFlaw::NotARecording
    } else {
        RecordingFlaw::Damaged(damage)
    }
}

fn take<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    of: Record<'_>,
) -> Result<(T, &'a [u8]), RecordingFlaw> {
    postcard::take_from_bytes(bytes).map_err(|_| undecodable(of))
}

pub(super) fn undecodable(of: Record<'_>) -> RecordingFlaw {
    RecordingFlaw::Damaged(Damage { at: of.at, flaw: Flaw::Undecodable })
}
