use clap::{ArgMatches, Args};

use super::{Cli, CliError, Console, Exit};

/// A command of the command line: its arguments, and what it does.
///
/// The type derives [`clap::Args`]; its fields are the command's arguments.
/// Register it with [`Cli::command`].
pub trait Command: Args {
    /// Its name: `check` in `rehearsal check`.
    const NAME: &'static str;

    /// What it does, in one line of the help text.
    const ABOUT: &'static str;

    /// Does it, with the protocols of this command line.
    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError>;
}

/// A registered command.
pub(super) struct AnyCommand {
    pub(super) name: &'static str,
    about: &'static str,
    with_arguments: fn(clap::Command) -> clap::Command,
    run: fn(&ArgMatches, &Cli, &mut Console<'_>) -> Result<Exit, CliError>,
}

impl AnyCommand {
    pub(super) fn of<C: Command>() -> Self {
        Self {
            name: C::NAME,
            about: C::ABOUT,
            with_arguments: C::augment_args,
            run: |matches, cli, console| {
                let command = C::from_arg_matches(matches);
                // What the arguments were parsed with is made of the same type.
                command.map_err(|error| CliError::usage(error.to_string()))?.run(cli, console)
            },
        }
    }

    /// Its arguments, for the parser.
    pub(super) fn parser(&self) -> clap::Command {
        // The documentation of a flattened group of arguments would take the place of the text.
        (self.with_arguments)(clap::Command::new(self.name)).about(self.about).long_about(None)
    }

    pub(super) fn run(
        &self,
        matches: &ArgMatches,
        cli: &Cli,
        console: &mut Console<'_>,
    ) -> Result<Exit, CliError> {
        (self.run)(matches, cli, console)
    }
}
