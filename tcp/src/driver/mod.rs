//! The task that owns a machine and drives it through the real world.
//!
//! The task handles inputs in batches. A batch is:
//!
//! 1. Wait for frames, a command, or a deadline.
//! 2. Let the machine handle what has arrived: frames first, then commands, then the node's
//!    messages to itself and the deadlines that are due. Messages go into the queues to their
//!    receivers. Saves are collected.
//! 3. Write the collected steps to the recording, and the collected saves to the disk, with one
//!    sync.
//! 4. Give the outputs to the owner, and yield, so that the writer tasks send the messages.
//!
//! The writers run on the same thread and cannot run during a batch. So no effect of a node can be
//! observed before all its earlier saves are on the disk, and a hundred inputs wait for the disk
//! once. If the disk fails, the task ends, and nothing of the batch is sent. While a machine does
//! not save, batches are small, so that a peer can work on one batch's messages during the next.

mod chance;
mod peers;
mod setup;
mod step;
#[cfg(test)]
mod tests;
mod wakeups;

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, LocalSet, spawn_local, yield_now};
use tokio::time::{Instant, sleep_until};

use crate::RealMachine;
use crate::link::Event;
use crate::link::acceptor::Acceptor;
use crate::link::dialer::keep_dialling;
use crate::link::handshake::Handshake;
use crate::link::known_peers::KnownPeers;
use crate::link::refusal_log::RefusalLog;
use crate::tls::Tls;
pub use setup::{NodeError, Setup, listen};
use setup::{check, listener};
use step::Driver;

/// The maximum number of link reads in one batch.
pub(crate) const BATCH: usize = 32;

/// The maximum number of link reads in a batch while the machine does not save.
const SMALL_BATCH: usize = 2;

/// Receives what a node tells its owner.
pub trait Owner<M: RealMachine> {
    /// The machine emitted an output. All its earlier saves are on the disk.
    fn output(&mut self, output: M::Output);

    /// The node has finished a batch of inputs and left its machine in this state. All saves are
    /// on the disk.
    fn observe(&mut self, machine: &M) {
        let _ = machine;
    }
}

/// Runs a node until `stop` completes. Then it sends what is in its queues, as far as its peers
/// take it within [`Limits::flush`](crate::Limits::flush).
///
/// If the sender of `commands` is dropped, the node runs on without commands. Once a node runs,
/// only its own disk, recording and machine can end it with an error, and a peer whose owner begins a
/// new life ([`NodeError::NewLife`]); other peers and strangers cannot.
/// Dropping the future ends the node as if its process had been killed.
///
/// The future must run on a single-threaded tokio runtime with time and I/O enabled, because
/// the writers must not run during a batch.
///
/// # Panics
///
/// If the machine panics, or outside such a runtime.
pub async fn run<M: RealMachine + 'static>(
    setup: Setup<M>,
    mut owner: impl Owner<M>,
    mut commands: mpsc::Receiver<M::Command>,
    stop: impl Future<Output = ()>,
) -> Result<(), NodeError> {
    let tls = check(&setup)?;
    let listener = listener(&setup)?;
    let tasks = LocalSet::new();
    let driving = async {
        let (inbox, mut arriving) = mpsc::channel(setup.limits.inbox);
        let (nodes, amnesia) = (setup.roster.nodes(), setup.amnesia);
        let known = Rc::new(KnownPeers::new(nodes, &setup.cells, amnesia));
        let acceptor = connect(&setup, Rc::clone(&known), tls, listener, &inbox);
        let storage = setup.cells.storage::<M>().map_err(NodeError::Disk)?;
        let mut driver = Driver::new(setup, known, inbox);
        driver.start(storage);
        driver.set_commits(&mut owner)?;

        let mut stop = pin!(stop);
        let mut events = Vec::new();
        let mut has_commands = true;
        let mut first_command = None;
        let ended = loop {
            let wakeup = driver.next_wakeup().map(|span| Instant::now() + span);
            tokio::select! {
                biased;
                () = &mut stop => break Ok(()),
                _ = arriving.recv_many(&mut events, driver.batch()) => {}
                command = commands.recv(), if has_commands => {
                    has_commands = command.is_some();
                    first_command = command;
                }
                () = sleep_until(wakeup.unwrap_or_else(Instant::now)), if wakeup.is_some() => {}
            }
            driver.begin_batch();
            if driver.has_due_wakeup() {
                // A slow node must not suspect its peers: before a deadline fires, the readers get
                // a turn to hand over what has arrived. Nothing of this batch has been sent yet.
                yield_now().await;
                while events.len() < BATCH
                    && let Ok(event) = arriving.try_recv()
                {
                    events.push(event);
                }
            }
            events.drain(..).for_each(|event| driver.event(event));
            while let Some(command) = first_command.take().or_else(|| commands.try_recv().ok()) {
                driver.command(command);
            }
            driver.wake_up();
            driver.set_commits(&mut owner)?;
            if let Some(peer) = driver.new_life() {
                break Err(NodeError::NewLife(peer));
            }
            // The writers' turn.
            yield_now().await;
        };
        acceptor.abort();
        tokio::select! {
            () = driver.flush() => {}
            // Keep reading: a peer whose own sends are stuck might not take ours.
            () = async { while arriving.recv().await.is_some() {} } => {}
        }
        ended
    };
    tasks.run_until(driving).await
}

/// Starts the tasks that connect to the peers with a higher number, and the one that accepts the
/// connections of the others. Returns the latter.
fn connect<M>(
    setup: &Setup<M>,
    known: Rc<KnownPeers>,
    tls: Option<Tls>,
    listener: TcpListener,
    inbox: &mpsc::Sender<Event>,
) -> AbortHandle {
    let member = setup.roster.member(setup.me).expect("the setup was checked");
    let us = Rc::new(Handshake {
        me: setup.me,
        address: member.address,
        life: setup.cells.life().clone(),
        patience: setup.limits.handshake / 4,
        known,
        roster: setup.roster.clone(),
        digest: setup.digest,
        compatible: setup.compatible.clone(),
    });
    let metrics = Arc::clone(&setup.metrics);
    let refusals = Rc::new(RefusalLog::new(Arc::clone(&metrics)));
    for (peer, _) in setup.roster.members().filter(|(peer, _)| *peer > setup.me) {
        spawn_local(keep_dialling(
            peer,
            Rc::clone(&us),
            tls.clone(),
            setup.limits.clone(),
            Rc::clone(&refusals),
            inbox.clone(),
        ));
    }
    let limits = setup.limits.clone();
    let acceptor = Acceptor { us, tls, limits, refusals, metrics, inbox: inbox.clone() };
    spawn_local(acceptor.run(listener)).abort_handle()
}
