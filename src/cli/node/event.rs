use rehearsal_machine::{NodeId, nanos};
use rehearsal_tcp::Metrics;
use serde::{Deserialize, Serialize};

use crate::cli::web::NodeView;

/// What a node tells with `--json`, a line each. The fields and their order are
/// part of the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// It listens, and has started from its storage.
    Up {
        /// Which node it is.
        node: NodeId,
        /// Which of its lives, counted from 1.
        incarnation: u32,
        /// When, by the clock that all processes of this machine share.
        at_ns: u64,
    },
    /// It says something to its owner.
    Output {
        /// What, in words.
        text: String,
        /// When.
        at_ns: u64,
    },
    /// Its window has changed.
    Window {
        /// How many of its oldest lines are gone.
        drop: usize,
        /// How many of the lines after them stay.
        keep: usize,
        /// The lines that follow them.
        add: Vec<String>,
    },
    /// Its owner's page is here.
    Page {
        /// The address, with the secret that opens it.
        url: String,
    },
    /// What it knows beside its window has changed. With `--view`.
    View {
        /// All of it.
        view: Box<NodeView>,
    },
    /// It is about to end.
    Stopped {
        /// Its counters.
        metrics: Counts,
    },
}

/// What a node has met since it started, of all peers together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    inputs: u64,
    sent: u64,
    received: u64,
    /// Messages that were not sent: no link, no room, too large.
    lost: Lost,
    /// Messages that the machine does not know.
    undecodable: u64,
    links: u64,
    /// How often it waited for its disk.
    commits: u64,
    /// How late a deadline was at most.
    latest_ns: u64,
    /// How often somebody was not let in.
    refused: u64,
    /// How many connections made room for newer ones.
    evicted: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Lost {
    down: u64,
    full: u64,
    too_large: u64,
}

impl Counts {
    pub(super) fn of(metrics: &Metrics) -> Self {
        let all = metrics.all_traffic();
        Self {
            inputs: metrics.steps(),
            sent: all.sent,
            received: all.received,
            lost: Lost { down: all.down, full: all.full, too_large: all.too_large },
            undecodable: all.undecodable,
            links: all.links,
            commits: metrics.commits(),
            latest_ns: nanos(metrics.latest()),
            refused: metrics.all_refused(),
            evicted: metrics.evicted(),
        }
    }
}
