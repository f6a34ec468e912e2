//! Whether what the tools say of a run is so: of two runs where they part, of an
//! event what led to it, and of a run in the forms that other programs read.

mod cause;
mod command;
mod damaged;
mod diff;
mod explain;
mod export;
mod lost_message;
mod random_runs;
mod stock;
