//! The chat script: what it reads, what it refuses and where, and what it computes.

mod generated;
mod problems;
mod properties;
mod reading;
mod reordering;

use rehearsal_machine::NodeId;
use rehearsal_protocol::script::{Number, Script};

const PAPER_39: &str = include_str!("../../../scenarios/script/paper-39.txt");
const PAPER_50: &str = include_str!("../../../scenarios/script/paper-50.txt");

fn node(number: u32) -> NodeId {
    NodeId::new(number).unwrap()
}

fn number(number: u32) -> Number {
    Number::new(number).unwrap()
}

fn numbers(plain: &[u32]) -> Vec<Number> {
    plain.iter().copied().map(number).collect()
}

/// Two users `a` and `b`, and these message lines.
fn two_users(messages: &str) -> String {
    format!("Users\n10.0.0.1,1,a\n10.0.0.1,2,b\nMessage\n{messages}")
}

/// The projection by its definition, slowly.
fn naive_projection(script: &Script, node: NodeId) -> Vec<Number> {
    script
        .messages()
        .filter(|entry| entry.from == node || entry.to == node)
        .map(|entry| entry.number)
        .collect()
}
