//! The page of a node's owner.

use std::path::Path;
use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_sim::{Look as _, Owner as _, Protocol, Reason};
use tokio::sync::{mpsc, watch};

use super::TYPED;
use crate::cli::CliError;
use crate::cli::web::{About, Board, Feed, NodeView, Order, OrderOf, Panel, Site};
use crate::real::Cluster;

/// Where the node is shown.
pub(super) struct Page {
    url: String,
    board: watch::Sender<Arc<Board>>,
}

impl Page {
    /// Serves the page of this node. Gives what its owner asks for there, too.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub(super) fn serve<P: Protocol>(
        cluster: &Cluster<P>,
        me: NodeId,
        file: &Path,
    ) -> Result<(Self, mpsc::Receiver<OrderOf>), CliError> {
        let roster = &cluster.membership.roster;
        let site = Site::open(file)?;
        let url = site.url();
        let names = roster.members().map(|(_, member)| member.name.clone());
        let about = About::new(roster.cluster(), (P::NAME, P::Look::legend()), names, None);
        let board =
            Board { about: Arc::new(about), panels: vec![Panel::new(me)], cuts: Vec::new() };
        let (board, shown) = watch::channel(Arc::new(board));
        let (orders, asked) = mpsc::channel(TYPED);
        site.serve(Feed { board: shown, orders }.routes())?;
        Ok((Self { url, board }, asked))
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Shows this, if it is something else than what is shown.
    pub(super) fn look(&self, view: &NodeView) {
        if *self.board.borrow().panels[0].view != *view {
            self.change(|panel| panel.view = Arc::new(view.clone()));
        }
    }

    /// Changes what is shown of the node.
    pub(super) fn change(&self, change: impl FnOnce(&mut Panel)) {
        self.board.send_modify(|board| change(&mut Arc::make_mut(board).panels[0]));
    }
}

/// The command that an order stands for.
pub(super) fn command<P: Protocol>(
    cluster: &Cluster<P>,
    me: NodeId,
    order: &Order,
) -> Result<rehearsal_sim::CommandOf<P>, Reason> {
    match order {
        Order::Line { line, .. } if line.contains(['\n', '\r']) => {
            Err(Reason::new("a command is one line").help("send each line alone"))
        }
        Order::Line { node, line } if *node == me => P::Owner::line(&cluster.config, line),
        _ => Err(Reason::new(format!("this page is that of {me}"))
            .help("the page of the whole cluster is that of `cluster --pages`")),
    }
}
