use std::ops::Range;
use std::sync::Arc;

use rehearsal_sim::Diagnostic;

/// What a roster was translated from.
#[derive(Clone, Debug)]
pub(super) struct Original {
    pub(super) source: Arc<str>,
    /// The bytes that introduce each node.
    pub(super) nodes: Vec<Range<usize>>,
}

impl Original {
    /// A complaint about the translation, told of the original: at the node that
    /// it is about, or else at the first line.
    pub(super) fn complaint(&self, about_translation: &Diagnostic) -> Diagnostic {
        let node = node_of(about_translation.path()).and_then(|place| self.nodes.get(place));
        let first_line = 0..self.source.lines().next().map_or(0, str::len);
        let place = node.cloned().unwrap_or(first_line);
        let (file, message) = (about_translation.file(), about_translation.message());
        let mut complaint = Diagnostic::new(file, &self.source, place, message);
        if let Some(expected) = about_translation.expected() {
            complaint = complaint.with_expected(expected);
        }
        match about_translation.help() {
            Some(help) => complaint.with_help(help),
            None => complaint,
        }
    }
}

/// Which node a path such as `nodes[2].name` is about.
fn node_of(path: &str) -> Option<usize> {
    path.strip_prefix("nodes[")?.split_once(']')?.0.parse().ok()
}
