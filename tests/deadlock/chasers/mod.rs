//! Detectors without a leader: probes, questions, labels.

mod chasing;
mod conformance;
mod diffusing;
mod driver;
mod explore;
mod graphs;
mod labels;
mod motion;
#[cfg(feature = "mutants")]
mod mutants;
