//! The chat script rehearsed, held against oracles that share no code with the
//! machine or the simulator.

mod cost;
mod crash;
mod fault_plans;
mod graph;
mod liveness;
mod lost_ack;
mod mutants;
mod support;
mod survival;
mod weather;
mod windows;
