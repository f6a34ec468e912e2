//! Nodes on loopback, in this process, driven by the sockets of the system.

mod asker;
mod bed;
mod faults;
mod pair;
mod proxy;
mod script;
