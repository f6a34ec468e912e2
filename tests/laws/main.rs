//! The laws of the virtual world, each as a test: what must be true of any run
//! of any protocol.

mod accountant;
mod built;
mod case;
mod chance;
mod checks;
mod conformance;
mod courier;
mod coverage;
mod directed;
mod golden;
mod guided;
mod hunt;
mod identity;
mod lines;
mod menu;
mod menus;
#[cfg(feature = "mutants")]
mod mutants;
mod nothing;
mod owner;
mod plans;
mod predicates;
mod properties;
mod random_plans;
#[path = "../workloads/ring.rs"]
mod ring;
mod seen;
mod shortcut;
mod shrink;
mod swarm;
#[path = "../workloads/walk.rs"]
mod walk;
