//! Faults can strike, and do something.

mod action;
mod when;

use std::collections::BTreeSet;

use rehearsal_machine::{is_hidden, printable};

use super::bounds::{each_once, node_exists};
use crate::fault::{Action, Fault, Place, Target, Trigger};
use crate::network::SessionPairs;
use crate::scenario::Conditions;
use crate::source::{Path, Reason};

use self::action::action;
pub(in crate::scenario) use self::action::on_network;
use self::when::when;
pub(in crate::scenario) use self::when::{span, triggered};

/// The faults of a scenario, each of which stands at its place.
pub(in crate::scenario) fn faults(
    conditions: &Conditions,
    faults: &[Fault],
    places: &[Place],
) -> Result<(), Reason> {
    let mut names = BTreeSet::new();
    for (fault, place) in faults.iter().zip(places) {
        let path = place.line();
        if let Some(name) = &fault.name {
            let path = || path.field("name");
            can_be_named(name, path)?;
            if !names.insert(name) {
                return Err(Reason::new(format!("two faults are called `{name}`"))
                    .at(path())
                    .help("give each a name of its own"));
            }
        }
        when(conditions, fault, &path)?;
        lasting(conditions, fault, &path)?;
        let path = place.action();
        message(fault, &path)?;
        of_session(conditions, fault, &path)?;
        target(conditions, fault, &path)?;
        action(conditions, &fault.action, &path)?;
    }
    Ok(())
}

/// A line of a story and a key of a plan can show the name.
fn can_be_named(name: &str, path: impl FnOnce() -> Path) -> Result<(), Reason> {
    let refused = |message: String, help: &str| Err(Reason::new(message).at(path()).help(help));
    if name.trim().is_empty() {
        return refused("a fault's name is empty".to_owned(), "give a word, or leave `name` out");
    }
    match name.chars().find(|letter| is_hidden(*letter) || "\"\\".contains(*letter)) {
        Some(letter @ ('"' | '\\')) => {
            refused(format!("a fault's name has a `{letter}`"), "leave the character out")
        }
        Some(hidden) => {
            refused(cannot_be_seen("a fault's name", hidden), "leave the character out")
        }
        None => Ok(()),
    }
}

pub(super) fn cannot_be_seen(what: &str, hidden: char) -> String {
    let hidden = hidden.to_string();
    format!("{what} has the character `{}`, which no reader can see", printable(&hidden))
}

/// What outlives the calm needs one.
fn lasting(conditions: &Conditions, fault: &Fault, path: &Path) -> Result<(), Reason> {
    if fault.lasting && conditions.calm_at.is_none() {
        return Err(Reason::new("a fault that outlives the calm, and there is no calm")
            .at(path.field("lasting"))
            .help("leave `lasting` out: without `calm_at` every fault lasts to the end"));
    }
    Ok(())
}

fn message(fault: &Fault, path: &Path) -> Result<(), Reason> {
    if fault.action.is_on_message() && !matches!(fault.when.trigger(), Some(Trigger::Sends { .. }))
    {
        return Err(Reason::new("this acts on a message, and no message is named")
            .at(path.clone())
            .help("give `when: Sends(..)`, or `each: Sends(..)`"));
    }
    Ok(())
}

/// A session neither loses, doubles nor damages a single message.
fn of_session(conditions: &Conditions, fault: &Fault, path: &Path) -> Result<(), Reason> {
    let Some(Trigger::Sends { from, to, .. }) = fault.when.trigger() else { return Ok(()) };
    let sessions = SessionPairs::new(conditions.network.sessions.as_ref(), conditions.nodes);
    let is_of_session = sessions.have_every(*from, *to);
    if fault.action.is_kept_off_by_sessions() && is_of_session {
        return Err(Reason::new("a session neither loses, doubles nor damages a single message")
            .at(path.clone())
            .help("break it: `do: Break([(1, 2)])`"));
    }
    Ok(())
}

fn target(conditions: &Conditions, fault: &Fault, path: &Path) -> Result<(), Reason> {
    let Some((fields, target)) = fault.action.target() else { return Ok(()) };
    let path = || fields.iter().fold(path.clone(), |path, field| path.field(*field));
    match target {
        Target::Node(node) => node_exists(node, conditions.nodes, path)?,
        Target::AnyOf(nodes) => {
            let path = path().field("AnyOf");
            if nodes.is_empty() {
                return Err(Reason::new("any node of none").at(path).help("list a node"));
            }
            each_once(&nodes, conditions.nodes, &path)?;
        }
        Target::It if fault.when.trigger().is_none() => {
            return Err(Reason::new("\"it\" is the node of an event, and none is named")
                .at(path())
                .help("give `when: ..`, or name a node, a role or \"any\""));
        }
        Target::It | Target::Role(_) | Target::Any => {}
    }
    match fault.action {
        Action::Start(node) if !conditions.absent.contains(&node) => {
            Err(Reason::new(format!("node {} starts with the run", node.number()))
                .at(path())
                .help("list it in `absent`, or `Restart` it after a crash"))
        }
        _ => Ok(()),
    }
}
