//! Whether a decision is one that can be made where its key says.

use super::{Decision, DecisionKey};
use crate::fault::{Fault, Target, When};
use crate::queue::MOST_COPIES;
use crate::source::Reason;

/// The decision is of the sort that its key asks for.
pub(super) fn fits(key: &DecisionKey, decision: &Decision) -> Result<(), &'static str> {
    match (key, decision) {
        (DecisionKey::Message { .. }, Decision::Duplicate(spans)) => match spans.len() {
            0 => Err("a message that never arrives is `Lose`"),
            copies if copies >= MOST_COPIES => Err("a message arrives fewer than 256 times"),
            _ => Ok(()),
        },
        (DecisionKey::Message { .. }, Decision::Lose | Decision::Delay(_) | Decision::Corrupt)
        | (DecisionKey::Fault { .. }, Decision::Strike { .. } | Decision::Spare)
        | (DecisionKey::Timer { .. }, Decision::Arm(_))
        | (DecisionKey::Draw { .. }, Decision::Draw(_)) => Ok(()),
        (DecisionKey::Message { .. }, _) => {
            Err("of a message: `Lose`, `Corrupt`, `Delay(..)` or `Duplicate([..])`")
        }
        (DecisionKey::Timer { .. }, _) => Err("of a timer: `Arm(..)`"),
        (DecisionKey::Draw { .. }, _) => Err("of a draw: `Draw(..)`"),
        (DecisionKey::Fault { .. }, _) => Err("of a fault: `Strike(at: .., node: ..)` or `Spare`"),
    }
}

/// A decision on a fault is about one that there is, a time that it strikes,
/// and a node that it could strike.
pub(super) fn strikes(
    key: &DecisionKey,
    decision: &Decision,
    faults: &[Fault],
    nodes: u32,
) -> Result<(), Reason> {
    let DecisionKey::Fault { place, nth } = key else { return Ok(()) };
    let Some(fault) = faults.get(*place) else {
        return Err(Reason::new(format!("there is no `faults[{place}]`")).help(
            match faults.len() {
                0 => "the scenario has no faults: remove the decision".to_owned(),
                1 => "the scenario has one fault, `faults[0]`".to_owned(),
                all => format!("faults are counted from 0: `faults[0]` to `faults[{}]`", all - 1),
            },
        ));
    };
    let is_again_and_again = matches!(fault.when, When::Every(_));
    if *nth > 1 && !is_again_and_again {
        return Err(Reason::new(format!(
            "`faults[{place}]` strikes once, and this is strike {nth}"
        ))
        .help(format!("write `faults[{place}]#1`")));
    }
    let Decision::Strike { at, node } = decision else { return Ok(()) };
    match (is_again_and_again, at) {
        (true, None) => {
            return Err(Reason::new(
                "a strike of a fault that strikes `every` so often has a time",
            )
            .help("give it: `Strike(at: \"120ms\")`"));
        }
        (false, Some(_)) => {
            return Err(Reason::new(format!("`faults[{place}]` has a time of its own"))
                .help("leave `at` out here, and change the fault"));
        }
        _ => {}
    }
    match node {
        Some(_) if !matches!(fault.action.target(), Some((_, Target::Any))) => {
            Err(Reason::new(format!("`faults[{place}]` leaves nobody to choose from"))
                .help("leave `node` out, or let the fault strike \"any\""))
        }
        Some(node) if node.number() > nodes => {
            Err(Reason::new(format!("there is no node {} of {nodes}", node.number()))
                .help(format!("nodes are 1 to {nodes}")))
        }
        _ => Ok(()),
    }
}
