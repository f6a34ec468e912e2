use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use rehearsal_machine::{Effect, Time};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::error::io_error;
use super::format::{HEADER, KIND, STEP, VERSION, append_effect};
use super::reader::{begins_as_recording, damaged, header, undecodable};
use super::{Drawn, Header, Outcome, RecordedInput, RecordingError, RecordingFlaw};
use crate::disk::records::{self, Records, TooLong};
use crate::disk::syscalls::private;
use crate::{RealMachine, codec};

/// Records the steps of a node into a file.
///
/// No effect of a step may be observed before a [`Self::flush`] that follows the step.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    pub(super) file: File,
    torn: Option<u64>,
    /// The records that are not written yet.
    waiting: Vec<u8>,
    /// A buffer for an encoded effect. Both buffers are kept, so that a step does not allocate.
    scratch: Vec<u8>,
    has_failed: bool,
}

impl Recorder {
    /// Begins the recording of a node's next life, at the end of the file, which is created if it
    /// does not exist.
    ///
    /// An incomplete step at the end of the file is cut off; see [`Self::torn`]. A file that is
    /// damaged, or is not a recording of this node and protocol, is an error and stays as it is.
    /// The life itself is written with its first [`Self::flush`], so that a node that cannot start
    /// leaves no empty life. The file is created for its owner alone, and must not be a symbolic
    /// link.
    pub fn open(path: &Path, header: &Header) -> Result<Self, RecordingError> {
        Self::try_open(path, header).map_err(|flaw| flaw.at(path))
    }

    fn try_open(path: &Path, header: &Header) -> Result<Self, RecordingFlaw> {
        // To open a pipe would wait for its other end.
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(RecordingFlaw::NotAFile);
        }
        let opened = private().read(true).append(true).create(true).open(path);
        let mut file = opened.map_err(|error| match Errno::from_io_error(&error) {
            Some(Errno::LOOP) => RecordingFlaw::SymbolicLink,
            _ => io_error("open it")(error),
        })?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(RecordingFlaw::InUse),
            Err(error) => return Err(io_error("lock it")(error.into())),
        }
        let mut earlier = Vec::new();
        file.read_to_end(&mut earlier).map_err(io_error("read it"))?;
        let (end, torn) = check(&earlier, header)?;
        if torn.is_some() {
            file.set_len(end).map_err(io_error("cut it off"))?;
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
        Ok(recorder)
    }

    /// The length in bytes of the incomplete step that was cut off when the file was opened, if
    /// there was one. A process was killed while it wrote the step.
    #[must_use]
    pub fn torn(&self) -> Option<u64> {
        self.torn
    }

    /// Records a step: an input at this time of the node's clock, the numbers that the machine drew,
    /// and its effects with their outcomes, in order.
    ///
    /// After an error every later call fails, and the steps that were not flushed are lost.
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
                append_effect(scratch, effect)?;
                codec::append(to, &scratch.len())?;
                to.extend_from_slice(scratch);
                codec::append(to, &outcome)?;
            }
            Ok::<_, RecordingFlaw>(())
        });
        self.has_failed = done.is_err();
        done.map_err(|flaw| flaw.at(&self.path))
    }

    /// Writes all recorded steps to the file, with one write. After an error every later call fails.
    pub fn flush(&mut self) -> Result<(), RecordingError> {
        self.try_flush().map_err(|flaw| flaw.at(&self.path))
    }

    fn try_flush(&mut self) -> Result<(), RecordingFlaw> {
        if self.has_failed {
            return Err(RecordingFlaw::Stopped);
        }
        if let Err(error) = self.file.write_all(&self.waiting) {
            self.has_failed = true;
            return Err(io_error("write it")(error));
        }
        self.waiting.clear();
        Ok(())
    }
}

/// Checks that a node with this header can continue this recording. Returns where the last complete
/// record ends, and the length of the incomplete record after it, if there is one.
fn check(earlier: &[u8], wanted: &Header) -> Result<(u64, Option<u64>), RecordingFlaw> {
    let mut records = Records::new(earlier);
    match records.next() {
        None if begins_as_recording(earlier) => return Ok((0, records.torn())),
        None => return Err(RecordingFlaw::NotARecording),
        Some(first) => {
            let first = first.map_err(|damage| damaged(damage, earlier))?;
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
            return Err(undecodable(record));
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
