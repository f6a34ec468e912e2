use super::bounds::{each_pair_once, node_exists};
use crate::network::{Between, Distribution, Fifo, Latency, Link, Network, SessionPairs, Sessions};
use crate::source::{Path, Reason};

/// Is the field `network` of a file one that can lie between so many nodes?
pub fn check_network(network: &Network, nodes: u32) -> Result<(), Reason> {
    let path = Path::root().field("network");
    delay(&network.delay, &path.field("delay"))?;
    limits(network, &path)?;
    if let Fifo::Links(links) = &network.fifo {
        let path = path.field("fifo").field("Links");
        for (place, (from, to)) in links.iter().enumerate() {
            node_exists(*from, nodes, || path.index(place).index(0))?;
            node_exists(*to, nodes, || path.index(place).index(1))?;
        }
    }
    if let Some(sessions) = &network.sessions {
        self::sessions(sessions, network, nodes, &path)?;
    }
    network.latency.as_ref().map_or(Ok(()), |matrix| latency(matrix, nodes, &path.field("latency")))
}

/// Each is set up when its nodes start, and kept in memory.
const MOST_SESSIONS: u64 = 1_000_000;

/// Sessions are between two nodes, and chance disturbs no message of theirs.
fn sessions(sessions: &Sessions, network: &Network, nodes: u32, path: &Path) -> Result<(), Reason> {
    if let Between::Pairs(pairs) = &sessions.between {
        let path = path.field("sessions").field("between").field("Pairs");
        if pairs.is_empty() {
            return Err(Reason::new("sessions between no nodes")
                .at(path)
                .help("name pairs of nodes, or leave `between` out for all"));
        }
        for (place, (one, other)) in pairs.iter().enumerate() {
            let path = path.index(place);
            node_exists(*one, nodes, || path.index(0))?;
            node_exists(*other, nodes, || path.index(1))?;
            if one == other {
                return Err(Reason::new("a session of a node with itself")
                    .at(path.index(1))
                    .help("name two different nodes"));
            }
        }
        each_pair_once(pairs, &path)?;
    }
    let pairs = SessionPairs::new(Some(sessions), nodes);
    if pairs.count() > MOST_SESSIONS {
        let message = format!("{} sessions: a run keeps at most {MOST_SESSIONS}", pairs.count());
        return Err(Reason::new(message)
            .at(path.field("sessions"))
            .help("name the pairs that matter: `sessions: (between: Pairs([(1, 2)]))`"));
    }
    let is_in_order = match &network.fifo {
        Fifo::None => false,
        Fifo::All => pairs.are_all(),
        Fifo::Links(links) => links.iter().any(|(from, to)| pairs.has(Link::new(*from, *to))),
    };
    if is_in_order {
        return Err(Reason::new("sessions keep the order of their messages already")
            .at(path.field("fifo"))
            .help("leave it out, or name links without sessions"));
    }
    if !pairs.are_all() {
        return Ok(());
    }
    let disturbances = [
        ("loss", !network.loss.is_never()),
        ("corrupt", !network.corrupt.is_never()),
        ("duplicate", !network.duplicate.is_never()),
        ("reorder", network.reorder.is_some()),
    ];
    match disturbances.into_iter().find(|(_, is_there)| *is_there) {
        None => Ok(()),
        Some((field, _)) => {
            Err(Reason::new("all links are sessions, which chance does not disturb")
                .at(path.field(field))
                .help("leave it out: sessions lose messages when they break, by a fault `Break`"))
        }
    }
}

/// A network that takes no message at all is a mistake.
fn limits(network: &Network, path: &Path) -> Result<(), Reason> {
    if network.max_message == 0 {
        return Err(Reason::new("no message is as small as that")
            .at(path.field("max_message"))
            .help("give the bytes of the largest message that gets through, or leave it out for 65536"));
    }
    let Some(bandwidth) = &network.bandwidth else { return Ok(()) };
    let path = path.field("bandwidth");
    if bandwidth.rate == 0 {
        return Err(Reason::new("a link that carries nothing")
            .at(path.field("rate"))
            .help("give bytes a second, or leave `bandwidth` out for no limit"));
    }
    if bandwidth.queue == Some(0) {
        return Err(Reason::new("a queue without room loses every message")
            .at(path.field("queue"))
            .help("give bytes, the message itself included, or leave it out for no limit"));
    }
    Ok(())
}

fn latency(latency: &Latency, nodes: u32, path: &Path) -> Result<(), Reason> {
    let size = nodes as usize;
    let help = "give a row for every sender, and in it a span for every receiver";
    if latency.0.len() != size {
        let message = format!("{} rows for {nodes} nodes", latency.0.len());
        return Err(Reason::new(message).at(path.clone()).help(help));
    }
    match latency.0.iter().position(|row| row.len() != size) {
        None => Ok(()),
        Some(row) => {
            let message = format!("{} spans for {nodes} nodes", latency.0[row].len());
            Err(Reason::new(message).at(path.index(row)).help(help))
        }
    }
}

/// The distribution at this path can be sampled.
pub(super) fn delay(delay: &Distribution, path: &Path) -> Result<(), Reason> {
    delay.check().map_err(|reason| reason.within(path))
}
