//! One process, and all that it says.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// What a process has said.
pub(crate) struct News {
    /// Which place it has, and which of its processes it was.
    pub(crate) node: usize,
    pub(crate) life: usize,
    /// A line of JSON; nothing at its end.
    pub(crate) event: Option<Value>,
}

/// A process that runs, and is killed at the latest when this is dropped.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    errors: Option<JoinHandle<String>>,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Nothing if it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) errors: String,
}

impl Process {
    pub(crate) fn start(
        command: &mut Command,
        (node, life): (usize, usize),
        told: Sender<News>,
    ) -> Self {
        let all = || Stdio::piped();
        let spawned = command.stdin(all()).stdout(all()).stderr(all()).spawn();
        let mut child = spawned.expect("a process can be started");
        let (out, mut err) = (child.stdout.take(), child.stderr.take());
        aside(move || {
            for line in BufReader::new(out.expect("it is piped")).lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).expect("each line is JSON");
                // Whoever started it may have seen enough.
                let _ = told.send(News { node, life, event: Some(event) });
            }
            let _ = told.send(News { node, life, event: None });
        });
        let errors = aside(move || {
            let mut text = String::new();
            let _ = err.take().expect("it is piped").read_to_string(&mut text);
            text
        });
        let input = child.stdin.take();
        Self { child, input, errors: Some(errors) }
    }

    /// In the middle of whatever it does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
    }

    /// Asks it to stop.
    pub(crate) fn signal(&self, signal: Signal) {
        tell(&self.child, signal);
    }

    pub(crate) fn say(&mut self, line: &str) {
        let input = self.input.as_mut().expect("nobody has closed it");
        writeln!(input, "{line}").expect("it listens");
    }

    /// Says that nothing more will be said.
    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// To be asked of one that has ended, or is about to.
    pub(crate) fn ended(mut self) -> Ended {
        let code = self.child.wait().expect("it is our child").code();
        let errors = self.errors.take().expect("it is taken once");
        Ended { code, errors: errors.join().expect("it only reads") }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
pub(crate) fn tell(child: &Child, signal: Signal) {
    let process = Pid::from_raw(child.id().cast_signed()).expect("it has a number");
    kill_process(process, signal).expect("it can be told");
}

#[expect(clippy::disallowed_methods, reason = "what a process says is read while it runs")]
fn aside<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::spawn(read)
}
