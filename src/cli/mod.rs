//! The command line, for whichever protocols are registered with it.
//!
//! A command is a type that implements [`Command`]: its arguments, and a
//! function over what the registered protocols make of its files, such as a
//! [`Case`]. It knows no protocol's types. Protocols can
//! bring commands and notations of their own; see [`Cli::command`] and
//! [`Cli::roster_format`].

mod cause;
mod check;
mod cluster;
mod command;
mod console;
mod diff;
mod error;
mod explain;
mod export;
mod file;
mod jobs;
mod json;
mod keygen;
mod log;
mod missed;
mod mutants;
mod node;
mod open_files;
mod output;
mod page;
mod progress_line;
mod protocols;
mod recorded;
mod replay;
mod roster;
mod run;
mod show;
mod shrink;
mod signals;
mod singles;
mod subject;
mod sweep;
mod view;
mod viewer;
mod watchdog;
mod web;
mod window;
mod words;

use std::ffi::OsString;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

pub use clap;
use rehearsal_sim::scenario::FileKind;
use rehearsal_sim::source::{bytes_of, closest, locate, one_of};
use rehearsal_sim::{Case, Diagnostic, Plan, Protocol};

pub use command::Command;
pub use console::Console;
pub use error::{CliError, Exit};

use crate::real::{FollowScript, RosterFormat, RosterText};
use command::AnyCommand;
use console::complain;
use file::FileText;
use protocols::{AnyCluster, AnyProtocol, Registered};
use roster::RosterArguments;

const ABOUT: &str = "Rehearse a protocol: a seeded simulation of pure state machines";

const EXIT_CODES: &str = "Exit codes: 0 held, 1 a check was violated, 2 usage, 3 bad input file, \
                          4 two runs of one seed differ, 70 the harness panicked, 125 a plan no longer applies, 130 interrupted.";

/// A command line without any protocols; register yours, then call
/// [`main`](Cli::main).
#[must_use]
pub fn cli() -> Cli {
    Cli { protocols: Vec::new(), commands: Vec::new(), roster_formats: Vec::new() }
        .command::<run::Run>()
        .command::<replay::Replay>()
        .command::<shrink::Shrink>()
        .command::<sweep::RunSweep>()
        .command::<singles::RunSingles>()
        .command::<diff::RunDiff>()
        .command::<cause::RunCause>()
        .command::<explain::Explain>()
        .command::<export::Export>()
        .command::<viewer::Viewer>()
        .command::<check::Check>()
        .command::<node::Node>()
        .command::<cluster::RunCluster>()
        .command::<keygen::Keygen>()
}

/// The command line for the protocols registered with it.
pub struct Cli {
    protocols: Vec<Arc<dyn AnyProtocol>>,
    commands: Vec<AnyCommand>,
    roster_formats: Vec<RosterFormat>,
}

impl Cli {
    /// Registers a protocol under its name. A later one takes the place of an
    /// earlier one of the same name.
    #[must_use]
    pub fn protocol<P: Protocol>(self) -> Self {
        self.register(Registered::<P> { follow_script: None })
    }

    /// Registers a protocol whose real nodes can follow a script: the file that
    /// `--script FILE` names.
    #[must_use]
    pub fn protocol_with_script<P: Protocol>(self, follow_script: FollowScript<P>) -> Self {
        self.register(Registered::<P> { follow_script: Some(follow_script) })
    }

    fn register(mut self, protocol: impl AnyProtocol + 'static) -> Self {
        self.protocols.retain(|known| known.name() != protocol.name());
        self.protocols.push(Arc::new(protocol));
        self
    }

    /// Adds a command. A later one takes the place of an earlier one of the
    /// same name.
    #[must_use]
    pub fn command<C: Command>(mut self) -> Self {
        self.commands.retain(|known| known.name != C::NAME);
        self.commands.push(AnyCommand::of::<C>());
        self
    }

    /// Adds a notation, beside RON, in which rosters can be written.
    #[must_use]
    pub fn roster_format(mut self, format: RosterFormat) -> Self {
        self.roster_formats.push(format);
        self
    }

    /// Does what the process's arguments say.
    #[must_use]
    pub fn main(&self) -> ExitCode {
        let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
        self.run(std::env::args_os(), &mut out, &mut err).into()
    }

