//! `rehearsal node`: one real node, from a roster until it is told to stop.

mod display;
mod event;
mod failure;
mod input;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use rehearsal_machine::NodeId;
use rehearsal_sim::{Owner as _, Protocol};
use rehearsal_tcp::{Key, NodeError, Roster, Security, Setup};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

use super::console::complain;
use super::output::write_below;
use super::roster::RosterArguments;
use super::signals::Signals;
use super::{Cli, CliError, Command, Console, Exit, log};
use crate::real::{Cluster, folder_name, node_named};
use display::{Display, Style, Watch};
pub(super) use event::Event;

/// Lines that were typed and that the node has not taken yet.
const TYPED: usize = 64;

/// `rehearsal node`.
#[derive(Args)]
pub(super) struct Node {
    #[command(flatten)]
    roster: RosterArguments,
    /// Which node it is: a number, or a name
    #[arg(long, value_name = "NODE")]
    me: String,
    /// The folder for what it saves; by default a folder of its name beside the roster
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// The key that proves which node it is, where nodes have keys; by default `key` in its folder
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Record all that happens to it in this file
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Print events as JSON lines instead of the window
    #[arg(long)]
    json: bool,
    /// Show the whole window whenever it changes
    #[arg(long, conflicts_with = "json")]
    window: bool,
    /// Log to standard error, in milliseconds since the start
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    log: String,
    /// Stop when this process ends, which started it
    #[arg(long, hide = true, value_name = "PROCESS")]
    parent: Option<u32>,
}

impl Command for Node {
    const NAME: &'static str = "node";
    const ABOUT: &'static str = "Run one real node until it is told to stop";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        cli.cluster(&self.roster)?.run_node(self, console)
    }
}

/// Runs a node of this cluster.
pub(super) fn run<P: Protocol>(
    cluster: &Cluster<P>,
    wanted: &Node,
    console: &mut Console<'_>,
) -> Result<Exit, CliError> {
    // First of all, so that a signal that comes early is heard, too.
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| CliError::usage(format!("the system gives no event queue: {error}")))?;
    let signals = runtime.block_on(async { Signals::new() })?;
    let roster = &cluster.membership.roster;
    let me = node_named(roster, &wanted.me).ok_or_else(|| no_such_node(roster, &wanted.me))?;
    let folder = wanted.folder.clone().unwrap_or_else(|| beside(&wanted.roster.roster, roster, me));
    let key = match roster.security() {
        Security::Keys => Some(key(wanted, &folder, roster, me)?),
        Security::Insecure => None,
    };
    let style = if wanted.json { Style::Json } else { Style::of_window(wanted.window) };
    log::of_node(&wanted.log, || {
        let setup = cluster
            .setup(me, &folder, key, wanted.record.as_deref())
            .map_err(|failure| failure::before(&failure))?;
        if let Some(bytes) = setup.cells.torn() {
            complain(console.err, &format!("{me}: {bytes} bytes of a save that was torn are gone"));
        }
        let metrics = Arc::clone(&setup.metrics);
        let (incarnation, out) = (setup.cells.incarnation(), &mut *console.out);
        let mut display = Display::new(me, incarnation, style, folder.clone(), out);
        let ended = runtime.block_on(live(cluster, setup, &mut display, signals, wanted.parent));
        display.ended(&metrics);
        complain(console.err, &format!("{me}: {metrics}"));
        let window = write_below(&folder.join("window.txt"), &display.window_text());
        match ended? {
            Ended::Stopped => window.map(|()| Exit::Held),
            Ended::Interrupted => Ok(Exit::Interrupted),
            Ended::Failed(failure) => Err(failure::while_running(me, &failure)),
        }
    })?
}

/// How a node's life ended.
enum Ended {
    /// In an orderly way.
    Stopped,
    /// Its owner did not wait until it had.
    Interrupted,
    Failed(NodeError),
}

async fn live<P: Protocol>(
    cluster: &Cluster<P>,
    setup: Setup<P::Machine>,
    display: &mut Display<'_>,
    mut signals: Signals,
    parent: Option<u32>,
) -> Result<Ended, CliError> {
    if parent.is_some_and(|parent| !end_with(parent)) {
        return Ok(Ended::Stopped);
    }
    let (commands, orders) = mpsc::channel(TYPED);
    let (stop, stopped) = oneshot::channel();
    let owner = async {
        signals.asked().await;
        // A closed channel means that the node has stopped already.
        let _ = stop.send(());
        signals.insisted().await;
    };
    let typing = async {
        let mut lines = input::lines();
        while let Some(line) = lines.recv().await {
            match P::Owner::line(&cluster.config, &line) {
                Ok(command) => {
                    // Likewise.
                    let _ = commands.send(command).await;
                }
                Err(reason) => complain(&mut std::io::stderr(), &format!("error: {reason}")),
            }
        }
        std::future::pending::<()>().await;
    };
    let until = async {
        let _ = stopped.await;
    };
    tokio::select! {
        ended = rehearsal_tcp::run(setup, Watch::<P>::new(display), orders, until) => {
            Ok(ended.map_or_else(Ended::Failed, |()| Ended::Stopped))
        }
        () = owner => Ok(Ended::Interrupted),
        () = typing => Ok(Ended::Stopped),
    }
}

/// Has the system ask this process to stop when its parent ends; `false` if it
/// has ended.
#[cfg(target_os = "linux")]
fn end_with(parent: u32) -> bool {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};
    // A system that refuses leaves it to the owner to stop its nodes.
    let _ = set_parent_process_death_signal(Some(Signal::TERM));
    getppid().is_some_and(|found| found.as_raw_pid().cast_unsigned() == parent)
}

#[cfg(not(target_os = "linux"))]
fn end_with(_parent: u32) -> bool {
    true
}

fn no_such_node(roster: &Roster, said: &str) -> CliError {
    const SHOWN: usize = 10;
    let names = roster.members().take(SHOWN).map(|(_, member)| member.name.as_str());
    let names = names.collect::<Vec<_>>().join(", ");
    let more = if roster.nodes() as usize > SHOWN { ", .." } else { "" };
    CliError::usage(format!(
        "no node of the roster is called {said:?}: `--me` takes a number from 1 to {} or a name ({names}{more})",
        roster.nodes()
    ))
}

fn beside(roster_file: &Path, roster: &Roster, me: NodeId) -> PathBuf {
    let above = roster_file.parent().unwrap_or(Path::new(""));
    above.join(folder_name(roster, me))
}

/// The key that proves the node's identity.
fn key(wanted: &Node, folder: &Path, roster: &Roster, me: NodeId) -> Result<Key, CliError> {
    let file = wanted.key.clone().unwrap_or_else(|| folder.join("key"));
    let shown = file.display();
    let key = Key::open(&file).map_err(|error| {
        let help = "name the node's key with `--key`, or make one: `rehearsal keygen FILE`";
        CliError::usage(format!("cannot read the key {shown}: {error}; {help}"))
    })?;
    let listed = roster.member(me).and_then(|member| member.key);
    if listed == Some(key.public()) {
        return Ok(key);
    }
    let whose = match roster.owner(&key.public()) {
        Some(other) => format!("{other}'s key, not {me}'s"),
        None => "not in this roster".to_owned(),
    };
    Err(CliError::usage(format!(
        "{shown} is {whose}: name {me}'s key with `--key`, or put `key: \"{}\"` into the \
         roster",
        key.public()
    )))
}
