//! The task that owns a machine and drives it through the real world.
//!
//! Inputs are handled in batches. What a batch says goes into the queues of its
//! peers while the writers, which run on the same thread, cannot run; what it
//! saves is made durable, in one write, before the task lets go of the thread.
//! Nothing is thereby seen of a node before all that it saved earlier is on its
//! disk, and a hundred inputs wait for the disk once. If the disk fails, the
//! task ends with nothing of the batch said.

mod alarms;
mod draws;
mod peers;
mod step;

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use rehearsal_protocol::NodeId;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local, yield_now};
use tokio::time::{Instant, sleep_until};

use crate::disk::{Cells, DiskError};
use crate::link::accept::Door;
use crate::link::dial::keep_dialling;
use crate::link::handshake::Introduction;
use crate::metrics::Metrics;
use crate::recording::{Recorder, RecordingError};
use crate::refusals::Refusals;
use crate::tls::Tls;
use crate::wire::hello::Digest;
use crate::{Key, Limits, RealMachine, Roster, Security};
use step::Driver;

/// How many reads of links are handled in one batch.
pub(crate) const BATCH: usize = 32;

/// All that a node needs to run.
pub struct Setup<M> {
    /// Which member of the roster it is.
    pub me: NodeId,
    /// Who belongs to the cluster.
    pub roster: Roster,
    /// What proves that it is this member; needed where members have keys.
    pub key: Option<Key>,
    /// What its configuration comes down to: others are not let in.
    pub digest: Digest,
    /// But those with one of these are, during an upgrade; at most [`MOST_ALSO`](crate::MOST_ALSO).
    pub also: Vec<Digest>,
    /// How much of everything it takes.
    pub limits: Limits,
    /// What it has saved.
    pub cells: Cells,
    /// Where it notes what happens to it, if it shall.
    pub recorder: Option<Recorder>,
    /// Its machine, which has not started.
    pub machine: M,
    /// Where it listens; by default at its address in the roster.
    pub listener: Option<std::net::TcpListener>,
    /// Where it counts what it meets; made for as many nodes as the roster has,
    /// or those beyond are not counted.
    pub metrics: Arc<Metrics>,
}

/// Who hears what a node tells its owner.
pub trait Owner<M: RealMachine> {
    /// The node says something. All that it saved before is durable.
    fn hears(&mut self, output: M::Output);

    /// The node has done what there was to do for now; this is what it knows.
    fn sees(&mut self, machine: &M) {
        let _ = machine;
    }
}

/// Why a node could not begin, or stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// It is no member of its cluster.
    NoMember(NodeId),
    /// Members have keys, and it has none, or not the one in the roster.
    Key,
    /// It cannot listen at its address.
    Listen(SocketAddr, io::Error),
    /// What it has saved cannot be read, or it could not save: nothing was said
    /// after that.
    Disk(DiskError),
    /// What its machine saves has no postcard form.
    Unwritable(postcard::Error),
    /// What happened to it could not be noted: nothing was said after that.
    Recording(RecordingError),
}

/// Runs a node until it is told to stop; then what it said is written out, as
/// far as peers take it within [`Limits::flush`].
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
/// If the machine does; and if [`Limits::inbox`] is 0, or there is no such runtime.
pub async fn run<M: RealMachine + 'static>(
    setup: Setup<M>,
    mut owner: impl Owner<M>,
    mut commands: mpsc::Receiver<M::Command>,
    stop: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let tls = check(&setup)?;
    let listener = listen(&setup)?;
    let tasks = LocalSet::new();
    let driving = async {
        let (inbox, mut arriving) = mpsc::channel(setup.limits.inbox);
        let metrics = Arc::clone(&setup.metrics);
        let us = Rc::new(Introduction::new(
            setup.me,
            setup.cells.incarnation(),
            setup.roster.clone(),
            setup.digest,
            setup.also.clone(),
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
        let door =
            Door { us, tls, limits: setup.limits.clone(), refusals, metrics, inbox: inbox.clone() };
        let door = spawn_local(door.keep(listener));

        let storage = setup.cells.storage::<M>().map_err(Failure::Disk)?;
        let mut driver = Driver::new(setup, inbox);
        driver.start(storage);
        driver.settle(&mut owner)?;

        let mut stop = pin!(stop);
        let mut events = Vec::new();
        let mut has_commands = true;
        loop {
            let wakes = driver.next_alarm().map(|span| Instant::now() + span);
            tokio::select! {
                biased;
                () = &mut stop => break,
                _ = arriving.recv_many(&mut events, BATCH) => {}
                command = commands.recv(), if has_commands => match command {
                    Some(command) => driver.command(command),
                    None => has_commands = false,
                },
                () = sleep_until(wakes.unwrap_or_else(Instant::now)), if wakes.is_some() => {}
            }
            driver.look_at_clock();
            events.drain(..).for_each(|event| driver.event(event));
            while let Ok(command) = commands.try_recv() {
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

/// Does the node have the key that its roster wants?
fn check<M>(setup: &Setup<M>) -> Result<Option<Tls>, Failure> {
    let member = setup.roster.member(setup.me).ok_or(Failure::NoMember(setup.me))?;
    match (setup.roster.security(), &setup.key) {
        (Security::Insecure, _) => Ok(None),
        (Security::Keys, Some(key)) if Some(key.public()) == member.key => {
            Ok(Some(Tls::new(key, &setup.roster)))
        }
        (Security::Keys, _) => Err(Failure::Key),
    }
}

fn listen<M>(setup: &Setup<M>) -> Result<TcpListener, Failure> {
    let member = setup.roster.member(setup.me).ok_or(Failure::NoMember(setup.me))?;
    let listening = match &setup.listener {
        Some(listener) => listener.try_clone().and_then(|listener| {
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        }),
        None => bind(member.address),
    };
    listening.map_err(|error| Failure::Listen(member.address, error))
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A node that was killed shall start again at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(1_024)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMember(node) => write!(f, "there is no {node} in the roster"),
            Self::Key => f.write_str("the node's key is not the one that the roster has for it"),
            Self::Listen(address, error) => write!(f, "cannot listen at {address}: {error}"),
            Self::Disk(error) => error.fmt(f),
            Self::Recording(error) => error.fmt(f),
            Self::Unwritable(error) => {
                write!(f, "what the machine saves cannot be written: {error}")
            }
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen(_, error) => Some(error),
            Self::Disk(error) => Some(error),
            Self::Unwritable(error) => Some(error),
            Self::Recording(error) => Some(error),
            Self::NoMember(_) | Self::Key => None,
        }
    }
}
