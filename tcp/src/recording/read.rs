use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::error::file;
use super::format::{HEADER, KIND, STEP, VERSION};
use super::{Header, RecordedInput, RecordingError, RecordingFlaw, Step};
use crate::codec;
use crate::disk::records::{Record, Records};
use crate::disk::{Damage, Flaw};

/// All that a file has recorded of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The node's lives, in order.
    pub lives: Vec<Life>,
    /// How many bytes were left out at the end: those of a step that the
    /// process was about to write when it was killed, and that nobody saw the
    /// effects of.
    pub torn: Option<u64>,
}

/// One incarnation of a node, from its start on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// Who it was.
    pub header: Header,
    /// What happened to it, in order; the first is a start.
    pub steps: Vec<Step>,
}

impl Recording {
    /// Reads a file, all of which must fit in memory.
    pub fn read(path: &Path) -> Result<Self, RecordingError> {
        let bytes = fs::read(path).map_err(|error| file("read it")(error).at(path))?;
        Self::from_bytes(&bytes).map_err(|flaw| flaw.at(path))
    }

    /// Is this what a recording begins with? Of anything else it can be said
    /// without reading on.
    #[must_use]
    pub fn is_recording(bytes: &[u8]) -> bool {
        !bytes.is_empty() && is_begun(bytes)
    }

    /// Reads what stands in a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordingFlaw> {
        let mut lives: Vec<Life> = Vec::new();
        let mut records = Records::new(bytes);
        for record in &mut records {
            let record = record.map_err(|damage| no_recording(damage, bytes))?;
            match (record.payload.split_first(), lives.last_mut()) {
                (Some((&HEADER, rest)), _) => {
                    lives.push(Life { header: header(rest, record)?, steps: Vec::new() });
                }
                (Some((&STEP, rest)), Some(life)) => {
                    let step: Step = codec::read(rest).ok_or(meaning(record))?;
                    let is_start = matches!(step.input, RecordedInput::Start { .. });
                    if is_start != life.steps.is_empty() {
                        return Err(meaning(record));
                    }
                    life.steps.push(step);
                }
                (_, None) => return Err(RecordingFlaw::NotARecording),
                (_, Some(_)) => return Err(meaning(record)),
            }
        }
        let torn = records.torn();
        if lives.is_empty() && torn.is_some() && !is_begun(bytes) {
            return Err(RecordingFlaw::NotARecording);
        }
        Ok(Self { lives, torn })
    }
}

/// A header without the byte that says it is one.
pub(super) fn header(bytes: &[u8], of: Record<'_>) -> Result<Header, RecordingFlaw> {
    let (kind, rest): (&str, _) = take(bytes, of)?;
    if kind != KIND {
        return Err(RecordingFlaw::NotARecording);
    }
    // Of another version nothing more is known than that it has a number.
    let (version, rest) = take(rest, of)?;
    if version != VERSION {
        return Err(RecordingFlaw::Version(version));
    }
    codec::read(rest).ok_or(meaning(of))
}

/// Is the torn record at the beginning a recording's, or are these bytes of
/// anything?
pub(super) fn is_begun(bytes: &[u8]) -> bool {
    let mut describe = vec![HEADER, KIND.len() as u8];
    describe.extend(KIND.as_bytes());
    bytes.is_empty() || bytes.get(8..).is_some_and(|rest| rest.starts_with(&describe))
}

/// Damage, if there is a recording that can be damaged.
pub(super) fn no_recording(damage: Damage, bytes: &[u8]) -> RecordingFlaw {
    if damage.at == 0 && !is_begun(bytes) {
        RecordingFlaw::NotARecording
    } else {
        RecordingFlaw::Damaged(damage)
    }
}

fn take<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    of: Record<'_>,
) -> Result<(T, &'a [u8]), RecordingFlaw> {
    postcard::take_from_bytes(bytes).map_err(|_| meaning(of))
}

pub(super) fn meaning(of: Record<'_>) -> RecordingFlaw {
    RecordingFlaw::Damaged(Damage { at: of.at, flaw: Flaw::Undecodable })
}
