use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{self, Stream};
use rehearsal_machine::NodeId;
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot, watch};

use super::board::Board;
use super::updates::Updates;

/// A connection on which nothing happens is used so often, so that both ends notice when the other
/// one is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

const PAGE: &str = include_str!("assets/page.html");
const STYLE: &str = include_str!("assets/page.css");
const SCRIPT: &str = concat!(include_str!("assets/panel.js"), "\n", include_str!("assets/page.js"));

/// What the owner asks for on a page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case", deny_unknown_fields)]
pub(in crate::cli) enum Order {
    /// Type this line as the owner of this node.
    Line { node: NodeId, line: String },
    /// Kill this node.
    Kill { node: NodeId },
    /// Start it again.
    Restart { node: NodeId },
    /// Cut the link between these two.
    Cut { nodes: (NodeId, NodeId) },
    /// Mend it.
    Mend { nodes: (NodeId, NodeId) },
}

/// An order, and where its refusal goes.
pub(in crate::cli) type OrderOf = (Order, oneshot::Sender<Result<(), String>>);

/// What a page is made of, and where its orders go.
#[derive(Clone)]
pub(in crate::cli) struct Feed {
    pub(in crate::cli) board: watch::Receiver<Arc<Board>>,
    pub(in crate::cli) orders: mpsc::Sender<OrderOf>,
}

impl Feed {
    /// The routes of its page; the first part of each path is the token, of which the guard knows
    /// that it is right.
    pub(in crate::cli) fn routes(self) -> Router {
        let text = |kind: &'static str, text: &'static str| {
            get(move || async move { ([(header::CONTENT_TYPE, kind)], text) })
        };
        Router::new()
            .route("/{token}/", text("text/html; charset=utf-8", PAGE))
            .route("/{token}/page.css", text("text/css; charset=utf-8", STYLE))
            .route("/{token}/page.js", text("text/javascript; charset=utf-8", SCRIPT))
            .route("/{token}/events", get(events))
            .route("/{token}/orders", post(order))
            .with_state(self)
    }
}

async fn events(
    State(feed): State<Feed>,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let updates = stream::unfold(Updates::new(feed.board), |mut updates| async {
        let update = updates.next().await?;
        Some((Ok(sse::Event::default().data(update)), updates))
    });
    Sse::new(updates).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

async fn order(State(feed): State<Feed>, Json(order): Json<Order>) -> Response {
    let (answer, answered) = oneshot::channel();
    let gone = (StatusCode::SERVICE_UNAVAILABLE, "the node is about to end\n");
    if feed.orders.send((order, answer)).await.is_err() {
        return gone.into_response();
    }
    match answered.await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(why)) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
        Err(_) => gone.into_response(),
    }
}
