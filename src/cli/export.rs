use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rehearsal_machine::Time;
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::story::View;
use rehearsal_sim::trace::lines::{self, Head};
use rehearsal_sim::{Keep, Plan, export};

use super::console::print_with;
use super::subject::{Origin, RunArguments, Subject, Wanted};
use super::view::PartArguments;
use super::words::grouped;
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
    /// With `--to dot`: the instant, such as 120ms [default: the end of the run]
    #[arg(long, value_name = "TIME")]
    at: Option<TimeSpan>,
    /// The seed of a scenario [default: 0]
    #[arg(long)]
    seed: Option<u64>,
    #[command(flatten)]
    parts: PartArguments,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For ShiViz: vector clocks, read by its default expression
    Shiviz,
    /// For Perfetto: Chrome's trace events
    Perfetto,
    /// A sequence diagram
    Mermaid,
    /// The wait-for graph at an instant, for Graphviz
    Dot,
    /// The trace as JSON lines
    Jsonl,
}

impl Command for Export {
    const NAME: &'static str = "export";
    const ABOUT: &'static str = "Write a run in a form that other programs read";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        if self.at.is_some() && self.to != Form::Dot {
            return Err(CliError::usage("--at is for `--to dot`, which draws an instant"));
        }
        let has_parts = matches!(self.to, Form::Shiviz | Form::Perfetto | Form::Mermaid);
        let unused = self.parts.given().into_iter().find(|(is_given, _)| *is_given && !has_parts);
        if let Some((_, option)) = unused {
            return Err(CliError::usage(format!(
                "{option} is for `--to shiviz`, `perfetto` and `mermaid`: leave it out"
            )));
        }
        let wanted = Wanted {
            arguments: &self.run,
            seed: self.seed,
            has_others: false,
            keep: if self.to == Form::Jsonl { Keep::Values } else { Keep::Trace },
        };
        let subject = match cli.subject(&self.input, wanted)? {
            trace if self.to == Form::Dot => wanted.rerun(trace)?,
            subject => subject,
        };
        output::check(&[("--output", self.output.as_deref())], &subject.inputs)?;
        self.parts.check(u32::try_from(subject.nodes).unwrap_or(u32::MAX))?;
        let view = self.parts.view();
        if self.to == Form::Shiviz {
            check_size(&subject, &view)?;
        }
        let write = |out: &mut dyn io::Write| self.write(&subject, &view, out);
        if let Some(file) = &self.output {
            output::write_with(file, write)?;
        } else {
            print_with(console.out, write)?;
        }
        for remark in self.parts.missing(&[&subject.events]) {
            console.complain(&format!("warning: {remark}"));
        }
        Ok(Exit::Held)
    }
}

impl Export {
    fn write(&self, subject: &Subject, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        match self.to {
            Form::Jsonl => write_lines(subject, out),
            Form::Shiviz => export::shiviz(subject.told(), view, out),
            Form::Perfetto => export::perfetto(subject.told(), view, &subject.name, out),
            Form::Mermaid => export::mermaid(subject.told(), view, out),
            Form::Dot => self.write_graph(subject, out),
        }
    }

    /// The wait-for graph at the instant that was asked for, or at the end.
    fn write_graph(&self, run: &Subject, out: &mut dyn io::Write) -> io::Result<()> {
        let last = match &run.origin {
            Origin::Run { outcome, .. } => outcome.end,
            Origin::Trace { .. } => run.events.iter().last().map_or(Time::ZERO, |event| event.at),
        };
        let at = self.at.map_or(last, |at| Time::ZERO + at.as_duration());
        export::dot((&run.events, run.waits()), run.nodes, at, out)
    }
}

/// Refuses a log that ShiViz could not show.
fn check_size(subject: &Subject, view: &View) -> Result<(), CliError> {
    let size = export::size_of_shiviz(subject.told(), view);
    if size <= export::MOST_SHIVIZ {
        return Ok(());
    }
    Err(CliError::usage(format!(
        "{}: too large for ShiViz, which draws some thousand events: events times nodes are {}, and \
         may be {} (show fewer with `--only NODES` or `--hide KIND`, or keep the last ones with \
         `--keep-events N`)",
        subject.name,
        grouped(size),
        grouped(export::MOST_SHIVIZ)
    )))
}

fn write_lines(subject: &Subject, out: &mut dyn io::Write) -> io::Result<()> {
    let events = &subject.events;
    let (head, verdict) = match &subject.origin {
        Origin::Trace { head, verdict, .. } => (head.clone(), verdict.clone()),
        Origin::Run { plan, outcome } => {
            let fails = outcome.fingerprint(plan.case.synopsis());
            let text = Plan { fails, ..plan.as_ref().clone() }.to_string();
            let head = Head::of_run(plan.seed, text, events.dropped());
            (head, Some(json::verdict(plan.case.synopsis(), plan.seed, outcome)))
        }
    };
    lines::write(out, &head, events.iter(), verdict)
}
