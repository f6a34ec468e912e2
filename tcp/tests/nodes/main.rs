//! Nodes on loopback, in this process, driven by the sockets of the system.

mod asker;
mod faults;
mod flood;
mod house;
mod impostors;
mod keyless;
mod late;
mod links;
mod log;
mod pair;
mod proxy;
mod raw;
mod script;
mod secret;
mod strangers;
mod test_cluster;
mod unfit;
mod upgrade;
