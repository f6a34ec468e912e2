//! The wait-for graph against petgraph and brute force.

mod cases;
mod counts;
mod dot;
mod everywhere;
mod families;
mod random;
mod refusals;
mod victims;
