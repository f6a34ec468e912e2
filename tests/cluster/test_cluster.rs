//! Where nodes are started and stopped, and what is known of them.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rehearsal::machine::{NodeId, Time};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use super::process::{Ended, News, Process};

/// After so long a test hangs for certain.
const LIMIT: Duration = Duration::from_secs(60);

const PAPER: &str = include_str!("../../scenarios/script/paper-50.txt");

/// Users who chat and elect a leader, and do what else is said. A message is
/// said again after 20 ms, so that a script is over in a second or two.
fn chat(more: &str) -> String {
    format!(
        r#"Chat(({more} resend: "20ms", election: (form: Hardened(
            answer_wait: "101ms", coordinator_wait: "201ms", heartbeat: "100ms", leader_wait: "500ms",
        ))))"#
    )
}

const DELAY: &str = r#"Uniform("0ms", "50ms")"#;

/// A cluster on this machine, in folders of a temporary one.
pub(crate) struct TestCluster {
    pub(crate) folder: TempDir,
    pub(crate) roster: PathBuf,
    /// Nodes note all that happens to them.
    pub(crate) is_recorded: bool,
    /// Of each node, what is known of it.
    pub(crate) nodes: Vec<Known>,
    told: Sender<News>,
    news: Receiver<News>,
}

/// What is known of a node.
#[derive(Default)]
pub(crate) struct Known {
    process: Option<Process>,
    life: usize,
    /// Its process has closed its standard output.
    is_silent: bool,
    /// How often it was up.
    pub(crate) ups: usize,
    pub(crate) window: Vec<String>,
    /// The process that runs now has shown it.
    pub(crate) is_shown: bool,
    /// When it said what, by the clock that all share.
    pub(crate) outputs: Vec<(Time, String)>,
    /// Its last words.
    pub(crate) metrics: Option<Value>,
}

impl TestCluster {
    /// So many nodes whose roster is made of this protocol and network.
    /// With keys, they are made by `rehearsal keygen`.
    pub(crate) fn new(nodes: usize, protocol: &str, delay: &str, has_keys: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let member = |number: usize| {
            let key = if has_keys { keygen(folder.path(), number) } else { String::new() };
            format!("(name: \"user{number}\", address: \"127.0.0.1:{}\", {key}),", port())
        };
        let members: String = (1..=nodes).map(member).collect();
        let insecure = !has_keys;
        let roster = format!(
            "(cluster: \"test\", protocol: {protocol}, nodes: [{members}], \
             network: (delay: {delay}), insecure: {insecure})"
        );
        std::fs::write(folder.path().join("roster.ron"), roster).expect("it can be written");
        std::fs::write(folder.path().join("text.txt"), PAPER).expect("it can be written");
        let roster = folder.path().join("roster.ron");
        let (told, news) = channel();
        let nodes = (0..nodes).map(|_| Known::default()).collect();
        Self { folder, roster, is_recorded: false, nodes, told, news }
    }

    /// So many users who chat.
    pub(crate) fn of_chat(nodes: usize, has_keys: bool) -> Self {
        Self::new(nodes, &chat(""), DELAY, has_keys)
    }

    /// Six users who follow the paper's script.
    pub(crate) fn of_paper() -> Self {
        let mode = r#"mode: Script((form: Repaired, script: "text.txt", resend: "20ms")),"#;
        Self::new(6, &chat(mode), DELAY, false)
    }

