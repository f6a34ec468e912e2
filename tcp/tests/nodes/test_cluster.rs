//! Sets up and observes the nodes of a cluster.

use std::cell::RefCell;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_tcp::disk::{Identity, Store};
use rehearsal_tcp::{
    Amnesia, Key, Limits, Member, Metrics, NodeError, Owner, RealMachine, Roster, Security, Setup,
    Traffic, run,
};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;

/// A cluster whose nodes can be started, stopped, and started again.
pub(crate) struct TestCluster {
    pub(crate) roster: Roster,
    pub(crate) keys: Vec<Option<Key>>,
    pub(crate) listeners: Vec<TcpListener>,
    pub(crate) limits: Limits,
    pub(crate) folder: TempDir,
}

/// A running node.
pub(crate) struct Running<C> {
    pub(crate) commands: mpsc::Sender<C>,
    pub(crate) metrics: Arc<Metrics>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<Result<(), NodeError>>,
}

impl<C> Running<C> {
    /// What became of messages to and from this peer.
    pub(crate) fn traffic(&self, peer: u32) -> Traffic {
        self.metrics.traffic(NodeId::new(peer).expect("nodes count from 1"))
    }

    /// Stops the node, which must end without an error.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(true);
        self.ended().await.expect("the node stops without an error");
    }

    /// Waits until the node ends.
    pub(crate) async fn ended(self) -> Result<(), NodeError> {
        self.task.await.expect("no node panics")
    }

    /// Ends the node as if its process had been killed.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let ended = self.task.await;
        assert!(ended.is_err_and(|error| error.is_cancelled()), "the node ran until it was killed");
    }
}

impl TestCluster {
    pub(crate) fn new(nodes: u32, security: Security) -> Self {
        Self::with(nodes, security, Limits::default())
    }

    pub(crate) fn with(nodes: u32, security: Security, limits: Limits) -> Self {
        let folder = TempDir::new().expect("there is room for files");
        let all = (0..nodes as usize).map(NodeId::from_index);
        let listeners: Vec<_> = all
            .clone()
            .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port is free"))
            .collect();
        let key =
            |node: NodeId| Key::create(&folder.path().join(format!("{node}.key"))).expect("a key");
        let keys: Vec<_> =
            all.map(|node| (security == Security::Keys).then(|| key(node))).collect();
        let members =
            keys.iter().zip(&listeners).zip(1..).map(|((key, listener), number)| Member {
                name: format!("user{number}"),
                address: listener.local_addr().expect("the node listens"),
                key: key.as_ref().map(Key::public),
            });
        let roster = Roster::new("office", members.collect(), security).expect("a valid roster");
        Self { roster, keys, listeners, limits, folder }
    }

    /// The address at which a node listens.
    pub(crate) fn address(&self, node: NodeId) -> SocketAddr {
        self.listeners[node.index()].local_addr().expect("the node listens")
    }

    /// The key file of a member.
    pub(crate) fn key_file(&self, member: u32) -> PathBuf {
        self.folder.path().join(format!("n{member}.key"))
    }

    /// The folder in which a node saves its state.
    pub(crate) fn folder_of(&self, me: NodeId) -> PathBuf {
        self.folder.path().join(me.to_string())
    }

    /// Opens this folder for a node.
    pub(crate) fn store(me: NodeId, folder: &Path) -> Store {
        let identity = Identity { cluster: "office".into(), node: me, protocol: "test".into() };
        Store::open(folder, &identity).expect("the folder is fine")
    }

    pub(crate) fn setup<M>(&self, me: NodeId, machine: M) -> Setup<M> {
        let store = Self::store(me, &self.folder_of(me));
        self.setup_of(me, machine, store)
    }

    /// The setup of a node that runs from this store.
    pub(crate) fn setup_of<M>(&self, me: NodeId, machine: M, store: Store) -> Setup<M> {
        Setup {
            me,
            roster: self.roster.clone(),
            key: self.keys[me.index()].clone(),
            digest: [1; 32],
            compatible: Vec::new(),
            amnesia: Amnesia::Refuse,
            limits: self.limits.clone(),
            cells: store.begin().expect("there is room"),
            recorder: None,
            machine,
            listener: Some(self.listeners[me.index()].try_clone().expect("a second handle")),
            metrics: Arc::new(Metrics::new(self.roster.nodes())),
        }
    }

    /// Starts a node on the current task set.
    pub(crate) fn start<M>(
        &self,
        me: NodeId,
        machine: M,
        owner: impl Owner<M> + 'static,
    ) -> Running<M::Command>
    where
        M: RealMachine + 'static,
    {
        begin(self.setup(me, machine), owner)
    }
}

pub(crate) fn begin<M>(setup: Setup<M>, owner: impl Owner<M> + 'static) -> Running<M::Command>
where
    M: RealMachine + 'static,
{
    let (commands, orders) = mpsc::channel(64);
    let (stop, mut stopped) = watch::channel(false);
    let metrics = Arc::clone(&setup.metrics);
    let until = async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let task = tokio::task::spawn_local(run(setup, owner, orders, until));
    Running { commands, metrics, stop, task }
}

/// Collects the outputs of a node over all its lives.
pub(crate) struct Outputs<O>(Rc<RefCell<Vec<O>>>, watch::Sender<usize>);

impl<O> Clone for Outputs<O> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0), self.1.clone())
    }
}

impl<O: Clone> Outputs<O> {
    pub(crate) fn new() -> Self {
        Self(Rc::default(), watch::channel(0).0)
    }

    pub(crate) fn all(&self) -> Vec<O> {
        self.0.borrow().clone()
    }

    /// Waits until there are this many outputs.
    pub(crate) async fn until(&self, count: usize) {
        self.1
            .subscribe()
            .wait_for(|heard| *heard >= count)
            .await
            .expect("this value holds the sender");
    }
}

impl<M: RealMachine> Owner<M> for Outputs<M::Output> {
    fn output(&mut self, output: M::Output) {
        self.0.borrow_mut().push(output);
        self.1.send_modify(|heard| *heard += 1);
    }
}

/// What runs everything of a test on its thread.
pub(crate) struct TestRuntime(Runtime, LocalSet);

impl TestRuntime {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        Self(runtime.expect("there is a runtime"), LocalSet::new())
    }

    /// Runs a part of a test, which fails if it takes longer than a minute.
    pub(crate) fn run<T>(&self, test: impl Future<Output = T>) -> T {
        let limited = async { tokio::time::timeout(Duration::from_secs(60), test).await };
        self.1.block_on(&self.0, limited).expect("the test ends in time")
    }
}

/// Runs a test, which fails if it takes longer than a minute.
pub(crate) fn within_a_minute<T>(test: impl Future<Output = T>) -> T {
    TestRuntime::new().run(test)
}
