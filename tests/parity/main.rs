//! The same scenario in the virtual world and over loopback: where timing
//! cannot matter, owners are told the same.

mod deadlock;
mod election;
mod script;
#[path = "../../tcp/tests/nodes/test_cluster.rs"]
#[expect(dead_code, reason = "the tests of sockets need more of it")]
mod test_cluster;
mod worlds;
