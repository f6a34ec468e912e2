use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A command that runs, and what it has printed so far.
pub(crate) struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    told: Vec<String>,
}

impl Running {
    /// The command has to end by itself some time.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it can be started");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Self { child, lines, told: Vec::new() }
    }

    /// Types a line, if its standard input is piped.
    pub(crate) fn say(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().expect("it is piped");
        writeln!(input, "{line}").expect("it reads");
    }

    /// Waits for a line that has this text.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) -> String {
        for line in self.lines.by_ref().map_while(Result::ok) {
            self.told.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
        panic!("it has ended without {text:?}: {:#?}", self.told)
    }

    /// Waits until each of these texts was in some line, in any order: what two processes tell can
    /// be printed in either order. Gives the line of each.
    #[track_caller]
    pub(crate) fn until_all<const N: usize>(&mut self, texts: [&str; N]) -> [String; N] {
        let line_of =
            |told: &[String], text: &str| told.iter().find(|line| line.contains(text)).cloned();
        while texts.iter().any(|text| line_of(&self.told, text).is_none()) {
            let Some(Ok(line)) = self.lines.next() else {
                panic!("it has ended without one of {texts:?}: {:#?}", self.told)
            };
            self.told.push(line);
        }
        texts.map(|text| line_of(&self.told, text).expect("it was found"))
    }

    /// Interrupts it as its owner would, and gives all that it has printed. It ends in good order.
    #[track_caller]
    pub(crate) fn interrupt(self) -> Vec<String> {
        let (code, told) = self.interrupted();
        assert_eq!(code, Some(0), "{told:#?}");
        told
    }

    /// Interrupts it as its owner would, and gives its exit code and all that it has printed.
    pub(crate) fn interrupted(mut self) -> (Option<i32>, Vec<String>) {
        let process = Pid::from_raw(self.child.id().cast_signed()).expect("it is not 0");
        kill_process(process, Signal::INT).expect("it is ours");
        self.told.extend(self.lines.by_ref().map_while(Result::ok));
        (self.child.wait().expect("it is our child").code(), self.told)
    }
}
