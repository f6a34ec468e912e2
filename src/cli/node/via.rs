use std::net::SocketAddr;
use std::str::FromStr;

use rehearsal_machine::NodeId;
use rehearsal_tcp::Roster;

use crate::cli::CliError;

/// Where a node reaches a peer, if not at the roster's address. Only `cluster` asks for it, which
/// has a proxy there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Via {
    peer: NodeId,
    address: SocketAddr,
}

impl FromStr for Via {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let parts = text.split_once('=').and_then(|(peer, address)| {
            Some((NodeId::new(peer.parse().ok()?)?, address.parse().ok()?))
        });
        let (peer, address) = parts.ok_or("a node's number, `=` and an address are needed")?;
        Ok(Self { peer, address })
    }
}

/// The roster of a node that reaches these peers elsewhere.
pub(super) fn reached(roster: Roster, all: &[Via]) -> Result<Roster, CliError> {
    all.iter().try_fold(roster, |roster, Via { peer, address }| {
        roster.reached_at(*peer, *address).map_err(|unfit| {
            CliError::usage(format!("--via: {unfit}: leave out the address {address}"))
        })
    })
}
