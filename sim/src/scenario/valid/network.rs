use super::bounds::node_exists;
use crate::network::{Distribution, Fifo, Latency, Network};
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
    network.latency.as_ref().map_or(Ok(()), |matrix| latency(matrix, nodes, &path.field("latency")))
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
