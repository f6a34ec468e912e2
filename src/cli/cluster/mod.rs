//! `rehearsal cluster`: all nodes of a roster, each a process of its own with a
//! folder of its own.

mod expected;
mod folders;
mod kill;
mod link;
mod links;
mod nodes;
mod overview;
mod run;
mod show;
mod timetable;
mod typed;
mod verdict;

use std::path::PathBuf;

use clap::Args;
use rehearsal_machine::NodeId;
use rehearsal_machine::printable;
use rehearsal_sim::source::TimeSpan;
use tokio::runtime::Builder;

use super::protocols::AnyCluster;
use super::roster::RosterArguments;
use super::web::MOST_CONNECTIONS;
use super::{Cli, CliError, Command, Console, Exit, open_files};
use expected::Expected;
use folders::RECORDING;
use kill::Kill;
use link::{Cut, Delay};
use links::Links;
use overview::Overview;
use run::{ClusterRun, Ended};
use show::{Show, Shown};
use timetable::Timetable;
use typed::Typed;

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
    /// Kill a node, named by its number or name, this long after all are up, as in ann@2s; can be
    /// given again
    #[arg(long, value_name = "NODE@TIME")]
    kill: Vec<Kill>,
    /// Start a node that was killed again after this time
    #[arg(long, value_name = "TIME", requires = "kill")]
    restart: Option<TimeSpan>,
    /// Type a line as the owner of a node, this long after all are up, as in 'ann@2s 3 hello'; can be
    /// given again
    #[arg(long, value_name = "NODE@TIME LINE")]
    command: Vec<Typed>,
    /// Cut the link between two nodes, both ways, from one time after all are up to another, as in
    /// ann,ben@2s..5s; can be given again
    #[arg(long, value_name = "A,B@FROM..TO")]
    cut: Vec<Cut>,
    /// Deliver what two nodes send to each other this much later, at most 1s, always or for a time,
    /// as in ann,ben=50ms or ann,ben=50ms@2s..5s; can be given again
    #[arg(long, value_name = "A,B=SPAN[@FROM..TO]")]
    delay: Vec<Delay>,
    /// Stop this long after all are up, whatever their windows show
    #[arg(long = "for", value_name = "TIME")]
    lasts: Option<TimeSpan>,
    /// Give up if the windows are not right this long after all are up
    #[arg(long, value_name = "TIME", conflicts_with = "lasts")]
    wait: Option<TimeSpan>,
    /// End only after no node has reported anything for this time, so that late messages arrive
    #[arg(long, value_name = "TIME", conflicts_with = "lasts")]
    quiet: Option<TimeSpan>,
    /// Show the nodes' windows, what they tell their owners, or both; by default the windows if
    /// something is demanded of them, and both otherwise
    #[arg(long, value_name = "WHAT")]
    show: Option<Shown>,
    /// Serve a page for each node's owner, and one of all nodes on which they can be killed, started
    /// again and cut apart; without an end that is asked for, the cluster runs until it is stopped
    #[arg(long)]
    pages: bool,
    /// Let each node record all that happens to it, as `recording` in its folder
    #[arg(long)]
    record: bool,
    /// Record the nodes, and check in the end what this scenario expects of them
    #[arg(long, value_name = "SCENARIO")]
    expect: Option<PathBuf>,
}

impl Command for RunCluster {
    const NAME: &'static str = "cluster";
    const ABOUT: &'static str =
        "Run all nodes of a roster as processes on this machine, with a folder each";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let cluster = cli.cluster(&self.roster)?;
        let expected = self.expect.as_ref();
        let expected = expected.map(|file| Expected::open(file, cli, &*cluster)).transpose()?;
        run(&*cluster, self, expected, console)
    }
}

fn run(
    cluster: &dyn AnyCluster,
    wanted: &RunCluster,
    expected: Option<Expected<'_>>,
    console: &mut Console<'_>,
) -> Result<Exit, CliError> {
    let membership = cluster.membership();
    let roster = &membership.roster;
    // A pipe to each node, two from it, and one to notice its end.
    let mut links = Links::of(wanted, roster)?;
    let of_page = if wanted.pages { MOST_CONNECTIONS as u32 } else { 0 };
    open_files::are_enough(4 * roster.nodes() + links.files() + of_page)?;
    let timetable = Timetable::of(wanted, cluster, &links)?;
    // Removed when it is dropped, unless it is the owner's own.
    let mut temporary = None;
    let folder = if let Some(folder) = &wanted.folder {
        folder.clone()
    } else {
        let made = tempfile::Builder::new().prefix("rehearsal-cluster-").tempdir();
        let made = made.map_err(|error| CliError::unwritable("a temporary folder", &error))?;
        temporary.insert(made).path().to_owned()
    };
    let mut places = folders::prepare(membership, wanted, &folder)?;
    let no_proxy = |error| CliError::usage(format!("the system has no port for a link: {error}"));
    links.listen(&mut places).map_err(no_proxy)?;
    let demands = cluster.demands();
    let names: Vec<_> = roster.members().map(|(_, member)| member.name.clone()).collect();

    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| CliError::usage(format!("the system gives no event queue: {error}")))?;
    let is_demanded = demands.iter().any(Option::is_some);
    let shown = wanted.show.unwrap_or(if is_demanded { Shown::Windows } else { Shown::Both });
    let mut show = Show::new(&names, shown, console);
    {
        // The proxies run in it.
        let _guard = runtime.enter();
        links.start(roster).map_err(no_proxy)?;
    }
    let overview = if wanted.pages {
        let _guard = runtime.enter();
        let overview = Overview::serve(cluster, &folder.join("page"))?;
        show.notice(&format!("all nodes: page {}", overview.url()))?;
        Some(overview)
    } else {
        None
    };
    let recordings: Vec<_> = places.iter().map(|place| place.folder.join(RECORDING)).collect();
    let run = ClusterRun::new(places, wanted, (timetable, links), &demands, overview);
    let outcome = runtime.block_on(run.run_to_the_end(&mut show))?;
    match outcome.ended {
        Ended::Interrupted => return Ok(Exit::Interrupted),
        Ended::Refused(exit) => return Ok(exit),
        Ended::Over => {}
    }
    let verdict = verdict::of(&names, &outcome.windows, &demands);
    console.print(&verdict.text)?;
    let mut exit = if verdict.is_right { Exit::Held } else { Exit::Violated };
    if let Some(expected) = expected {
        match expected.judge(&recordings, &outcome.aftermath, console)? {
            Exit::Held => {}
            failed => exit = failed,
        }
    }
    if let Some(folder) = &wanted.folder {
        console.line(&printable(&format!("kept  {}", folder.display())))?;
    }
    Ok(exit)
}

/// Where a node lives, and how it is started there.
struct Place {
    node: NodeId,
    folder: PathBuf,
    arguments: Vec<std::ffi::OsString>,
}
