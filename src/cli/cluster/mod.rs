//! `rehearsal cluster`: all nodes of a roster, each a process of its own with a
//! folder of its own.

mod folders;
mod kill;
mod nodes;
mod run;
mod show;
mod verdict;

use std::path::PathBuf;

use clap::Args;
use rehearsal_machine::NodeId;
use rehearsal_machine::printable;
use rehearsal_sim::source::TimeSpan;
use tokio::runtime::Builder;

use super::protocols::AnyCluster;
use super::roster::RosterArguments;
use super::{Cli, CliError, Command, Console, Exit, open_files};
use kill::Kill;
use run::{ClusterRun, Ended};
use show::Show;

/// `rehearsal cluster`.
#[derive(Args)]
pub(super) struct RunCluster {
    #[command(flatten)]
    roster: RosterArguments,
    /// Keep the nodes' folders below this one
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// The folder with each node's key, as NAME.key
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
    /// Kill a node this long after all are up, as in 3@2s; can be given again
    #[arg(long, value_name = "NODE@TIME")]
    kill: Vec<Kill>,
    /// Start a node that was killed again after this time
    #[arg(long, value_name = "TIME", requires = "kill")]
    restart: Option<TimeSpan>,
    /// Stop this long after all are up, whatever their windows show
    #[arg(long = "for", value_name = "TIME")]
    lasts: Option<TimeSpan>,
    /// Give up if the windows are not right this long after all are up
    #[arg(long, value_name = "TIME", conflicts_with = "lasts")]
    wait: Option<TimeSpan>,
    /// End only after no node has reported anything for this time, so that late messages arrive
    #[arg(long, value_name = "TIME", conflicts_with = "lasts")]
    quiet: Option<TimeSpan>,
    /// Let each node record all that happens to it, as `recording` in its folder
    #[arg(long)]
    record: bool,
}

impl Command for RunCluster {
    const NAME: &'static str = "cluster";
    const ABOUT: &'static str =
        "Run all nodes of a roster as processes on this machine, with a folder each";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        run(&*cli.cluster(&self.roster)?, self, console)
    }
}

fn run(
    cluster: &dyn AnyCluster,
    wanted: &RunCluster,
    console: &mut Console<'_>,
) -> Result<Exit, CliError> {
    let membership = cluster.membership();
    let roster = &membership.roster;
    // Two pipes from each node, and one to notice its end.
    open_files::are_enough(3 * roster.nodes())?;
    if let Some(kill) = wanted.kill.iter().find(|kill| roster.member(kill.node).is_none()) {
        let (node, nodes) = (kill.node, roster.nodes());
        return Err(CliError::usage(format!(
            "there is no {node} to kill: the roster has n1 to n{nodes}"
        )));
    }
    // Removed when it is dropped, unless it is the owner's own.
    let mut temporary = None;
    let folder = if let Some(folder) = &wanted.folder {
        folder.clone()
    } else {
        let made = tempfile::Builder::new().prefix("rehearsal-cluster-").tempdir();
        let made = made.map_err(|error| CliError::unwritable("a temporary folder", &error))?;
        temporary.insert(made).path().to_owned()
    };
    let places = folders::prepare(membership, wanted, &folder)?;
    let demands = cluster.demands();
    let names: Vec<_> = roster.members().map(|(_, member)| member.name.clone()).collect();

    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| CliError::usage(format!("the system gives no event queue: {error}")))?;
    let mut show = Show::new(&names, console);
    let run = ClusterRun::new(places, wanted, &demands);
    let (ended, windows) = runtime.block_on(run.run_to_the_end(&mut show))?;
    match ended {
        Ended::Interrupted => return Ok(Exit::Interrupted),
        Ended::Refused(exit) => return Ok(exit),
        Ended::Over => {}
    }
    let verdict = verdict::of(&names, &windows, &demands);
    console.print(&verdict.text)?;
    if let Some(folder) = &wanted.folder {
        console.line(&printable(&format!("kept  {}", folder.display())))?;
    }
    Ok(if verdict.is_right { Exit::Held } else { Exit::Violated })
}

/// Where a node lives, and how it is started there.
struct Place {
    node: NodeId,
    folder: PathBuf,
    arguments: Vec<std::ffi::OsString>,
}
