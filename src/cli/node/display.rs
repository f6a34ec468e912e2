//! What a node's owner sees of it.

use std::io::Write;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::Arc;

use rehearsal_machine::{NodeId, Time, printable};
use rehearsal_sim::{Look as _, OutputOf, Owner as _, Protocol};
use rehearsal_tcp::{Metrics, Owner};

use super::event::{Counts, Event};
use super::page::Page;
use super::style::Style;
use crate::cli::console::{print, stamp};
use crate::cli::output::{check_name, is_same_place, write_private};
use crate::cli::web::NodeView;
use crate::cli::window::{Change, Edit, change, edit};

/// Where a node is shown, and what was shown of it.
pub(super) struct Display<'a> {
    me: NodeId,
    incarnation: u32,
    links: Links,
    style: Style,
    folder: PathBuf,
    /// The files that none of the protocol's may replace.
    reserved: Vec<PathBuf>,
    out: &'a mut dyn Write,
    is_up: bool,
    /// When it was up for the first time.
    began: Option<Time>,
    window: Vec<String>,
    files: Vec<(String, String)>,
    /// The owner's page, if there is one.
    page: Option<Page>,
    /// What the node knows beside its window, if that is told.
    view: Option<NodeView>,
}

/// The links of a node, from the counters of its driver.
#[derive(Default)]
pub(super) struct Links(Option<(Arc<Metrics>, u32)>);

impl Links {
    /// To this many nodes at most.
    pub(super) fn new(metrics: &Arc<Metrics>, nodes: u32) -> Self {
        Self(Some((Arc::clone(metrics), nodes)))
    }

    /// The peers to which there is a link now.
    fn up(&self) -> Vec<NodeId> {
        let Some((metrics, nodes)) = &self.0 else { return Vec::new() };
        NodeId::all(*nodes).filter(|peer| metrics.is_up(*peer)).collect()
    }
}

impl<'a> Display<'a> {
    pub(super) fn new(
        me: NodeId,
        style: Style,
        folder: PathBuf,
        reserved: Vec<PathBuf>,
        out: &'a mut dyn Write,
    ) -> Self {
        Self {
            me,
            incarnation: 0,
            links: Links::default(),
            style,
            folder,
            reserved,
            out,
            is_up: false,
            began: None,
            window: Vec::new(),
            files: Vec::new(),
            page: None,
            view: None,
        }
    }

    /// Shows the node on this page, too.
    pub(super) fn on_page(&mut self, page: Page) {
        let url = page.url().to_owned();
        self.tell(|| Event::Page { url });
        self.page = Some(page);
    }

    /// Tells from now on what the node knows beside its window.
    pub(super) fn with_view(&mut self) {
        self.view.get_or_insert_default();
    }

    /// This incarnation of the node begins, with these links.
    pub(super) fn begin(&mut self, incarnation: u32, links: Links) {
        (self.incarnation, self.is_up, self.links) = (incarnation, false, links);
    }

    /// When it was up for the first time, or what time it is now.
    fn began(&mut self) -> Time {
        *self.began.get_or_insert_with(rehearsal_tcp::now)
    }

    /// Before anything else that it does.
    fn up(&mut self) {
        if !std::mem::replace(&mut self.is_up, true) {
            self.began();
            let at_ns = rehearsal_tcp::now().as_nanos();
            let (node, incarnation) = (self.me, self.incarnation);
            if let Some(page) = &self.page {
                page.change(|panel| (panel.is_up, panel.life) = (true, incarnation));
            }
            self.tell(|| Event::Up { node, incarnation, at_ns });
        }
    }

    fn output(&mut self, text: impl Fn() -> String) {
        if let Some(page) = &self.page {
            page.change(|panel| panel.told.push(&text()));
        }
        if self.style == Style::Outputs {
            let time = stamp(rehearsal_tcp::now().since(self.began()));
            let lines = text();
            let lines = lines.lines().map(|line| format!("{time}{}\n", printable(line)));
            self.print(&lines.collect::<String>());
            return;
        }
        let at_ns = rehearsal_tcp::now().as_nanos();
        self.tell(|| Event::Output { text: text(), at_ns });
    }

    fn show(&mut self, window: Vec<String>) {
        if let Some(page) = &self.page
            && window != self.window
        {
            page.change(|panel| panel.window = Arc::new(window.clone()));
        }
        let text = match (self.style, change(&self.window, &window)) {
            (_, Change::None) => return,
            (Style::Lines, Change::Added(lines) | Change::Anew(lines)) => lines_of(lines),
            (Style::Windows, _) => format!("{}\n", lines_of(&window)),
            // To the upper left corner, and clear what is below it.
            (Style::Screen, _) => format!("\x1b[H\x1b[J{}", lines_of(&window)),
            (Style::Outputs, _) => String::new(),
            (Style::Json, _) => {
                let Edit { drop, keep, add } = edit(&self.window, &window);
                self.tell(|| Event::Window { drop, keep, add: add.to_vec() });
                String::new()
            }
        };
        self.print(&text);
        self.window = window;
    }

