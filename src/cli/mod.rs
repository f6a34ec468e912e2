//! The command line, for whichever protocols are registered with it.

mod arguments;
mod cluster;
mod entry;
mod exit;
mod json;
mod keygen;
mod log;
mod mutants;
mod node;
mod output;
mod recorded;
mod replay;
mod script;
mod signals;
mod window;

use std::ffi::OsString;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use rehearsal_sim::Protocol;
use rehearsal_sim::scenario::{FileKind, Heading, heading};
use rehearsal_sim::source::{Diagnostic, closest, locate, one_of, text_of};

use crate::real::Written;
use arguments::{Arguments, Command, Who};
use entry::{Entry, Of, Text};
pub use exit::Exit;
use exit::Stop;

/// A command line without any protocols; register yours, then call
/// [`main`](Cli::main).
#[must_use]
pub fn cli() -> Cli {
    Cli { protocols: Vec::new() }
}

/// The command line for the protocols registered with it.
pub struct Cli {
    protocols: Vec<Box<dyn Entry>>,
}

/// Where a command prints: results, and whatever else there is to say.
pub(crate) struct Console<'a> {
    pub(crate) out: &'a mut dyn Write,
    pub(crate) err: &'a mut dyn Write,
}

impl Cli {
    /// Registers a protocol under its name. One registered later takes the
    /// place of an earlier one of the same name.
    #[must_use]
    pub fn protocol<P: Protocol>(mut self) -> Self {
        self.protocols.retain(|known| known.name() != P::NAME);
        self.protocols.push(Box::new(Of::<P>::new()));
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
        let arguments = match Arguments::try_parse_from(arguments) {
            Ok(arguments) => arguments,
            Err(refusal) => return usage(&refusal, out, err),
        };
        let mut console = Console { out, err };
        let done = catch_unwind(AssertUnwindSafe(|| self.obey(arguments.command, &mut console)));
        match done {
            Ok(Ok(exit)) => exit,
            Ok(Err(stop)) => {
                complain(console.err, stop.message.trim_end());
                stop.exit
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

    fn obey(&self, command: Command, console: &mut Console<'_>) -> Result<Exit, Stop> {
        match command {
            Command::Run(run) => {
                let (text, entry) = self.open(&run.scenario, FileKind::Scenario)?;
                entry.run(&text, &run, console)
            }
            Command::Replay(replay) => self.replay(&replay, console),
            Command::Check(check) => {
                let mut exit = Exit::Held;
                for file in &check.files {
                    match self.check(file) {
                        Ok(what) => {
                            output::line(console.out, &format!("ok    {}{what}", file.display()))?;
                        }
                        Err(stop) => {
                            complain(console.err, &stop.message);
                            exit = stop.exit;
                        }
                    }
                }
                Ok(exit)
            }
            Command::Node(node) => {
                let (written, entry) = self.roster(&node.who)?;
                entry.node(written, &node, console)
            }
            Command::Cluster(cluster) => {
                let (written, entry) = self.roster(&cluster.who)?;
                entry.cluster(written, &cluster, console)
            }
            Command::Keygen(keygen) => keygen::obey(&keygen.file, console),
            Command::Script(command) => script::obey(&command, console),
        }
    }

    /// What there is to say of a right file.
    fn check(&self, file: &Path) -> Result<String, Stop> {
        let (text, heading) = read_heading(file)?;
        self.entry(&text, &heading)?.check(&text, heading.kind)
    }

    /// Reads a file and finds the protocol it is about.
    fn open(&self, file: &Path, wanted: FileKind) -> Result<(Text, &dyn Entry), Stop> {
        let (text, heading) = read_heading(file)?;
        is_wanted(&text, &heading, wanted)?;
        let entry = self.entry(&text, &heading)?;
        Ok((text, entry))
    }

    /// Reads who there is in a cluster, and finds the protocol that they run.
    fn roster(&self, who: &Who) -> Result<(Written, &dyn Entry), Stop> {
        let written = Written::open(&who.roster, who.insecure)?;
        let text = Text {
            file: written.name().to_owned(),
            path: who.roster.clone(),
            source: written.source().to_owned(),
        };
        let heading = written.heading()?;
        is_wanted(&text, &heading, FileKind::Roster)?;
        let entry = self.entry(&text, &heading)?;
        Ok((written, entry))
    }

    fn entry(&self, text: &Text, heading: &Heading) -> Result<&dyn Entry, Stop> {
        let known = self.protocols.iter().find(|entry| entry.name() == heading.protocol);
        known.map(|entry| &**entry).ok_or_else(|| {
            let names: Vec<&str> = self.protocols.iter().map(|entry| entry.name()).collect();
            let message = format!("unknown protocol `{}`", heading.protocol);
            let start = locate(&text.source, &heading.path).map_or(0, |value| value.start);
            let name = start..start + heading.protocol.len();
            let mut refusal =
                Diagnostic::new(&text.file, &text.source, name, message).with_path(&heading.path);
            if let Some(names) = one_of(&names) {
                refusal = refusal.with_expected(names);
            }
            match closest(&heading.protocol, &names) {
                Some(meant) => refusal.with_help(format!("did you mean `{meant}`?")).into(),
                None => refusal.into(),
            }
        })
    }
}

fn read_heading(file: &Path) -> Result<(Text, Heading), Stop> {
    let text =
        Text { file: file.display().to_string(), path: file.to_owned(), source: text_of(file)? };
    let heading = heading(&text.file, &text.source)?;
    Ok((text, heading))
}

fn is_wanted(text: &Text, heading: &Heading, wanted: FileKind) -> Result<(), Stop> {
    let (is, command) = match heading.kind {
        found if found == wanted => return Ok(()),
        FileKind::Plan => ("a plan", "replay"),
        FileKind::Scenario => ("a scenario", "run"),
        FileKind::Roster => ("a roster", "cluster"),
    };
    Err(Diagnostic::new(&text.file, &text.source, 0..0, format!("this is {is}"))
        .with_help(format!("use `rehearsal {command} {}`", text.file))
        .into())
}

fn usage(refusal: &clap::Error, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
    if refusal.use_stderr() {
        complain(err, &refusal.to_string());
        return Exit::Usage;
    }
    match output::line(out, refusal.to_string().trim_end()) {
        Ok(()) => Exit::Held,
        Err(stop) => stop.exit,
    }
}

/// Standard error is the last resort: if it is closed there is nobody left to tell.
fn complain(err: &mut dyn Write, message: &str) {
    let _ = writeln!(err, "{message}");
}
