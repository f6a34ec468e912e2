//! Real nodes on loopback, all in this process.

mod asker;
mod credentials;
mod faults;
mod flood;
mod frames;
mod handshakes;
mod heard_links;
mod impostors;
mod invalid_setups;
mod links;
mod lives;
mod log;
mod pair;
mod raw_client;
mod script;
mod slow_node;
mod target;
mod test_cluster;
mod trust_all;
mod upgrade;
