//! Nodes that wait for each other, and the detectors that look for those that
//! are deadlocked: against other oracles, closed forms, and the true state of
//! the whole world.

mod bench;
mod chance;
mod chasers;
mod complete;
mod conformance;
mod drive;
mod fairness;
mod graph;
mod hierarchy;
mod leader;
#[cfg(feature = "mutants")]
mod mutants;
mod oracle;
mod paper;
mod parties;
mod refusals;
mod resolution;
mod resource;
mod rough;
mod snapshot;
mod sound;
mod support;
mod waits;
