//! A machine that hears of its links, which no shipped one does.

use rehearsal::machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{Answer, Files, Nodes, Plain, Protocol, Question, Reason, Scenario};
use serde::{Deserialize, Serialize};

pub(crate) struct Hearer;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Never;

impl Message for Never {
    fn kind(&self) -> &'static str {
        "never"
    }
}

impl Machine for Hearer {
    type Message = Never;
    type Command = Nothing;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    const HEARS_LINKS: bool = true;

    fn handle(&mut self, _: Input<Self>, _: &mut Context<'_, Self>) {}
}

#[derive(Debug, Deserialize)]
pub(crate) enum Property {}

impl Protocol for Hearer {
    const NAME: &'static str = "Hearer";
    type Config = ();
    type Machine = Self;
    type Property = Property;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build((): &(), _: NodeId, _: &Nodes) -> Result<Self, Reason> {
        Ok(Self)
    }

    fn holds(property: &Property, _: Question<'_, Self>) -> Answer {
        match *property {}
    }
}

/// Two nodes with a session.
pub(crate) fn scenario() -> Scenario<Hearer> {
    let text = "(claim: \"Both hear.\", protocol: Hearer(()), nodes: 2, until: \"1s\",
        network: (delay: Fixed(\"1ms\"), sessions: ()), expect: [])";
    Scenario::parse("hearer.ron", text, Files::none()).expect("a scenario")
}
