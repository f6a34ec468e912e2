//! Detectors without a leader: probes, questions, labels.

mod chasing;
mod diffusing;
mod explore;
mod held;
mod labels;
mod motion;
#[cfg(feature = "mutants")]
mod mutants;
pub(crate) mod rounds;
mod withdrawal;