    pub(crate) fn all(&self) -> std::ops::Range<usize> {
        0..self.nodes.len()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a file in a node's folder says.
    pub(crate) fn read(&self, node: usize, name: &str) -> String {
        let file = self.path(&format!("user{}/{name}", node + 1));
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    pub(crate) fn recording(&self, node: usize) -> PathBuf {
        self.path(&format!("user{}.recording", node + 1))
    }

    /// `rehearsal node ROSTER --me N --json`.
    pub(crate) fn command(&self, node: usize) -> Command {
        let mut command = rehearsal(&["node"]);
        command.arg(&self.roster).args(["--json", "--me", &(node + 1).to_string()]);
        let key = self.path(&format!("user{}.key", node + 1));
        if key.exists() {
            command.arg("--key").arg(key);
        }
        if self.is_recorded {
            command.arg("--record").arg(self.recording(node));
        }
        command
    }

    pub(crate) fn start(&mut self, node: usize) {
        self.start_by(node, &mut self.command(node));
    }

    pub(crate) fn start_by(&mut self, node: usize, command: &mut Command) {
        let known = &mut self.nodes[node];
        known.life += 1;
        known.is_silent = false;
        known.is_shown = false;
        known.process = Some(Process::start(command, (node, known.life), self.told.clone()));
    }

    pub(crate) fn start_all(&mut self) {
        self.all().for_each(|node| self.start(node));
        self.until("all are up", |cluster| cluster.nodes.iter().all(|known| known.ups > 0));
    }

    /// Starts a node, and waits until it is up.
    pub(crate) fn start_up(&mut self, node: usize) {
        let before = self.nodes[node].ups;
        self.start(node);
        self.until("it is up", |cluster| cluster.nodes[node].ups > before);
    }

    pub(crate) fn process(&mut self, node: usize) -> &mut Process {
        self.nodes[node].process.as_mut().expect("it was started")
    }

    /// Kills a node, and takes note of all that it had said.
    pub(crate) fn kill(&mut self, node: usize) {
        self.process(node).kill();
        self.ended(node);
    }

    /// Stops a node as its owner would.
    pub(crate) fn stop(&mut self, node: usize) -> Ended {
        self.process(node).signal(Signal::TERM);
        self.ended(node)
    }

    pub(crate) fn stop_all(&mut self) {
        for node in self.all() {
            let ended = self.stop(node);
            assert_eq!(ended.code, Some(0), "user{}: {}", node + 1, ended.errors);
        }
    }

    /// Waits until a node's process has ended.
    pub(crate) fn ended(&mut self, node: usize) -> Ended {
        self.until("a process ends", |cluster| cluster.nodes[node].is_silent);
        self.nodes[node].process.take().expect("it was started").ended()
    }

    /// Takes news until this is so.
    pub(crate) fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let deadline = rehearsal::tcp::now() + LIMIT;
        while !is_so(self) {
            self.hear(what, deadline);
        }
    }

    /// Does every node show its window of the paper's script?
    pub(crate) fn is_right(&self) -> bool {
        self.nodes.iter().map(|known| &known.window).eq(&paper_windows())
    }

    /// No life of a node tells its owner anything that it, or one before it,
    /// has told. Gives how much it told of what it heard.
    pub(crate) fn assert_hears_once(&self, node: usize) -> usize {
        let told = self.nodes[node].outputs.iter().map(|(_, text)| text);
        let mut told: Vec<_> = told.filter(|text| text.starts_with("hears")).collect();
        let all = told.len();
        told.sort();
        told.dedup();
        assert_eq!(told.len(), all, "user{} was told something twice", node + 1);
        all
    }

    /// Takes one piece of news, of which there must be one some time.
    pub(crate) fn until_news(&mut self, what: &str) {
        self.hear(what, rehearsal::tcp::now() + LIMIT);
    }

    fn hear(&mut self, what: &str, deadline: Time) {
        let is_heard = self.hear_until(deadline);
        assert!(is_heard, "not so within {LIMIT:?}: {what}\n{}", self.told());
    }

    /// Takes one piece of news; `false` if there is none before this time.
    pub(crate) fn hear_until(&mut self, deadline: Time) -> bool {
        let span = deadline.since(rehearsal::tcp::now());
        let Ok(news) = self.news.recv_timeout(span) else { return false };
        let known = &mut self.nodes[news.node];
        if known.life != news.life {
            return true;
        }
        let Some(event) = news.event else {
            known.is_silent = true;
            return true;
        };
        let at = event["at_ns"].as_u64().map(Time::from_nanos);
        let text = |value: &Value| value.as_str().expect("it is text").to_owned();
        match event["event"].as_str() {
            Some("up") => known.ups += 1,
            Some("output") => known.outputs.push((at.expect("it says when"), text(&event["text"]))),
            Some("window") => {
                known.is_shown = true;
                let count = |field: &str| event[field].as_u64().expect("a number") as usize;
                known.window.drain(..count("drop"));
                known.window.truncate(count("keep"));
                known.window.extend(event["add"].as_array().expect("a list").iter().map(text));
            }
            Some("stopped") => known.metrics = Some(event["metrics"].clone()),
            other => panic!("no such event: {other:?}"),
        }
        true
    }

    /// What is known of all, for who looks into a failure.
    fn told(&mut self) -> String {
        let mut text = String::new();
        for (number, known) in (1..).zip(&mut self.nodes) {
            text += &format!("user{number}, up {} times: {:#?}\n", known.ups, known.window);
            let last: Vec<_> = known.outputs.iter().rev().take(5).collect();
            text += &format!("  {last:?}\n");
            if let Some(mut process) = known.process.take() {
                process.kill();
                text += &process.ended().errors;
            }
        }
        text
    }
}

pub(crate) fn rehearsal(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.args(arguments);
    command
}

/// The exit code of a command, and what it printed.
pub(crate) fn ran(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("it is text");
    (status.code(), text(stdout), text(stderr))
}

/// A folder with a script of these messages, its users at ports of this machine.
pub(crate) fn script(users: usize, messages: &str) -> (TempDir, Vec<u16>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ports: Vec<_> = (0..users).map(|_| port()).collect();
    let users: String =
        (1..).zip(&ports).map(|(user, port)| format!("127.0.0.1,{port},user{user}\n")).collect();
    let text = format!("Users\n{users}Message\n{messages}");
    std::fs::write(folder.path().join("text.txt"), text).expect("it can be written");
    (folder, ports)
}

/// Makes a key, and gives what the roster is to say of it.
fn keygen(folder: &Path, number: usize) -> String {
    let file = folder.join(format!("user{number}.key"));
    ran(rehearsal(&["keygen"]).arg(file)).1.trim().to_owned()
}

/// A port that is free, and stays so: below those that the system gives to
/// connections, or while a node is down somebody's connection to it could take
/// its port, or even meet itself there.
pub(crate) fn port() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 10_000;
    const COUNT: u16 = 20_000;
    // Test runs side by side begin in different places.
    let begin = (std::process::id().wrapping_mul(97) % u32::from(COUNT)) as u16;
    for _ in 0..COUNT {
        let next = (begin + TAKEN.fetch_add(1, Ordering::Relaxed) % COUNT) % COUNT;
        if TcpListener::bind(("127.0.0.1", FIRST + next)).is_ok() {
            return FIRST + next;
        }
    }
    panic!("no port is free");
}

pub(crate) fn paper_messages() -> &'static str {
    PAPER.split_once("Message\n").expect("a script has messages").1
}

/// The paper's windows, read from its script without the product's reader.
pub(crate) fn paper_windows() -> Vec<Vec<String>> {
    let (users, _) = PAPER.split_once("Message\n").expect("a script has messages");
    let messages = paper_messages();
    let names: Vec<_> = users.lines().skip(1).filter_map(|user| user.split(',').nth(2)).collect();
    let numbers: BTreeSet<_> = messages.lines().collect();
    assert_eq!((names.len(), numbers.len()), (6, 50));
    let heard = |name: &str| {
        let lines = messages.lines().map(|line| line.splitn(3, ',').collect::<Vec<_>>());
        lines.filter(|line| line[1] == name).map(|line| line[2].to_owned()).collect()
    };
    names.into_iter().map(heard).collect()
}

/// n1 for 0.
pub(crate) fn node(index: usize) -> NodeId {
    NodeId::from_index(index)
}