    /// What this machine knows beside its window.
    fn look<P: Protocol>(&mut self, machine: &P::Machine) {
        if self.page.is_none() && self.view.is_none() {
            return;
        }
        let view = NodeView::of::<P>(self.me, machine, self.links.up());
        if let Some(page) = &self.page {
            page.look(&view);
        }
        if self.view.as_ref().is_some_and(|before| *before != view) {
            self.tell(|| Event::View { view: Box::new(view.clone()) });
            self.view = Some(view);
        }
    }

    fn keep(&mut self, files: Vec<(String, String)>) {
        for (name, text) in files.iter().filter(|file| !self.files.contains(file)) {
            if let Err(error) = check_name(name) {
                tracing::error!("{}", error.message);
                continue;
            }
            let place = self.folder.join(name);
            if self.reserved.iter().any(|reserved| is_same_place(reserved, &place)) {
                tracing::error!(
                    "{name} is another file of the node: the protocol's is not written"
                );
                continue;
            }
            if let Err(error) = write_private(&place, text) {
                tracing::warn!("{}", error.message);
            }
        }
        self.files = files;
    }

    /// The last event.
    pub(super) fn ended(&mut self, metrics: &Metrics) {
        self.tell(|| Event::Stopped { metrics: Counts::of(metrics) });
    }

    /// The last window that was shown; `None` if the node has never run.
    pub(super) fn window_text(&self) -> Option<String> {
        self.is_up.then(|| lines_of(&self.window))
    }

    fn tell(&mut self, event: impl FnOnce() -> Event) {
        if self.style == Style::Json {
            let line = serde_json::to_string(&event()).expect("numbers, strings and lists of them");
            self.print(&format!("{line}\n"));
        }
    }

    /// A node whose output is closed goes on: its peers need it.
    fn print(&mut self, text: &str) {
        if !text.is_empty()
            && let Err(error) = print(self.out, text)
        {
            tracing::warn!("{}", error.message);
        }
    }
}

fn lines_of(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [printable(line), "\n".into()]).collect()
}

/// Shows a node of this protocol.
pub(super) struct Watch<'a, 'b, P>(&'a mut Display<'b>, PhantomData<P>);

impl<'a, 'b, P> Watch<'a, 'b, P> {
    pub(super) fn new(display: &'a mut Display<'b>) -> Self {
        Self(display, PhantomData)
    }
}

impl<P: Protocol> Owner<P::Machine> for Watch<'_, '_, P> {
    fn output(&mut self, output: OutputOf<P>) {
        self.0.up();
        self.0.output(|| P::Look::output_text(&output));
    }

    fn observe(&mut self, machine: &P::Machine) {
        self.0.up();
        self.0.show(P::Owner::window(machine));
        self.0.look::<P>(machine);
        self.0.keep(P::Owner::files(machine));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is printed of these windows, one after the other.
    fn shown(style: Style, windows: &[&str]) -> String {
        let mut out = Vec::new();
        let mut display =
            Display::new(NodeId::from_index(0), style, PathBuf::new(), Vec::new(), &mut out);
        for window in windows {
            display.show(window.split_whitespace().map(str::to_owned).collect());
        }
        String::from_utf8(out).expect("it is text")
    }

    #[test]
    fn lines_are_shown_once_and_another_window_anew() {
        assert_eq!(shown(Style::Lines, &["a", "a", "a b c", "x b"]), "a\nb\nc\nx\nb\n");
    }

    #[test]
    fn a_whole_window_is_shown_whenever_it_changes() {
        assert_eq!(shown(Style::Windows, &["a", "a", "a b"]), "a\n\na\nb\n\n");
        assert_eq!(shown(Style::Screen, &["a", "a b"]), "\x1b[H\x1b[Ja\n\x1b[H\x1b[Ja\nb\n");
    }

    #[test]
    fn events_are_lines_of_json_whose_fields_are_frozen() {
        let json = shown(Style::Json, &["a", "a b"]);
        let expected = "{\"event\":\"window\",\"drop\":0,\"keep\":0,\"add\":[\"a\"]}\n\
                        {\"event\":\"window\",\"drop\":0,\"keep\":1,\"add\":[\"b\"]}\n";
        assert_eq!(json, expected);
    }

    #[test]
    fn events_grow_with_what_is_new_and_not_with_the_window() {
        let window =
            |lines: usize| (0..lines).map(|line| format!("line{line} ")).collect::<String>();
        let windows: Vec<_> = (1..=200).map(window).collect();
        let all: Vec<_> = windows.iter().map(String::as_str).collect();
        let bytes = shown(Style::Json, &all).len();
        assert!(bytes < 200 * 100, "{bytes} bytes for 200 lines");
    }
}
