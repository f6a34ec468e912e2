//! The same scenario in the virtual world and over loopback: where timing
//! cannot matter, owners are told the same.

#[path = "../../tcp/tests/nodes/bed.rs"]
#[expect(dead_code, reason = "the tests of sockets need more of it")]
mod bed;
mod deadlock;
mod election;
mod script;
mod worlds;
