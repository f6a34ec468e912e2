//! The chat script rehearsed, held against oracles that share no code with the
//! machine or the simulator.

mod cost;
mod support;
mod windows;
