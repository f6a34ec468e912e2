//! The task that owns a machine and drives it through the real world.
//!
//! Inputs are handled in batches. What a batch says goes into the queues of its
//! peers while the writers, which run on the same thread, cannot run; what it
//! saves is made durable, in one write, before the task lets go of the thread.
//! Nothing is thereby seen of a node before all that it saved earlier is on its
//! disk, and a hundred inputs wait for the disk once. If the disk fails, the
//! task ends with nothing of the batch said. While there is no disk to wait for,
//! batches are small: a peer works on what the last one said during the next.

mod draws;
mod failure;
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

use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local, yield_now};
use tokio::time::{Instant, sleep_until};

use crate::RealMachine;
use crate::link::accept::Acceptor;
use crate::link::dial::keep_dialling;
use crate::link::handshake::Handshake;
use crate::refusals::Refusals;
pub use failure::NodeError;
pub use setup::Setup;
use setup::{check, listen};
use step::Driver;

/// How many reads of links are handled in one batch, at most.
pub(crate) const BATCH: usize = 32;

/// How many are, as long as the disk need not be waited for.
const SMALL_BATCH: usize = 2;

/// Who hears what a node tells its owner.
pub trait Owner<M: RealMachine> {
    /// The node says something. All that it saved before is durable.
    fn output(&mut self, output: M::Output);

    /// The node has done what there was to do for now; this is what it knows.
    fn observe(&mut self, machine: &M) {
        let _ = machine;
    }
}

/// Runs a node until it is told to stop; then what it said is written out, as
/// far as peers take it within [`Limits::flush`](crate::Limits::flush).
///
/// A node whose owner drops the other end of `commands` goes on without an
/// owner. Once it runs, only its own disk, recording and values end it with an
/// error: peers and strangers end no node. Dropped, it ends as if it were killed.
///
/// To be awaited on a runtime of one thread with its drivers of time and
/// sockets: writers must not run while a batch is handled.
///
/// # Panics
///
/// If the machine does, or if there is no such runtime.
pub async fn run<M: RealMachine + 'static>(
    setup: Setup<M>,
    mut owner: impl Owner<M>,
    mut commands: mpsc::Receiver<M::Command>,
    stop: impl Future<Output = ()>,
) -> Result<(), NodeError> {
    let tls = check(&setup)?;
    let listener = listen(&setup)?;
    let tasks = LocalSet::new();
    let driving = async {
        let (inbox, mut arriving) = mpsc::channel(setup.limits.inbox);
        let metrics = Arc::clone(&setup.metrics);
        let us = Rc::new(Handshake::new(
            setup.me,
            setup.cells.incarnation(),
            setup.roster.clone(),
            setup.digest,
            setup.compatible.clone(),
        ));
        let refusals = Rc::new(Refusals::new(Arc::clone(&metrics)));
        for (peer, _) in setup.roster.members().filter(|(peer, _)| *peer > setup.me) {
            let (us, tls, refusals) = (Rc::clone(&us), tls.clone(), Rc::clone(&refusals));
            spawn_local(keep_dialling(
                peer,
                us,
                tls,
                setup.limits.clone(),
                refusals,
                inbox.clone(),
            ));
        }
        let door = Acceptor {
            us,
            tls,
            limits: setup.limits.clone(),
            refusals,
            metrics,
            inbox: inbox.clone(),
        };
        let door = spawn_local(door.keep(listener));

        let storage = setup.cells.storage::<M>().map_err(NodeError::Disk)?;
        let mut driver = Driver::new(setup, inbox);
        driver.start(storage);
        driver.settle(&mut owner)?;

        let mut stop = pin!(stop);
        let mut events = Vec::new();
        let mut has_commands = true;
        let mut first_command = None;
        loop {
            let wakes = driver.next_wakeup().map(|span| Instant::now() + span);
            tokio::select! {
                biased;
                () = &mut stop => break,
                _ = arriving.recv_many(&mut events, driver.batch()) => {}
                command = commands.recv(), if has_commands => {
                    has_commands = command.is_some();
                    first_command = command;
                }
                () = sleep_until(wakes.unwrap_or_else(Instant::now)), if wakes.is_some() => {}
            }
            driver.look_at_clock();
            if driver.is_due() {
                // Who is late shall not take others for dead: what has come by now is heard
                // first. It is the readers' turn, and nothing of this batch is said yet.
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
            driver.ring();
            driver.settle(&mut owner)?;
            // The writers' turn.
            yield_now().await;
        }
        door.abort();
        tokio::select! {
            () = driver.flush() => {}
            // A peer that cannot get rid of what it says might not take what we say.
            () = async { while arriving.recv().await.is_some() {} } => {}
        }
        Ok(())
    };
    tasks.run_until(driving).await
}