    /// Does what these arguments say, the program's name first: results go to
    /// `out`, everything else to `err`.
    pub fn run(
        &self,
        arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> Exit {
        let arguments = arguments.into_iter().map(Into::into).collect();
        let arguments: Vec<OsString> = arguments;
        // Before parsing: wrong usage of `replay --bisect` must be 125, too.
        let is_bisection = arguments.get(1).is_some_and(|command| command == "replay")
            && arguments.iter().any(|argument| argument == "--bisect");
        let program = program_of(arguments.first());
        match self.run_arguments(arguments, &mut Console { out, err, program }) {
            // `git bisect run` takes these for a bad commit, or stops.
            Exit::Usage | Exit::BadInput | Exit::Internal if is_bisection => Exit::NoLongerApplies,
            exit => exit,
        }
    }

    fn run_arguments(&self, arguments: Vec<OsString>, console: &mut Console<'_>) -> Exit {
        let program = clap::Command::new("rehearsal")
            .version(env!("CARGO_PKG_VERSION"))
            .about(ABOUT)
            .after_help(EXIT_CODES)
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommands(self.commands.iter().map(AnyCommand::parser));
        let matches = match program.try_get_matches_from(arguments) {
            Ok(matches) => matches,
            Err(refusal) => return usage(&refusal, console),
        };
        let (name, matches) = matches.subcommand().expect("the parser has asked for one");
        let command = self.commands.iter().find(|command| command.name == name);
        let command = command.expect("the parser knows no others");
        match catch_unwind(AssertUnwindSafe(|| command.run(matches, self, console))) {
            Ok(Ok(exit)) => exit,
            Ok(Err(error)) => {
                complain(console.err, error.message.trim_end());
                error.exit
            }
            Err(_) => {
                complain(
                    console.err,
                    "Rehearsal, or a function of your `Protocol`, has panicked outside any machine's step.",
                );
                Exit::Internal
            }
        }
    }

    /// The scenario in a file, of whichever registered protocol it is about: for
    /// commands that run it.
    pub fn scenario(&self, file: &Path) -> Result<Case, CliError> {
        self.case(self.read_as(FileKind::Scenario, file)?, watchdog::LOAD_LIMIT)
    }

    /// The scenario in this text. To make it may take so long at most.
    fn case(&self, text: FileText, limit: Duration) -> Result<Case, CliError> {
        let protocol = Arc::clone(self.protocol_of(&text)?);
        let name = text.name.clone();
        watchdog::load(&name, limit, move || protocol.scenario(&text))
    }

    /// The plan in this text. To make it may take so long at most.
    fn plan(&self, text: FileText, limit: Duration) -> Result<Plan, CliError> {
        let protocol = Arc::clone(self.protocol_of(&text)?);
        let name = text.name.clone();
        watchdog::load(&name, limit, move || protocol.plan(&text))
    }

    /// Reads a file, of whichever kind.
    fn read(&self, path: &Path) -> Result<FileText, CliError> {
        FileText::of_bytes(path, bytes_of(path)?, &self.roster_formats)
    }

    /// Reads a file that has to be of this kind.
    fn read_as(&self, wanted: FileKind, path: &Path) -> Result<FileText, CliError> {
        let text = self.read(path)?;
        text.expect_kind(wanted)?;
        Ok(text)
    }

    /// The registered protocol that a file names.
    fn protocol_of(&self, text: &FileText) -> Result<&Arc<dyn AnyProtocol>, Diagnostic> {
        let FileText { name, source, heading, .. } = text;
        self.protocol_named(&heading.protocol).ok_or_else(|| {
            let names = self.protocol_names();
            let message = format!("unknown protocol `{}`", heading.protocol);
            let start = locate(source, &heading.path).map_or(0, |value| value.start);
            let word = start..start + heading.protocol.len();
            let mut refusal = Diagnostic::new(name, source, word, message).with_path(&heading.path);
            if let Some(names) = one_of(&names) {
                refusal = refusal.with_expected(names);
            }
            match closest(&heading.protocol, &names) {
                Some(meant) => refusal.with_help(format!("did you mean `{meant}`?")),
                None => refusal,
            }
        })
    }

    fn protocol_named(&self, name: &str) -> Option<&Arc<dyn AnyProtocol>> {
        self.protocols.iter().find(|known| known.name() == name)
    }

    fn protocol_names(&self) -> Vec<&'static str> {
        self.protocols.iter().map(|known| known.name()).collect()
    }

    /// The cluster that a real node belongs to.
    fn cluster(&self, arguments: &RosterArguments) -> Result<Box<dyn AnyCluster>, CliError> {
        let RosterArguments { roster: path, script, insecure } = arguments;
        let roster = RosterText::open_as(path, &self.roster_formats, *insecure)?;
        self.cluster_of(path, roster, script.as_deref())
    }

    fn cluster_of(
        &self,
        path: &Path,
        roster: RosterText,
        script: Option<&Path>,
    ) -> Result<Box<dyn AnyCluster>, CliError> {
        let text = FileText {
            name: roster.name().to_owned(),
            path: path.to_owned(),
            source: roster.source().to_owned(),
            heading: roster.heading()?,
        };
        text.expect_kind(FileKind::Roster)?;
        let protocol = self.protocol_of(&text).map_err(|refusal| roster.complaint(refusal))?;
        let (protocol, script) = (Arc::clone(protocol), script.map(Path::to_owned));
        watchdog::load(&text.name, watchdog::LOAD_LIMIT, move || {
            protocol.cluster(roster, script.as_deref())
        })
    }

    /// The roster that a file with these bytes is in a notation other than RON.
    fn translated(
        &self,
        path: &Path,
        bytes: &[u8],
        insecure: bool,
    ) -> Result<Option<RosterText>, Diagnostic> {
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(None) };
        if !self.roster_formats.iter().any(|format| (format.recognizes)(text)) {
            return Ok(None);
        }
        RosterText::of(path, text.to_owned(), &self.roster_formats, insecure).map(Some)
    }
}

/// The name of the program that was run, for the commands that it prints.
fn program_of(first: Option<&OsString>) -> String {
    let name = first.and_then(|program| Path::new(program).file_name());
    name.map_or_else(|| "rehearsal".to_owned(), |name| run::quoted(&name.to_string_lossy()))
}

fn usage(refusal: &clap::Error, console: &mut Console<'_>) -> Exit {
    if refusal.use_stderr() {
        complain(console.err, &refusal.to_string());
        return Exit::Usage;
    }
    match console.line(refusal.to_string().trim_end()) {
        Ok(()) => Exit::Held,
        Err(error) => error.exit,
    }
}
