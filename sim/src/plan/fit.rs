//! Whether a decision is one that can be made where its key says.

use std::collections::BTreeSet;

use rehearsal_machine::NodeId;

use super::{Decision, DecisionKey};
use crate::fault::{Action, Fault, FaultName};
use crate::network::{Link, Network, SessionPairs};
use crate::queue::MOST_COPIES;
use crate::scenario::check_action;
use crate::source::{Reason, closest};

/// The decision is of the sort that its key asks for.
pub(super) fn fits(key: &DecisionKey, decision: &Decision) -> Result<(), &'static str> {
    match (key, decision) {
        (DecisionKey::Message(_), Decision::Duplicate(spans)) => match spans.len() {
            0 => Err("a message that never arrives is `Lose`"),
            copies if copies >= MOST_COPIES => Err("a message arrives fewer than 256 times"),
            _ => Ok(()),
        },
        (DecisionKey::Message(_), Decision::Lose | Decision::Delay(_) | Decision::Corrupt)
        | (DecisionKey::Fault { .. }, Decision::Strike { .. } | Decision::Spare)
        | (DecisionKey::Timer(_), Decision::Arm(_))
        | (DecisionKey::Draw { .. }, Decision::Draw(_))
        | (DecisionKey::Command { .. }, Decision::Drop | Decision::At(_)) => Ok(()),
        (DecisionKey::Message(_), _) => {
            Err("of a message: `Lose`, `Corrupt`, `Delay(..)` or `Duplicate([..])`")
        }
        (DecisionKey::Timer(_), _) => Err("of a timer: `Arm(..)`"),
        (DecisionKey::Draw { .. }, _) => Err("of a draw: `Draw(..)`"),
        (DecisionKey::Command { .. }, _) => Err("of a command: `Drop` or `At(..)`"),
        (DecisionKey::Fault { .. }, _) => {
            Err("of a fault: `Strike(at: .., node: .., does: ..)` or `Spare`")
        }
    }
}

/// A decision on a fault is about one that there is, a time that it strikes,
/// and a node that it could strike.
pub(super) fn strikes(
    key: &DecisionKey,
    decision: &Decision,
    faults: &[Fault],
    network: &Network,
    nodes: u32,
) -> Result<(), Reason> {
    let DecisionKey::Fault { fault: name, nth } = key else { return Ok(()) };
    let names = FaultName::all(faults);
    let Some(fault) = name.place_in(&names).map(|place| &faults[place]) else {
        return Err(no_such_fault(name, &names));
    };
    if *nth > 1 && !fault.is_repeated() {
        return Err(Reason::new(format!("`{name}` strikes once, and this is strike {nth}"))
            .help(format!("write `{name}#1`")));
    }
    let Decision::Strike { at, node, effects, does } = decision else { return Ok(()) };
    if effects.is_some() && !fault.strikes_within_steps() {
        return Err(Reason::new(format!("`{name}` does not strike within a step"))
            .help("leave `effects` out: only a crash at random gaps has it"));
    }
    if let Some(does) = does {
        does_what_it_can(name, &fault.action, does, network, nodes)?;
    }
    match (fault.is_timed_by_chance(), at) {
        (true, None) => {
            return Err(Reason::new("a strike of a fault that strikes at random has a time")
                .help("give it: `Strike(at: \"120ms\")`"));
        }
        (false, Some(_)) => {
            return Err(Reason::new(format!("`{name}` has a time of its own"))
                .help("leave `at` out here, and change the fault"));
        }
        _ => {}
    }
    match node {
        Some(_) if !fault.action.target().is_some_and(|(_, target)| target.is_found()) => {
            Err(Reason::new(format!("`{name}` names its target, so there is none to choose"))
                .help("leave `node` out, or let the fault strike \"any\" or a role"))
        }
        Some(node) if node.number() > nodes => {
            Err(Reason::new(format!("there is no node {} of {nodes}", node.number()))
                .help(format!("nodes are 1 to {nodes}")))
        }
        _ => Ok(()),
    }
}

/// A strike of a fault that leaves nodes to chance does what the fault could do.
fn does_what_it_can(
    name: &FaultName,
    action: &Action,
    does: &Action,
    network: &Network,
    nodes: u32,
) -> Result<(), Reason> {
    let sizes_of = |sides: &[Vec<NodeId>]| sides.iter().map(|side| side.len() as u32).collect();
    let could_be = match does {
        Action::Partition(sides) => Action::Split(sizes_of(sides)),
        Action::Cut(pairs) => Action::CutAny(pairs.len() as u32),
        Action::Break(pairs) => Action::BreakAny(pairs.len() as u32),
        other => other.clone(),
    };
    if could_be != *action {
        return Err(Reason::new(format!("`{name}` cannot {does}"))
            .help("of the same size: a `Partition` for a `Split`, a `Cut` for a `CutAny`, a `Break` for a `BreakAny`"));
    }
    check_action(does, network, nodes)
}

/// A decision on a message of a session lets it arrive once: a session loses, doubles and
/// damages no single message.
pub(super) fn can_befall(
    key: &DecisionKey,
    decision: &Decision,
    sessions: &SessionPairs,
) -> Result<(), Reason> {
    let DecisionKey::Message(message) = key else { return Ok(()) };
    let is_kept_off =
        matches!(decision, Decision::Lose | Decision::Corrupt | Decision::Duplicate(_));
    if is_kept_off && sessions.has(Link::new(message.from, message.to)) {
        return Err(Reason::new("a session neither loses, doubles nor damages a single message")
            .help("remove the decision, or `Delay` the message"));
    }
    Ok(())
}

fn no_such_fault(name: &FaultName, names: &[FaultName]) -> Reason {
    let texts: Vec<_> = names.iter().map(FaultName::to_string).collect();
    let known: Vec<_> = texts.iter().map(String::as_str).collect();
    let written = name.to_string();
    let help = match (name, closest(&written, &known)) {
        _ if names.is_empty() => "the scenario has no faults: remove the decision".to_owned(),
        (FaultName::Place(_), _) => {
            format!("faults are counted from 0: `faults[0]` to `faults[{}]`", names.len() - 1)
        }
        (FaultName::Called { .. }, Some(close)) => format!("did you mean `{close}`?"),
        (FaultName::Called { .. }, None) => format!("the scenario has `{}`", known.join("`, `")),
    };
    Reason::new(format!("there is no `{written}`")).help(help)
}

/// No two decisions are about the same strike of a fault, which has two names.
pub(super) fn is_unique<'a>(
    keys: impl IntoIterator<Item = &'a DecisionKey>,
    faults: &[Fault],
) -> Result<(), &'a DecisionKey> {
    let names = FaultName::all(faults);
    let mut met = BTreeSet::new();
    for key in keys {
        let DecisionKey::Fault { fault, nth } = key else { continue };
        if !met.insert((fault.place_in(&names), *nth)) {
            return Err(key);
        }
    }
    Ok(())
}
