//! The page of all nodes: their windows side by side, and what can be done to them.

use std::path::Path;
use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_tcp::Roster;
use tokio::sync::{mpsc, watch};

use crate::cli::CliError;
use crate::cli::node::Event;
use crate::cli::protocols::AnyCluster;
use crate::cli::web::{About, Board, Cuttable, Feed, OrderOf, Panel, Site};
use crate::cli::window::apply;

/// In a cluster of more nodes than this, links cannot be cut by hand: each would need a proxy.
pub(super) const MOST_CUT: u32 = 24;

/// Orders that were given on the page and are not carried out yet.
const ASKED: usize = 64;

/// A page for the whole cluster.
pub(super) struct Overview<'a> {
    cluster: &'a dyn AnyCluster,
    board: watch::Sender<Arc<Board>>,
    asked: mpsc::Receiver<OrderOf>,
    url: String,
}

impl<'a> Overview<'a> {
    /// Serves it; where, this file keeps.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub(super) fn serve(cluster: &'a dyn AnyCluster, file: &Path) -> Result<Self, CliError> {
        let site = Site::open(file)?;
        let url = site.url();
        let board = Arc::new(board(cluster, &cluster.membership().roster));
        let (board, shown) = watch::channel(board);
        let (orders, asked) = mpsc::channel(ASKED);
        site.serve(Feed { board: shown, orders }.routes())?;
        Ok(Self { cluster, board, asked, url })
    }

    /// What is typed into a browser.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The next order that is given on the page.
    pub(super) async fn next(&mut self) -> Option<OrderOf> {
        self.asked.recv().await
    }

    /// Why a line is no command of a node's owner, if it is none.
    pub(super) fn check_line(&self, line: &str) -> Result<(), String> {
        if line.contains(['\n', '\r']) {
            return Err("a command is one line: send each alone".to_owned());
        }
        self.cluster.check_line(line).map_err(|reason| reason.to_string())
    }

    /// Shows what a node tells.
    pub(super) fn hear(&self, node: usize, event: &Event) {
        match event {
            Event::Up { incarnation, .. } => self.change(node, |panel| {
                (panel.is_up, panel.life) = (true, *incarnation);
                // A new process shows its window from the beginning.
                panel.window = Arc::default();
            }),
            Event::Window { drop, keep, add } => self.change(node, |panel| {
                apply(Arc::make_mut(&mut panel.window), *drop, *keep, add.clone());
            }),
            Event::Output { text, .. } => self.change(node, |panel| panel.told.push(text)),
            Event::View { view } => {
                self.change(node, |panel| panel.view = Arc::new((**view).clone()));
            }
            Event::Page { .. } | Event::Stopped { .. } => {}
        }
    }

    /// Shows that a node is down.
    pub(super) fn down(&self, node: usize) {
        self.change(node, |panel| panel.is_up = false);
    }

    /// Shows which links are cut.
    pub(super) fn cuts(&self, cuts: Vec<(NodeId, NodeId)>) {
        self.board.send_modify(|board| Arc::make_mut(board).cuts = cuts);
    }

    fn change(&self, node: usize, change: impl FnOnce(&mut Panel)) {
        self.board.send_modify(|board| change(&mut Arc::make_mut(board).panels[node]));
    }
}

fn board(cluster: &dyn AnyCluster, roster: &Roster) -> Board {
    let names = roster.members().map(|(_, member)| member.name.clone());
    let can_cut = if roster.nodes() <= MOST_CUT { Cuttable::Yes } else { Cuttable::No };
    let protocol = (cluster.protocol(), cluster.legend());
    let about = About::new(roster.cluster(), protocol, names, Some(can_cut));
    let panels = roster.members().map(|(node, _)| Panel::new(node)).collect();
    Board { about: Arc::new(about), panels, cuts: Vec::new() }
}
