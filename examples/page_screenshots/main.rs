//! Takes the pictures of [docs/pages.md](../../docs/pages.md): the page of one node of a running cluster, and that of
//! all. The pictures of runs are taken by `screenshots`.
//!
//! ```sh
//! cargo run --example page_screenshots
//! ```
//!
//! It needs Chromium (`tests/view/install.sh`).

#[expect(dead_code, reason = "tests need more of it")]
#[path = "../../tests/view/browser.rs"]
mod browser;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use browser::Browser;
use rehearsal::shipped;

/// Three of five users ask each other for what they have; the one with the highest number leads.
const ROSTER: &str = r#"(
    cluster: "friends",
    protocol: Chat((
        resend: "100ms",
        resources: (
            detector: Confirmed(period: "300ms", window: "110ms", ask: "50ms"),
            needs: [(node: 1, of: [2]), (node: 2, of: [3]), (node: 3, of: [1])],
            resend: "100ms",
        ),
        election: (form: Hardened(
            answer_wait: "150ms", coordinator_wait: "300ms", heartbeat: "200ms", leader_wait: "1s",
        )),
    )),
    nodes: [
        (name: "ann", address: "127.0.0.1:28811"), (name: "ben", address: "127.0.0.1:28812"),
        (name: "cleo", address: "127.0.0.1:28813"), (name: "dan", address: "127.0.0.1:28814"),
        (name: "eve", address: "127.0.0.1:28815"),
    ],
    network: (delay: Uniform("0ms", "50ms")),
    insecure: true,
)"#;

/// The nodes of the cluster are processes of this program.
fn main() -> ExitCode {
    if std::env::args().nth(1).is_some_and(|command| ["cluster", "node"].contains(&&*command)) {
        let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
        return shipped::cli().run(std::env::args(), &mut out, &mut err).into();
    }
    let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let roster = folder.path().join("friends.ron");
    fs::write(&roster, ROSTER).expect("a roster can be written");
    let (_cluster, [all, ann]) = started(&roster);
    let mut browser = Browser::start(&folder.path().join("profile"), 1280, 800);
    let mut take = |name: &str, url: &str, scheme: &str, size: (u32, u32), prepare: &str| {
        browser.resize(size.0, size.1);
        browser.prefer(scheme);
        browser.visit(url);
        browser.until("document.querySelector('.deadlock') !== null");
        browser.until(prepare);
        let image = images.join(name);
        let picture = format!("data:image/png;base64,{}", browser.picture());
        // The browser reads it; not on the page, which is not allowed to load anything.
        browser.visit("about:blank");
        let bytes = browser.eval(&format!(
            "fetch({picture:?}).then((answer) => answer.arrayBuffer()).then((bytes) => [...new Uint8Array(bytes)])"
        ));
        let bytes: Vec<u8> = serde_json::from_value(bytes).expect("a list of bytes");
        fs::write(&image, bytes).expect("a picture can be written");
        println!("{}", image.display());
    };
    let talks = "(async () => { for (const line of window.hasTalked ? [] : ['2 hello Ben', '4 are you there?', '5 lunch at one?']) \
                 await send({ order: 'line', node: 1, line }); \
                 window.hasTalked = true; \
                 return document.querySelectorAll('.said .heard').length >= 3; })()";
    take("page.png", &ann, "light", (760, 900), talks);
    take("page-dark.png", &ann, "dark", (400, 900), "true");
    let cut = "(async () => { if (!document.querySelector('[aria-pressed=true]')) \
               await send({ order: 'cut', nodes: [1, 4] }); \
               return document.querySelector('[aria-pressed=true]') !== null; })()";
    take("overview.png", &all, "light", (1280, 1100), cut);
    ExitCode::SUCCESS
}

/// A cluster, which ends when this is dropped.
struct Cluster(Child);

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A cluster, and the addresses of the page of all nodes and of that of the first one.
fn started(roster: &Path) -> (Cluster, [String; 2]) {
    let program = std::env::current_exe().expect("this program has a place");
    let mut command = Command::new(program);
    command.arg("cluster").arg(roster).args(["--pages", "--show", "outputs"]);
    let mut cluster = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut told = BufReader::new(cluster.stdout.take().expect("it is piped"));
    let (mut all, mut ann) = (String::new(), String::new());
    let mut line = String::new();
    while !line.contains("(all nodes are up)") {
        line.clear();
        assert!(told.read_line(&mut line).expect("it is text") > 0, "the cluster has ended");
        let url = line.trim_end().trim_end_matches(')').rsplit(' ').next().unwrap_or_default();
        if line.contains("all nodes: page ") {
            url.clone_into(&mut all);
        } else if line.contains("ann ") && line.contains("page http") {
            url.clone_into(&mut ann);
        }
    }
    std::thread::Builder::new()
        .spawn(move || std::io::copy(&mut told, &mut std::io::sink()))
        .expect("a thread starts");
    (Cluster(cluster), [all, ann])
}
