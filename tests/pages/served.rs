//! A cluster that serves pages.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::Browser;

/// Users who chat and elect a leader, and do what else is said.
pub(crate) fn chat(more: &str) -> String {
    format!(
        r#"Chat(({more} resend: "30ms", election: (form: Hardened(
            answer_wait: "101ms", coordinator_wait: "201ms", heartbeat: "100ms", leader_wait: "900ms",
        ))))"#
    )
}

/// A cluster of real nodes, each with a page. It ends when this is dropped.
pub(crate) struct Served {
    cluster: Child,
    folder: TempDir,
    /// The address of the page of all nodes.
    pub(crate) all: String,
    /// The address of each node's page.
    pub(crate) pages: Vec<String>,
}

impl Served {
    /// So many nodes of this protocol, `user1` and so on, all of which are up.
    pub(crate) fn start(nodes: usize, protocol: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let member =
            |number| format!("(name: \"user{number}\", address: \"127.0.0.1:{}\"),", port());
        let members: String = (1..=nodes).map(member).collect();
        let roster = format!(
            "(cluster: \"test\", protocol: {protocol}, nodes: [{members}], \
             network: (delay: Uniform(\"0ms\", \"50ms\")), insecure: true)"
        );
        let file = folder.path().join("roster.ron");
        std::fs::write(&file, roster).expect("there is room");
        let script = include_str!("../../scenarios/script/paper-50.txt");
        std::fs::write(folder.path().join("text.txt"), script).expect("there is room");
        let mut cluster = Command::new(env!("CARGO_BIN_EXE_rehearsal"))
            .arg("cluster")
            .arg(&file)
            .args(["--pages", "--for", "120s", "--show", "outputs"])
            .arg("--folder")
            .arg(folder.path().join("nodes"))
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let told = BufReader::new(cluster.stdout.take().expect("it is piped"));
        let (all, pages) = addresses(told, nodes);
        Self { cluster, folder, all, pages }
    }

    /// The folder of a node, from 1.
    pub(crate) fn folder(&self, node: usize) -> std::path::PathBuf {
        self.folder.path().join(format!("nodes/user{node}"))
    }

    pub(crate) fn id(&self) -> u32 {
        self.cluster.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Its nodes end with it.
        let _ = self.cluster.kill();
        let _ = self.cluster.wait();
    }
}

/// Reads where the pages are until all nodes are up, and lets the cluster talk on.
fn addresses(mut told: BufReader<ChildStdout>, nodes: usize) -> (String, Vec<String>) {
    let (mut all, mut pages) = (None, vec![String::new(); nodes]);
    let mut line = String::new();
    while !line.contains("(all nodes are up)") {
        line.clear();
        let read = told.read_line(&mut line).expect("it is text");
        assert!(read > 0, "the cluster has ended before all nodes were up");
        let Some((before, url)) = line.trim_end().trim_end_matches(')').split_once("page http")
        else {
            continue;
        };
        let url = format!("http{url}");
        match before.split_once("user").and_then(|(_, rest)| rest.split(' ').next()) {
            Some(number) => pages[number.parse::<usize>().expect("a number") - 1] = url,
            None => all = Some(url),
        }
    }
    std::thread::Builder::new()
        .spawn(move || std::io::copy(&mut told, &mut std::io::sink()))
        .expect("a thread starts");
    assert!(pages.iter().all(|url| !url.is_empty()), "{pages:?}");
    (all.expect("there is a page of all nodes"), pages)
}

/// A port that is free, and below those that the system gives to connections.
fn port() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    const COUNT: u16 = 2_000;
    let begin = (std::process::id() % 1_000) as u16;
    for _ in 0..COUNT {
        let port = 30_000 + (begin + TAKEN.fetch_add(1, Ordering::Relaxed)) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// The window that a page shows, of the node with this place on it.
pub(crate) fn window(browser: &mut Browser, place: usize) -> Vec<String> {
    let lines = format!(
        "[...document.querySelectorAll('.window')[{place}].children].map((line) => line.textContent)"
    );
    let lines = browser.eval(&lines);
    let text = |line: &Value| line.as_str().expect("a text").to_owned();
    lines.as_array().expect("a list").iter().map(text).collect()
}

/// Waits until some line of the window there is this one.
pub(crate) fn until_shown(browser: &mut Browser, place: usize, line: &str) {
    browser.until(&format!(
        "[...(document.querySelectorAll('.window')[{place}]?.children ?? [])]\
         .some((line) => line.textContent === {})",
        json!(line)
    ));
}

/// Chooses this on the page and types a text there, as a user does.
pub(crate) fn say(browser: &mut Browser, label: &str, node: Option<usize>, text: &str) {
    let choice = format!(
        "(() => {{ const form = document.querySelector('form'); \
         const [offers, nodes] = form.querySelectorAll('select'); \
         const found = [...offers.options].find((option) => option.textContent === {label}); \
         if (!found) return false; \
         offers.value = found.value; offers.dispatchEvent(new Event('change')); \
         if ({node} !== null) nodes.value = String({node}); \
         form.querySelector('input').value = {text}; \
         form.requestSubmit(); return true; }})()",
        label = json!(label),
        node = json!(node),
        text = json!(text),
    );
    browser.until(&choice);
}
