use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use rehearsal_machine::{Effect, Time};
use rustix::fs::{FlockOperation, flock};

use super::error::file;
use super::format::{HEADER, KIND, STEP, VERSION};
use super::read::{header, is_begun, meaning, no_recording};
use super::{Drawn, Header, Outcome, RecordedInput, RecordingError, RecordingFlaw, effect};
use crate::disk::records::{self, Records, TooLong};
use crate::{RealMachine, codec};

/// Writes down what happens to a node.
///
/// Whatever a step led to may leave the node only after a [`Self::flush`] that
/// comes after the step.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    pub(super) file: File,
    torn: Option<u64>,
    /// What is not written yet.
    waiting: Vec<u8>,
    /// An effect's bytes; kept, as the other, so that a step does not allocate.
    scratch: Vec<u8>,
    has_failed: bool,
}

impl Recorder {
    /// Begins the recording of a node's next life, at the end of a file that
    /// has earlier ones, or of a new one.
    ///
    /// A step that was torn when an earlier life was killed is cut off;
    /// [`Self::torn`] tells. A file that is no recording, or one of somebody
    /// else, or damaged, is left alone and an error.
    pub fn open(path: &Path, header: &Header) -> Result<Self, RecordingError> {
        Self::try_open(path, header).map_err(|flaw| flaw.at(path))
    }

    fn try_open(path: &Path, header: &Header) -> Result<Self, RecordingFlaw> {
        let opened = OpenOptions::new().read(true).append(true).create(true).open(path);
        let mut file = opened.map_err(self::file("open it"))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(RecordingFlaw::InUse),
            Err(error) => return Err(self::file("lock it")(error.into())),
        }
        let mut earlier = Vec::new();
        file.read_to_end(&mut earlier).map_err(self::file("read it"))?;
        let (end, torn) = check(&earlier, header)?;
        if torn.is_some() {
            file.set_len(end).map_err(self::file("cut it off"))?;
        }
        let mut recorder = Self {
            path: path.to_owned(),
            file,
            torn,
            waiting: Vec::new(),
            scratch: Vec::new(),
            has_failed: false,
        };
        records::append(&mut recorder.waiting, |to| {
            Ok::<_, RecordingFlaw>(codec::append(to, &(HEADER, KIND, VERSION, header))?)
        })?;
        recorder.try_flush()?;
        Ok(recorder)
    }

    /// How many bytes were cut off when the file was opened: those of a step
    /// that a killed process did not write to its end.
    #[must_use]
    pub fn torn(&self) -> Option<u64> {
        self.torn
    }

    /// Notes an input that came at this time of the node's clock, what the
    /// machine drew, and what it asked for with what was made of it, all in
    /// order. After an error everything later fails, too, and what was not
    /// flushed is lost.
    pub fn step<'a, M: RealMachine + 'a>(
        &mut self,
        at: Time,
        input: &RecordedInput,
        draws: &[Drawn],
        effects: impl ExactSizeIterator<Item = (&'a Effect<M>, Outcome)>,
    ) -> Result<(), RecordingError> {
        let scratch = &mut self.scratch;
        if self.has_failed {
            return Err(RecordingFlaw::Stopped.at(&self.path));
        }
        let done = records::append(&mut self.waiting, |to| {
            codec::append(to, &(STEP, at, input, draws, effects.len()))?;
            for (effect, outcome) in effects {
                scratch.clear();
                effect::append(scratch, effect)?;
                codec::append(to, &scratch.len())?;
                to.extend_from_slice(scratch);
                codec::append(to, &outcome)?;
            }
            Ok::<_, RecordingFlaw>(())
        });
        self.has_failed = done.is_err();
        done.map_err(|flaw| flaw.at(&self.path))
    }

    /// Writes all that is noted, at once. After an error everything later
    /// fails, too.
    pub fn flush(&mut self) -> Result<(), RecordingError> {
        self.try_flush().map_err(|flaw| flaw.at(&self.path))
    }

    fn try_flush(&mut self) -> Result<(), RecordingFlaw> {
        if self.has_failed {
            return Err(RecordingFlaw::Stopped);
        }
        if let Err(error) = self.file.write_all(&self.waiting) {
            self.has_failed = true;
            return Err(self::file("write it")(error));
        }
        self.waiting.clear();
        Ok(())
    }
}

/// Can the recording of this node go on here? Gives where its last whole record
/// ends, and how many bytes follow.
fn check(earlier: &[u8], wanted: &Header) -> Result<(u64, Option<u64>), RecordingFlaw> {
    let mut records = Records::new(earlier);
    match records.next() {
        None if is_begun(earlier) => return Ok((0, records.torn())),
        None => return Err(RecordingFlaw::NotARecording),
        Some(first) => {
            let first = first.map_err(|damage| no_recording(damage, earlier))?;
            let Some((&HEADER, rest)) = first.payload.split_first() else {
                return Err(RecordingFlaw::NotARecording);
            };
            let found = header(rest, first)?;
            if (&found.protocol, found.node) != (&wanted.protocol, wanted.node) {
                return Err(RecordingFlaw::OtherNode {
                    protocol: found.protocol,
                    node: found.node,
                });
            }
        }
    }
    for record in &mut records {
        let record = record?;
        if !matches!(record.payload.first(), Some(&(HEADER | STEP))) {
            return Err(meaning(record));
        }
    }
    Ok((records.end(), records.torn()))
}

impl From<TooLong> for RecordingFlaw {
    fn from(_: TooLong) -> Self {
        Self::TooLong
    }
}

impl From<postcard::Error> for RecordingFlaw {
    fn from(error: postcard::Error) -> Self {
        Self::Unserializable(error)
    }
}
