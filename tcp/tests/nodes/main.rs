//! Nodes on loopback, in this process, driven by the sockets of the system.

mod bed;
mod script;
