//! The oracle of message orders against the definitions taken literally, against all
//! interleavings of small cases, and against models of ordering protocols.

mod breaches;
mod closure;
mod crashes;
mod disciplines;
mod event;
mod interleavings;
mod protocol;
mod random_runs;
