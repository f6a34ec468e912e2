use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rehearsal_sim::source::TimeSpan;

use super::cluster::Kill;

/// Rehearse a protocol: a seeded simulation of pure state machines.
#[derive(Debug, Parser)]
#[command(name = "rehearsal", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 held, 1 a check was violated, 2 usage, 3 bad input file, \
                          70 the harness panicked, 125 a plan no longer applies, 130 interrupted.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a scenario once: the trace as a story, the windows, the verdict
    Run(Run),
    /// Run a plan again: 0 it passes now, 1 it fails as it did, 125 it no longer applies; or do
    /// recorded nodes do the same again?
    Replay(Replay),
    /// Are these scenarios, plans and rosters right? Runs nothing
    Check(Check),
    /// Run one real node until it is told to stop
    Node(Node),
    /// Run all nodes of a roster as processes of this machine, a folder each
    Cluster(Cluster),
    /// Make a node's key, and print the public half for the roster
    Keygen(Keygen),
    /// Write or check a chat script
    #[command(subcommand)]
    Script(Script),
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The scenario's file
    pub(crate) scenario: PathBuf,
    /// What chance is made from
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) show: Show,
    /// Write the run's plan here, whatever the verdict; a failing run writes one anyway
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// What the plan leaves everything to that it does not list
    #[arg(long, value_enum, default_value_t = Rest::Seed)]
    pub(crate) rest: Rest,
    #[command(flatten)]
    pub(crate) mutant: Mutant,
}

/// What a plan that is written leaves unsaid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rest {
    /// Lists nothing: the seed decides again
    Seed,
    /// Lists every decision that was not the usual one, to be edited by hand
    Usual,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// A plan, or recordings of nodes of one cluster, in any order
    #[arg(required = true, value_name = "FILE")]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) show: Show,
    /// Of recordings: tell what happened to all nodes as one story
    #[arg(long)]
    pub(crate) story: bool,
    /// Of recordings: ask what this scenario expects always, and in the end
    #[arg(long, value_name = "SCENARIO")]
    pub(crate) expect: Option<PathBuf>,
    /// Of recordings; a plan names its own
    #[command(flatten)]
    pub(crate) mutant: Mutant,
}

/// How a run is shown.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Print one JSON object instead of the story
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the trace here as JSON lines, the plan first
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Write what nodes keep in files here, a folder for each node that is up
    #[arg(long, value_name = "FOLDER")]
    pub(crate) files: Option<PathBuf>,
    /// Log to standard error on virtual time: `debug` causes, `trace` effects too
    #[arg(long, value_name = "FILTER")]
    pub(crate) log: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Mutant {
    /// Select a planted bug
    #[cfg(feature = "mutants")]
    #[arg(long = "mutant", value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Scenarios, plans and rosters
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Node {
    #[command(flatten)]
    pub(crate) who: Who,
    /// Which node it is: a number, or a name
    #[arg(long, value_name = "NODE")]
    pub(crate) me: String,
    /// Where it keeps what it saves; by default a folder of its name beside the roster
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
    /// What proves that it is this node, where nodes have keys; by default `key` in its folder
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Note here all that happens to it
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Print events as JSON lines instead of the window
    #[arg(long)]
    pub(crate) json: bool,
    /// Show the whole window whenever it changes
    #[arg(long, conflicts_with = "json")]
    pub(crate) window: bool,
    /// Log to standard error, in milliseconds since the start
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    pub(crate) log: String,
    /// Stop when this process ends, which started it
    #[arg(long, hide = true, value_name = "PROCESS")]
    pub(crate) parent: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Cluster {
    #[command(flatten)]
    pub(crate) who: Who,
    /// Keep the nodes' folders below this one
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<PathBuf>,
    /// Where each node's key is, as NAME.key
    #[arg(long, value_name = "FOLDER")]
    pub(crate) keys: Option<PathBuf>,
    /// Kill a node so long after all are up, as in 3@2s; can be given again
    #[arg(long, value_name = "NODE@TIME")]
    pub(crate) kill: Vec<Kill>,
    /// Start a node that was killed again so long after it
    #[arg(long, value_name = "TIME", requires = "kill")]
    pub(crate) restart: Option<TimeSpan>,
    /// Stop so long after all are up, whatever their windows show
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) lasts: Option<TimeSpan>,
    /// Give up if the windows are not right so long after all are up
    #[arg(long, value_name = "TIME", conflicts_with = "lasts")]
    pub(crate) wait: Option<TimeSpan>,
    /// Let each node note all that happens to it, as `recording` in its folder
    #[arg(long)]
    pub(crate) record: bool,
}

/// Who there is, and what all of them run.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// The roster, or a chat script whose header says who the users are
    pub(crate) roster: PathBuf,
    /// Let the users follow this chat script
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// Run the users of a script's header without keys, all within this machine
    #[arg(long)]
    pub(crate) insecure: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Keygen {
    /// The key's new file, which nobody else can read
    pub(crate) file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Script {
    /// Write a random script to standard output
    Generate(Generate),
    /// Is this a right script?
    Check {
        /// The script's file
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// How many users, user1, user2, ...
    #[arg(long, default_value_t = 6)]
    pub(crate) users: u32,
    /// How many messages
    #[arg(long, default_value_t = 50)]
    pub(crate) messages: u32,
    /// What chance is made from
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// The address of all users
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) ip: IpAddr,
    /// The first user's port; the others' follow
    #[arg(long, default_value_t = 2881)]
    pub(crate) base_port: u16,
}
