use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rehearsal_sim::Keep;
use rehearsal_sim::trace::lines::{self, Head};

use super::subject::{Origin, RunArguments, Subject, Wanted};
use super::{Cli, CliError, Command, Console, Exit, json, output};

/// `rehearsal export`.
#[derive(Args)]
pub(super) struct Export {
    /// A plan, a trace or a scenario
    input: PathBuf,
    /// The form to write
    #[arg(long, value_enum)]
    to: Form,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The seed of a scenario [default: 0]
    #[arg(long)]
    seed: Option<u64>,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The trace as JSON lines
    Jsonl,
}

impl Command for Export {
    const NAME: &'static str = "export";
    const ABOUT: &'static str = "Write a run in a form that other programs read";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let wanted =
            Wanted { arguments: &self.run, seed: self.seed, has_others: false, keep: self.keep() };
        let subject = cli.subject(&self.input, wanted)?;
        output::check(&[("--output", self.output.as_deref())], &subject.inputs)?;
        let write = |out: &mut dyn io::Write| self.write(&subject, out);
        if let Some(file) = &self.output {
            output::write_with(file, write)?;
        } else {
            let mut text = Vec::new();
            write(&mut text).map_err(|error| CliError::unwritable("results", &error))?;
            console.print(&String::from_utf8_lossy(&text))?;
        }
        Ok(Exit::Held)
    }
}

impl Export {
    fn keep(&self) -> Keep {
        match self.to {
            Form::Jsonl => Keep::Values,
        }
    }

    fn write(&self, subject: &Subject, out: &mut dyn io::Write) -> io::Result<()> {
        match self.to {
            Form::Jsonl => write_lines(subject, out),
        }
    }
}

fn write_lines(subject: &Subject, out: &mut dyn io::Write) -> io::Result<()> {
    let events = &subject.events;
    let (head, verdict) = match &subject.origin {
        Origin::Trace { head, verdict, .. } => (head.clone(), verdict.clone()),
        Origin::Run { plan, outcome } => {
            let head = Head::of_run(plan.seed, plan.to_string(), events.dropped());
            (head, Some(json::verdict(plan.case.synopsis(), plan.seed, outcome)))
        }
    };
    lines::write(out, &head, events.iter(), verdict)
}
