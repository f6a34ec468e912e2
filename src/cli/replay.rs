//! What is to be replayed: a plan, or recordings?

use std::fs;
use std::path::Path;

use rehearsal_sim::scenario::FileKind;
use rehearsal_tcp::recording::Recording;

use super::arguments::Replay;
use super::entry::mutant_name;
use super::exit::{Exit, Stop};
use super::{Cli, Console};

impl Cli {
    /// Recordings are known by their first bytes; everything else is to be a plan.
    pub(super) fn replay(&self, replay: &Replay, console: &mut Console<'_>) -> Result<Exit, Stop> {
        let recorded: Vec<_> =
            replay.inputs.iter().map(|file| (file.as_path(), recording(file))).collect();
        if recorded.iter().all(|(_, bytes)| bytes.is_some()) {
            let bytes = recorded.into_iter().filter_map(|(file, bytes)| Some((file, bytes?)));
            return self.replay_recorded(bytes, replay, console);
        }
        let [plan] = &*replay.inputs else {
            let is_plan = |(_, bytes): &&(_, Option<_>)| bytes.is_none();
            let name = recorded.iter().find(is_plan).map(|(file, _)| file.display().to_string());
            return Err(Stop::usage(format!(
                "{} is no recording: give one plan, or recordings alone",
                name.unwrap_or_default()
            )));
        };
        let of_recordings = [
            (replay.story, "--story"),
            (replay.expect.is_some(), "--expect"),
            (mutant_name(&replay.mutant).is_some(), "--mutant"),
        ];
        refuse(&of_recordings, "recordings, and this is none: leave it out")?;
        let (text, entry) = self.open(plan, FileKind::Plan)?;
        entry.replay(&text, replay, console)
    }

    fn replay_recorded<'a>(
        &self,
        files: impl Iterator<Item = (&'a Path, Vec<u8>)>,
        replay: &Replay,
        console: &mut Console<'_>,
    ) -> Result<Exit, Stop> {
        let of_plans = [
            (replay.show.json, "--json"),
            (replay.show.files.is_some(), "--files"),
            (replay.show.log.is_some(), "--log"),
        ];
        refuse(&of_plans, "plans, and this is a recording: leave it out")?;
        let mut recordings = Vec::new();
        for (file, bytes) in files {
            let name = file.display().to_string();
            let recording =
                Recording::from_bytes(&bytes).map_err(|flaw| bad(format!("{name}: {flaw}")))?;
            recordings.push((name, recording));
        }
        let lives = recordings.iter().flat_map(|(name, recording)| {
            recording.lives.iter().map(move |life| (name, &life.header))
        });
        let Some((name, header)) = lives.into_iter().next() else {
            return Err(bad(
                "nothing is recorded: the nodes were killed before they started; use others",
            ));
        };
        let protocol = &header.protocol;
        let Some(entry) = self.protocols.iter().find(|entry| entry.name() == protocol) else {
            let names: Vec<_> = self.protocols.iter().map(|entry| entry.name()).collect();
            return Err(bad(format!(
                "{name}: a recording of the protocol `{protocol}`, which this program does not \
                 know, but {}: use the one that recorded it, version {}",
                names.join(", "),
                header.build
            )));
        };
        let expect = match &replay.expect {
            Some(file) => {
                let (text, of) = self.open(file, FileKind::Scenario)?;
                if of.name() != entry.name() {
                    return Err(Stop::usage(format!(
                        "{} is about `{}`, and the recordings are of `{protocol}`: use a scenario \
                         of the same protocol",
                        text.file,
                        of.name()
                    )));
                }
                Some(text)
            }
            None => None,
        };
        entry.replay_recorded(recordings, expect.as_ref(), replay, console)
    }
}

/// A file that was read and cannot be used.
pub(super) fn bad(message: impl Into<String>) -> Stop {
    Stop { exit: Exit::BadInput, message: format!("error: {}", message.into()) }
}

fn refuse(options: &[(bool, &str)], why: &str) -> Result<(), Stop> {
    match options.iter().find(|(is_given, _)| *is_given) {
        Some((_, option)) => Err(Stop::usage(format!("{option} is for {why}"))),
        None => Ok(()),
    }
}

/// The bytes of a recording, if the file is one. What cannot be read is refused
/// as a plan that cannot.
fn recording(file: &Path) -> Option<Vec<u8>> {
    fs::read(file).ok().filter(|bytes| Recording::is_recording(bytes))
}
