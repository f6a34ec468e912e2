//! The chat node: what is said is heard once or reported, whatever happens;
//! a lost leader is missed by those who talk to it; tasks find somebody.

mod conformance;
mod conversation;
mod half_duplex;
mod leader;
#[cfg(feature = "mutants")]
mod mutants;
mod owner;
mod refusals;
mod resources;
mod said;
mod scripted;
mod support;
mod tasks;
