//! The mistakes of a roster that its types cannot refuse: nodes with one name, and
//! a network that no real one can keep.

use rehearsal_machine::{NodeId, is_hidden, printable};
use rehearsal_sim::Reason;
use rehearsal_sim::network::{Fifo, Network};
use rehearsal_sim::scenario::check_network;
use rehearsal_sim::source::Path;
use rehearsal_tcp::{MAX_COMPATIBLE, Member, Roster, RosterError, Security};

use super::file::{Digest, Node};

/// A message is kept in memory as a whole, once for each peer at least.
const MOST_BYTES: u64 = 16 * 1_024 * 1_024;

pub(super) fn roster(cluster: &str, nodes: &[Node], insecure: bool) -> Result<Roster, Reason> {
    is_visible(cluster).map_err(|reason| reason.field("cluster"))?;
    names(nodes)?;
    if insecure && let Some(place) = nodes.iter().position(|node| node.key.is_some()) {
        return Err(Reason::new("a key that is never used, as the roster is insecure")
            .at(Path::root().field("nodes").index(place).field("key"))
            .help("leave out `insecure: true`, and give every node a key; or leave out the keys"));
    }
    let security = if insecure { Security::Insecure } else { Security::Keys };
    let members = nodes.iter().map(|node| Member {
        name: node.name.clone(),
        address: node.address,
        key: node.key.as_ref().map(|key| key.0),
    });
    Roster::new(cluster, members.collect(), security).map_err(|unfit| roster_error(&unfit))
}

fn names(nodes: &[Node]) -> Result<(), Reason> {
    for (place, node) in nodes.iter().enumerate() {
        let refused = |message: String, help: &str| {
            let path = Path::root().field("nodes").index(place).field("name");
            Err(Reason::new(message).at(path).help(help))
        };
        let name = &node.name;
        if name.trim().is_empty() {
            return refused("an empty name".to_owned(), "give a word");
        }
        let path = Path::root().field("nodes").index(place).field("name");
        is_visible(name).map_err(|reason| reason.at(path))?;
        if let Some(first) = nodes[..place].iter().position(|other| other.name == *name) {
            let first = NodeId::from_index(first);
            return refused(format!("{first} has this name, too"), "give each node its own name");
        }
    }
    Ok(())
}

/// A reader sees all characters of the name.
fn is_visible(name: &str) -> Result<(), Reason> {
    let Some(hidden) = name.chars().find(|letter| is_hidden(*letter)) else { return Ok(()) };
    let message = format!(
        "a name with the character `{}`, which no reader can see",
        printable(&hidden.to_string())
    );
    Err(Reason::new(message).help("leave the character out"))
}

fn roster_error(unfit: &RosterError) -> Reason {
    let nodes = Path::root().field("nodes");
    let of = |node: &NodeId, field: &str| nodes.index(node.index()).field(field);
    let (path, help) = match unfit {
        RosterError::Name => (Path::root().field("cluster"), "give a word"),
        RosterError::Members(0) => (nodes, "list the nodes: `(name: \"user1\", address: \"..\")`"),
        RosterError::Members(_) => (nodes, "make it several clusters"),
        RosterError::NoKey(node) => (
            nodes.index(node.index()),
            "put the line here that `rehearsal keygen FILE` prints; or say `insecure: true`, if \
             all addresses are this machine's own",
        ),
        RosterError::SameKey(_, node) => {
            (of(node, "key"), "make each node a key of its own: `rehearsal keygen FILE`")
        }
        RosterError::SameAddress(_, node) => (of(node, "address"), "give each node its own port"),
        RosterError::NotLoopback(node) => (
            of(node, "address"),
            "give every node a key and leave out `insecure: true`; or use 127.0.0.1",
        ),
        _ => (Path::root(), "see docs/roster.md"),
    };
    Reason::new(unfit.to_string()).at(path).help(help)
}

/// The handshake has room for a few digests only.
pub(super) fn also(also: &[Digest]) -> Result<Vec<[u8; 32]>, Reason> {
    let digests = also.iter().map(|digest| digest.0);
    if also.len() <= MAX_COMPATIBLE {
        return Ok(digests.collect());
    }
    Err(Reason::new(format!("nodes of {MAX_COMPATIBLE} other configurations are let in at most"))
        .at(Path::root().field("also").index(MAX_COMPATIBLE))
        .help("leave out those that no node runs any more"))
}

/// The network that is presumed: every link is one connection, which keeps the
/// order.
pub(super) fn network(mut presumed: Network, nodes: u32) -> Result<Network, Reason> {
    check_network(&presumed, nodes)?;
    let path = Path::root().field("network");
    let disturbances = [
        (!presumed.loss.is_never(), "loss"),
        (!presumed.corrupt.is_never(), "corrupt"),
        (!presumed.duplicate.is_never(), "duplicate"),
        (presumed.reorder.is_some(), "reorder"),
        (presumed.bandwidth.is_some(), "bandwidth"),
        (matches!(presumed.fifo, Fifo::Links(_)), "fifo"),
    ];
    if let Some((_, field)) = disturbances.iter().find(|(is_asked, _)| *is_asked) {
        return Err(Reason::new("what a real network does to messages cannot be configured")
            .at(path.field(*field))
            .help("leave it out: a roster presumes delays and `max_message`, and no more"));
    }
    if presumed.max_message > MOST_BYTES {
        return Err(Reason::new(format!("a message has {MOST_BYTES} bytes at most"))
            .at(path.field("max_message"))
            .help("each is kept in memory as a whole: give less, or leave it out for 65536"));
    }
    presumed.fifo = Fifo::All;
    Ok(presumed)
}
