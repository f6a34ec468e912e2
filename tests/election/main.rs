//! Elections against figures that are computed here on their own: what they
//! cost, how long they take, what goes wrong where, and what is refused.

mod conformance;
mod counts;
mod garcia_molina;
mod handover;
mod hardened;
mod large;
mod model;
#[cfg(feature = "mutants")]
mod mutants;
mod refusals;
mod support;
mod times;
mod weather;
