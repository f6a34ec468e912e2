use std::net::SocketAddr;

use rehearsal_sim::Protocol;
use rehearsal_sim::network::Network;
use rehearsal_sim::scenario::configuration;
use rehearsal_tcp::{Amnesia, PublicKey};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::digest;

/// A roster as it stands in a file: its types are right, and nothing else is
/// known of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Roster", bound(deserialize = ""))]
pub(super) struct File<P: Protocol> {
    pub(super) cluster: String,
    #[serde(rename = "protocol", deserialize_with = "configuration::<P, _>")]
    pub(super) config: P::Config,
    pub(super) nodes: Vec<Node>,
    pub(super) network: Network,
    #[serde(default)]
    pub(super) insecure: bool,
    #[serde(default)]
    pub(super) also: Vec<Digest>,
    #[serde(default)]
    pub(super) amnesia: OnAmnesia,
}

/// The field `amnesia` of a roster.
#[derive(Clone, Copy, Default, Deserialize)]
pub(super) enum OnAmnesia {
    #[default]
    Refuse,
    Accept,
}

impl From<OnAmnesia> for Amnesia {
    fn from(field: OnAmnesia) -> Self {
        match field {
            OnAmnesia::Refuse => Self::Refuse,
            OnAmnesia::Accept => Self::Accept,
        }
    }
}

/// One line of a roster's `nodes`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Node {
    pub(super) name: String,
    #[serde(deserialize_with = "address")]
    pub(super) address: SocketAddr,
    #[serde(default)]
    pub(super) key: Option<Key>,
}

pub(super) struct Key(pub(super) PublicKey);

pub(super) struct Digest(pub(super) [u8; 32]);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| {
            D::Error::custom(
                "this is no public key\nput what `rehearsal keygen` printed here: `ed25519:` and \
                 64 hexadecimal digits",
            )
        })
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        digest::parse(&text).map(Self).ok_or_else(|| {
            D::Error::custom(
                "this is no digest of a configuration\nput what `rehearsal check` says of the \
                 other roster here: 64 hexadecimal digits",
            )
        })
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().ok().filter(|address: &SocketAddr| address.port() != 0).ok_or_else(|| {
        D::Error::custom(format_args!(
            "`{text}` is not where a node can be reached\nwrite an IP address and a port: \
             `127.0.0.1:2881`, `[::1]:2881`"
        ))
    })
}
