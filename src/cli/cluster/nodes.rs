//! The processes, and what they tell.

use std::io;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::mpsc;

use super::Place;
use crate::cli::CliError;
use crate::cli::node::Event;

/// What a process has told, and which it was.
pub(super) struct News {
    pub(super) node: usize,
    /// Which of the processes of this node, counted from 1.
    pub(super) life: usize,
    pub(super) what: What,
}

pub(super) enum What {
    Event(Event),
    /// A line on standard error.
    Aside(String),
    /// It tells nothing more.
    Silence,
}

/// One process for each node that is up. They are killed when this is dropped.
pub(super) struct Nodes {
    places: Vec<Place>,
    children: Vec<Option<Child>>,
    /// Takes the lines that each process is to read.
    keyboards: Vec<Option<mpsc::UnboundedSender<String>>>,
    lives: Vec<usize>,
    told: mpsc::Sender<News>,
}

impl Nodes {
    pub(super) fn new(places: Vec<Place>) -> (Self, mpsc::Receiver<News>) {
        // A node waits when the channel is full.
        let (told, news) = mpsc::channel(256);
        let children = places.iter().map(|_| None).collect();
        let keyboards = vec![None; places.len()];
        let lives = vec![0; places.len()];
        (Self { places, children, keyboards, lives, told }, news)
    }

    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    pub(super) fn start(&mut self, node: usize) -> Result<(), CliError> {
        let refused = |error: io::Error| {
            CliError::usage(format!(
                "cannot start a process for {}: {error}",
                self.places[node].node
            ))
        };
        let place = &self.places[node];
        let mut child = Command::new(std::env::current_exe().map_err(refused)?)
            .args(&place.arguments)
            .current_dir(&place.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(refused)?;
        self.lives[node] += 1;
        let life = self.lives[node];
        let both = (child.stdout.take(), child.stderr.take());
        let told = self.told.clone();
        tokio::spawn(async move {
            let tell = |what| {
                let (told, news) = (told.clone(), News { node, life, what });
                // A closed channel means that the run is over.
                async move {
                    let _ = told.send(news).await;
                }
            };
            let events = each_line(both.0, |line| {
                tell(match serde_json::from_str(&line) {
                    Ok(event) => What::Event(event),
                    Err(_) => What::Aside(line),
                })
            });
            let asides = each_line(both.1, |line| tell(What::Aside(line)));
            tokio::join!(events, asides);
            tell(What::Silence).await;
        });
        self.keyboards[node] = child.stdin.take().map(keyboard);
        self.children[node] = Some(child);
        Ok(())
    }

    /// Gives the process of a node that is up this line to read, as soon as it reads.
    pub(super) fn type_line(&self, node: usize, line: String) {
        if let Some(keyboard) = &self.keyboards[node] {
            // A process that has just ended reads nothing more, and this is about to be told.
            let _ = keyboard.send(line);
        }
    }

    /// Is this news of the process that runs now?
    pub(super) fn is_current(&self, news: &News) -> bool {
        self.children[news.node].is_some() && self.lives[news.node] == news.life
    }

    pub(super) fn is_up(&self, node: usize) -> bool {
        self.children[node].is_some()
    }

    pub(super) fn is_any_up(&self) -> bool {
        self.children.iter().any(Option::is_some)
    }

    /// At once, in the middle of whatever it does.
    pub(super) fn kill(&mut self, node: usize) {
        if let Some(child) = &mut self.children[node] {
            // If it has ended already, that is what was wanted.
            let _ = child.start_kill();
        }
    }

    /// Asks all to stop.
    pub(super) fn terminate(&mut self) {
        for child in self.children.iter().flatten() {
            let process = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
            // Likewise. The number is still this process's: it is free only after a wait.
            let _ = process.map(|process| kill_process(process, Signal::TERM));
        }
    }

    /// How a process ended that tells nothing more.
    pub(super) async fn end(&mut self, node: usize) -> Option<ExitStatus> {
        let mut child = self.children[node].take()?;
        child.wait().await.ok()
    }
}

/// What is sent is written without waiting for the process to read it: one that is stopped is not
/// to hold up the others. There are as many lines as were asked for.
fn keyboard(mut input: ChildStdin) -> mpsc::UnboundedSender<String> {
    let (typed, mut lines) = mpsc::unbounded_channel::<String>();
    tokio::spawn(async move {
        while let Some(line) = lines.recv().await {
            if input.write_all(format!("{line}\n").as_bytes()).await.is_err() {
                return;
            }
        }
    });
    typed
}

async fn each_line<F: Future<Output = ()>>(
    from: Option<impl AsyncRead + Unpin>,
    mut tell: impl FnMut(String) -> F,
) {
    let Some(from) = from else { return };
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        tell(line).await;
    }
}
