//! Bugs that others have reported in public, each as a small machine of our own, and the
//! sequence of events that shows it.
//!
//! The sequences are known exactly, so each is a directed scenario: a few faults and commands
//! that leave nothing to chance. The same lines must leave the repaired machine unharmed. No
//! sequence takes more than [`MOST_LINES`], and none sets a clock.

mod echoed_leave;
mod forgotten_vote;
mod gossiped_ballot;
mod late_append;
mod missed_suffix;
mod perhaps_held;
mod repeated_grant;
mod stale_tail;
mod stale_write;
mod unheard_term;
mod view_before_save;
mod wrong_path;

use std::fmt::Debug;
use std::marker::PhantomData;

use rehearsal::machine::{Machine, NodeId};
use rehearsal::sim::{
    Answer, Files, Lane, Look, Nodes, Observed, Options, Plain, Protocol, Question, Reason,
    Scenario, World, run,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A machine that has a bug, or is without it.
trait Small:
    Machine<
        Message: Serialize + DeserializeOwned + Debug,
        Command: Serialize + DeserializeOwned + Clone + Debug + Send + Sync,
        Output: Serialize + Debug,
        Timer: Serialize + DeserializeOwned + Debug,
        Cell: Serialize + DeserializeOwned + Debug,
        Saved: Serialize + DeserializeOwned,
    > + 'static
{
    type Memory: Default;

    fn new(form: Form, me: NodeId, nodes: &Nodes) -> Self;

    fn remember(memory: &mut Self::Memory, world: &World<Self>, observed: &Observed<'_, Self>) {
        let _ = (memory, world, observed);
    }

    /// Is nothing wrong? If something is, this says what.
    fn sound(world: &World<Self>, memory: &Self::Memory) -> Result<(), &'static str>;

    fn text(message: &Self::Message) -> String;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Form {
    Faulty,
    Repaired,
}

#[derive(Debug, Deserialize)]
enum Property {
    Sound,
}

struct Rehearsed<M>(PhantomData<M>);

impl<M: Small> Protocol for Rehearsed<M> {
    const NAME: &'static str = "Small";
    type Config = Form;
    type Machine = M;
    type Property = Property;
    type Memory = M::Memory;
    type Look = Self;
    type Owner = Plain;

    fn build(form: &Form, me: NodeId, nodes: &Nodes) -> Result<M, Reason> {
        Ok(M::new(*form, me, nodes))
    }

    fn observe(memory: &mut M::Memory, world: &World<M>, observed: &Observed<'_, M>) {
        M::remember(memory, world, observed);
    }

    fn holds(property: &Property, question: Question<'_, M, M::Memory>) -> Answer {
        match property {
            Property::Sound => question.of_world(|view| M::sound(view.world(), view.memory())),
        }
    }
}

impl<M: Small> Look<Self> for Rehearsed<M> {
    fn lane(_: &M) -> Lane {
        Lane::from('.')
    }

    fn message_text(message: &M::Message) -> String {
        M::text(message)
    }
}

/// Lines of faults and commands that a sequence takes at most.
const MOST_LINES: usize = 12;

/// The lines break the faulty machine in this way, and leave the repaired one unharmed.
/// `more` are further fields of the scenario.
#[track_caller]
fn assert_shown<M: Small>(nodes: u32, more: &str, lines: &str, reason: &str) {
    assert_eq!(reason_of::<M>(nodes, more, lines).as_deref(), Some(reason));
}

/// The lines keep the faulty machine from what has to come after the calm, for this reason, and
/// do not keep the repaired one from it.
#[track_caller]
fn assert_stuck<M: Small>(nodes: u32, more: &str, lines: &str, what: &str, reason: &str) {
    let more = format!("calm_at: \"1s\", {more}");
    let expect = format!("Eventually(what: {what}, within: \"500ms\")");
    assert_eq!(reason_under::<M>(nodes, &more, lines, &expect).as_deref(), Some(reason));
}

/// How the lines break the faulty machine, if they do. They leave the repaired one unharmed.
#[track_caller]
fn reason_of<M: Small>(nodes: u32, more: &str, lines: &str) -> Option<String> {
    reason_under::<M>(nodes, more, lines, "Always(Sound)")
}

#[track_caller]
fn reason_under<M: Small>(nodes: u32, more: &str, lines: &str, expect: &str) -> Option<String> {
    let written = lines.lines().map(str::trim).filter(|line| line.starts_with('(')).count();
    assert!((1..=MOST_LINES).contains(&written), "{written} lines");
    assert!(!["Skew", "Step", "Drift"].iter().any(|trick| lines.contains(trick)), "a trick");
    let scenario = |form| {
        let text = format!(
            "(claim: \"A public bug.\", protocol: Small({form}), nodes: {nodes}, until: \"2s\",
            {more}, {lines}, expect: [{expect}])"
        );
        Scenario::<Rehearsed<M>>::parse("directed.ron", &text, Files::none())
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let faulty = run(&scenario("Faulty"), Options::seed(0));
    assert!(faulty.unstruck().is_empty(), "every line matters: {:?}", faulty.unstruck());
    let repaired = run(&scenario("Repaired"), Options::seed(0));
    assert!(repaired.held(), "{:?}", repaired.failure);
    faulty.failure.as_ref().map(|failure| failure.reason.clone())
}

/// Every message takes 10 ms.
const PLAIN: &str = "network: (delay: Fixed(\"10ms\"))";

fn others(me: NodeId, nodes: &Nodes) -> Vec<NodeId> {
    nodes.iter().filter(|node| *node != me).collect()
}
