//! What all nodes say, on one terminal.

use std::io::IsTerminal as _;

use rehearsal_machine::printable;

use crate::cli::window::{Change, apply, change};
use crate::cli::{CliError, Console};

/// Colours that can be read on dark and on light: cyan, yellow, green, magenta, blue, red.
const COLOURS: [u8; 6] = [36, 33, 32, 35, 34, 31];

/// Prints each line with the name of its node.
pub(super) struct Show<'a, 'b> {
    names: Vec<String>,
    is_coloured: bool,
    console: &'a mut Console<'b>,
    windows: Vec<Vec<String>>,
}

impl<'a, 'b> Show<'a, 'b> {
    pub(super) fn new(names: &[String], console: &'a mut Console<'b>) -> Self {
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let is_coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            names: names.iter().map(|name| format!("{name:longest$}")).collect(),
            is_coloured,
            console,
            windows: vec![Vec::new(); names.len()],
        }
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
                lines.iter().map(|line| self.said(node, line)).collect()
            }
        };
        self.console.print(&text)?;
        self.windows[node] = lines;
        Ok(())
    }

    /// What became of a node.
    pub(super) fn note(&mut self, node: usize, what: &str) -> Result<(), CliError> {
        let text = self.said(node, &format!("({what})"));
        self.console.print(&text)
    }

    /// A line on its standard error.
    pub(super) fn aside(&mut self, node: usize, line: &str) {
        let text = self.said(node, line);
        // Standard error is the last resort.
        let _ = self.console.err.write_all(text.as_bytes());
    }

    /// What each node showed last.
    pub(super) fn windows(&self) -> &[Vec<String>] {
        &self.windows
    }

    fn said(&self, node: usize, line: &str) -> String {
        let (name, colour) = (&self.names[node], COLOURS[node % COLOURS.len()]);
        let line = printable(line);
        if self.is_coloured {
            format!("\x1b[{colour}m{name} |\x1b[0m {line}\n")
        } else {
            format!("{name} | {line}\n")
        }
    }
}
