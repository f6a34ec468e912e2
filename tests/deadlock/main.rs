//! Nodes that wait for each other, and the detectors that look for those who
//! do so for ever: against other oracles, closed forms, and the true state of
//! the whole world.

mod chasers;
mod complete;
mod conformance;
mod graph;
#[cfg(feature = "mutants")]
mod mutants;
mod paper;
mod resolution;
mod resource;
mod sound;
mod support;
