//! What all nodes say, on one terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use clap::ValueEnum;
use rehearsal_machine::{Time, printable};
use rehearsal_tcp::now;

use crate::cli::console::stamp;
use crate::cli::window::{Change, apply, change};
use crate::cli::{CliError, Console};

/// Colours that can be read on dark and on light: cyan, yellow, green, magenta, blue, red.
const COLOURS: [u8; 6] = [36, 33, 32, 35, 34, 31];

/// How many outputs are compared with the next change of a window.
const MOST_TOLD: usize = 1_000;

/// What is shown of the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shown {
    /// What their windows show
    Windows,
    /// What they tell their owners, with the time since the first node was up
    Outputs,
    /// Both; a line of a window that the node has just told is not repeated
    Both,
}

/// Prints each line with the name of its node and, if outputs are shown, with the time.
pub(super) struct Show<'a, 'b> {
    names: Vec<String>,
    is_coloured: bool,
    shown: Shown,
    console: &'a mut Console<'b>,
    windows: Vec<Vec<String>>,
    /// What each node has told its owner since its window last changed.
    told: Vec<Vec<String>>,
    /// When the first node was up.
    began: Option<Time>,
}

impl<'a, 'b> Show<'a, 'b> {
    pub(super) fn new(names: &[String], shown: Shown, console: &'a mut Console<'b>) -> Self {
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let is_coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            names: names.iter().map(|name| format!("{name:longest$}")).collect(),
            is_coloured,
            shown,
            console,
            windows: vec![Vec::new(); names.len()],
            told: vec![Vec::new(); names.len()],
            began: None,
        }
    }

    /// A node was up at this time.
    pub(super) fn up(&mut self, at: Time) {
        self.began.get_or_insert(at);
    }

    /// All nodes are up for the first time: kills and commands count from here.
    pub(super) fn all_up(&mut self) -> Result<(), CliError> {
        if self.shown == Shown::Windows { Ok(()) } else { self.notice("all nodes are up") }
    }

    /// A node has told its owner something at this time.
    pub(super) fn output(&mut self, node: usize, text: String, at: Time) -> Result<(), CliError> {
        if self.shown == Shown::Windows {
            return Ok(());
        }
        let lines: String = text.lines().map(|line| self.said(node, line, at)).collect();
        self.console.print(&lines)?;
        // A node that never shows a window is not to fill the memory.
        if self.shown == Shown::Both && self.told[node].len() < MOST_TOLD {
            self.told[node].push(text);
        }
        Ok(())
    }

    /// A node's window has changed by this edit; see [`apply`].
    pub(super) fn window(
        &mut self,
        node: usize,
        drop: usize,
        keep: usize,
        add: Vec<String>,
    ) -> Result<(), CliError> {
        let mut lines = self.windows[node].clone();
        apply(&mut lines, drop, keep, add);
        let text: String = match change(&self.windows[node], &lines) {
            Change::None => return Ok(()),
            Change::Added(lines) | Change::Anew(lines) => {
                let is_new = |line: &&String| !self.told[node].contains(line);
                let is_shown = self.shown != Shown::Outputs;
                let lines = lines.iter().filter(|_| is_shown).filter(is_new);
                lines.map(|line| self.said(node, line, now())).collect()
            }
        };
        self.told[node].clear();
        self.console.print(&text)?;
        self.windows[node] = lines;
        Ok(())
    }

    /// What became of a node.
    pub(super) fn note(&mut self, node: usize, what: &str) -> Result<(), CliError> {
        let text = self.said(node, &format!("({what})"), now());
        self.console.print(&text)
    }

    /// What became of several nodes, or of the links between them.
    pub(super) fn notice(&mut self, what: &str) -> Result<(), CliError> {
        let time = self.time(now());
        self.console.print(&format!("{time}({})\n", printable(what)))
    }

    /// A line on its standard error.
    pub(super) fn aside(&mut self, node: usize, line: &str) {
        let text = self.said(node, line, now());
        // Standard error is the last resort.
        let _ = self.console.err.write_all(text.as_bytes());
    }

    /// What each node showed last.
    pub(super) fn windows(&self) -> &[Vec<String>] {
        &self.windows
    }

    fn said(&self, node: usize, line: &str, at: Time) -> String {
        let (name, colour) = (&self.names[node], COLOURS[node % COLOURS.len()]);
        let (time, line) = (self.time(at), printable(line));
        if self.is_coloured {
            format!("{time}\x1b[{colour}m{name} |\x1b[0m {line}\n")
        } else {
            format!("{time}{name} | {line}\n")
        }
    }

    /// Seconds since the first node was up, where outputs are shown.
    fn time(&self, at: Time) -> String {
        if self.shown == Shown::Windows {
            return String::new();
        }
        stamp(self.began.map_or(Duration::ZERO, |began| at.since(began)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is printed of n1, which says two things that are in its window as well, and then shows
    /// one line more.
    fn printed(shown: Shown) -> String {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let program = String::new();
        let mut console = Console { out: &mut out, err: &mut err, program };
        let names = ["ann".to_owned(), "benjamin".to_owned()];
        let mut show = Show::new(&names, shown, &mut console);
        let at = |millis: u64| Time::from_nanos(millis * 1_000_000);
        let lines = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        show.up(at(5_000));
        show.up(at(5_001));
        show.output(0, "leads\nalone".to_owned(), at(5_012)).expect("it prints");
        show.output(1, "follows n1".to_owned(), at(17_000)).expect("it prints");
        show.window(1, 0, 0, lines("follows n1/is bored")).expect("it prints");
        show.window(1, 0, 2, lines("follows n1")).expect("it prints");
        drop(show);
        let text = String::from_utf8(out).expect("it is text");
        // A window is shown at the time of this computer.
        let timeless =
            |line: &str| line.split_once("s  ben").map(|(_, rest)| format!("ben{rest}\n"));
        text.lines().map(|line| timeless(line).unwrap_or_else(|| format!("{line}\n"))).collect()
    }

    #[test]
    fn outputs_have_their_time_and_their_node() {
        let outputs = "   0.012s  ann      | leads\n   0.012s  ann      | alone\n\
                       benjamin | follows n1\n";
        assert_eq!(printed(Shown::Outputs), outputs);
        let both = format!("{outputs}benjamin | is bored\nbenjamin | follows n1\n");
        assert_eq!(printed(Shown::Both), both, "what was told is not repeated, once");
        let windows = "benjamin | follows n1\nbenjamin | is bored\nbenjamin | follows n1\n";
        assert_eq!(printed(Shown::Windows), windows);
    }
}
