//! `rehearsal node`: one real node, from a roster until it is told to stop.

mod display;
mod event;
mod failure;
mod files;
mod input;
mod page;
mod style;
mod via;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use rehearsal_machine::NodeId;
use rehearsal_sim::{Owner as _, Protocol};
use rehearsal_tcp::{Key, NodeError, Roster, Security, Setup};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

use super::console::complain;
use super::output::write_private;
use super::roster::{RosterArguments, node_of};
use super::signals::Signals;
use super::web::{MOST_CONNECTIONS, OrderOf};
use super::{Cli, CliError, Command, Console, Exit, log, open_files};
use crate::real::{Cluster, Launch, folder_name};
use display::{Display, Links, Watch};
pub(super) use event::Event;
use page::Page;
use style::{Style, StyleArguments};

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
    /// Begin a new life, because the node's folder is lost; its peers forget the earlier life
    #[arg(long)]
    new_life: bool,
    /// Record all that happens to it in this file
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Serve the owner's page to the browsers of this computer, and tell its address
    #[arg(long)]
    page: bool,
    #[command(flatten)]
    style: StyleArguments,
    /// Log to standard error, in milliseconds since the start
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    log: String,
    /// Reach this peer at this address instead of the roster's, as in 3=127.0.0.1:4000
    #[arg(long, hide = true, value_name = "NODE=ADDRESS")]
    via: Vec<via::Via>,
    /// With `--json`: tell what the node knows beside its window
    #[arg(long, hide = true)]
    view: bool,
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
    let roster = &cluster.membership.roster;
    // A link to each peer, and what looks at the page.
    let of_page = if wanted.page { MOST_CONNECTIONS as u32 } else { 0 };
    open_files::are_enough(roster.nodes() + of_page)?;
    // First of all, so that a signal that comes early is heard, too.
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| CliError::usage(format!("the system gives no event queue: {error}")))?;
    let mut signals = runtime.block_on(async { Signals::new() })?;
    let me = node_of(roster, "--me", &wanted.me)?;
    let folder = wanted.folder.clone().unwrap_or_else(|| beside(&wanted.roster.roster, roster, me));
    let key = match roster.security() {
        Security::Keys => Some(key(wanted, &folder, roster, me)?),
        Security::Insecure => None,
    };
    let reserved = files::check(cluster, wanted, &folder)?;
    log::of_node(&wanted.log, || {
        let mut display =
            Display::new(me, wanted.style.style(), folder.clone(), reserved, console.out);
        if wanted.view {
            display.with_view();
        }
        let (mut lines, mut page) = (None, None);
        let mut is_new_life = wanted.new_life;
        loop {
            let launch = Launch {
                key: key.clone(),
                recording: wanted.record.as_deref(),
                is_new_life,
                listener: None,
            };
            let mut setup = {
                // The listener is opened for this runtime.
                let _guard = runtime.enter();
                cluster.setup(me, &folder, launch).map_err(|failure| failure::before(&failure))?
            };
            setup.roster = via::reached(setup.roster, &wanted.via)?;
            if let Some(bytes) = setup.cells.torn() {
                let torn = format!("{me}: {bytes} bytes of a save that was torn are gone");
                complain(console.err, &torn);
            }
            let metrics = Arc::clone(&setup.metrics);
            if wanted.page && page.is_none() {
                // It is served for as long as this runtime is there.
                let _guard = runtime.enter();
                let (served, orders) = Page::serve(cluster, me, &folder.join("page"))?;
                if wanted.style.style() != Style::Json {
                    complain(console.err, &format!("{me}: page {}", served.url()));
                }
                display.on_page(served);
                page = Some(orders);
            }
            display.begin(setup.cells.incarnation(), Links::new(&metrics, roster.nodes()));
            let process = Process {
                display: &mut display,
                signals: &mut signals,
                lines: &mut lines,
                orders: &mut page,
                parent: wanted.parent,
            };
            let ended = runtime.block_on(live(cluster, setup, process));
            complain(console.err, &format!("{me}: {metrics}"));
            if let Ended::Failed(NodeError::NewLife(peer)) = ended {
                let why = format!("{me}: {peer} begins a new life; {me} forgets the earlier one");
                complain(console.err, &why);
                is_new_life = false;
                continue;
            }
            display.ended(&metrics);
            // A node that has never run has no window: the one of an earlier life stays.
            let window = match display.window_text() {
                Some(text) => write_private(&folder.join("window.txt"), &text),
                None => Ok(()),
            };
            return match ended {
                Ended::Stopped => window.map(|()| Exit::Held),
                Ended::Interrupted => Ok(Exit::Interrupted),
                Ended::Failed(failure) => Err(failure::while_running(me, &failure)),
            };
        }
    })?
}

/// What all lives of a process have in common.
struct Process<'a, 'b> {
    display: &'a mut Display<'b>,
    signals: &'a mut Signals,
    /// The lines of standard input, once they are read.
    lines: &'a mut Option<mpsc::Receiver<String>>,
    /// What is asked for on the owner's page, if there is one.
    orders: &'a mut Option<mpsc::Receiver<OrderOf>>,
    parent: Option<u32>,
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
    process: Process<'_, '_>,
) -> Ended {
    let Process { display, signals, lines, orders: asked, parent } = process;
    if parent.is_some_and(|parent| !end_with(parent)) {
        return Ended::Stopped;
    }
    let (commands, orders) = mpsc::channel(TYPED);
    let clicked = commands.clone();
    let (stop, stopped) = oneshot::channel();
    let owner = async {
        signals.asked().await;
        // A closed channel means that the node has stopped already.
        let _ = stop.send(());
        signals.insisted().await;
    };
    let typing = async {
        let lines = lines.get_or_insert_with(input::lines);
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
    let me = setup.me;
    let clicking = async {
        while let Some(asked) = asked
            && let Some((order, answer)) = asked.recv().await
        {
            let command = page::command(cluster, me, &order);
            let told = command.as_ref().map(drop).map_err(ToString::to_string);
            if let Ok(command) = command {
                // A closed channel means that the node has stopped already.
                let _ = clicked.send(command).await;
            }
            // A browser that is gone needs no answer.
            let _ = answer.send(told);
        }
        std::future::pending::<()>().await;
    };
    let until = async {
        let _ = stopped.await;
    };
    tokio::select! {
        ended = rehearsal_tcp::run(setup, Watch::<P>::new(display), orders, until) => {
            ended.map_or_else(Ended::Failed, |()| Ended::Stopped)
        }
        () = owner => Ended::Interrupted,
        () = typing => Ended::Stopped,
        () = clicking => Ended::Stopped,
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
