//! The hardened form: what it promises under anything, and what breaks it.

mod bound;
mod fence;
mod majority;
#[cfg(feature = "mutants")]
mod mutants;
mod refusals;
mod stable;
mod weather;
mod words;
