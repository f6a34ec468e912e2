//! A protocol whose failures have a probability that anybody can work out: n1 posts letters, and
//! so many of them have to reach n2.

use rehearsal::prelude::*;
use rehearsal::sim::{Case, Files, Scenario};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Letter;

impl Message for Letter {
    fn kind(&self) -> &'static str {
        "letter"
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    Post,
}

#[derive(Debug, Default)]
pub(crate) struct Person {
    heard: u32,
}

/// n2 has heard at least so many letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fact {
    Heard(u32),
}

pub(crate) enum Post {}

impl Machine for Person {
    type Message = Letter;
    type Command = Order;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(Order::Post) => cx.send(NodeId::from_index(1), Letter),
            Input::Message { .. } => self.heard += 1,
            Input::Start(_) | Input::Link { .. } => {}
            Input::Timer(never) => match never {},
        }
    }
}

impl Protocol for Post {
    const NAME: &'static str = "Post";
    type Config = ();
    type Machine = Person;
    type Property = Fact;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build((): &(), _: NodeId, _: &Nodes) -> Result<Person, Reason> {
        Ok(Person::default())
    }

    fn holds(Fact::Heard(least): &Fact, question: Question<'_, Person>) -> Answer {
        question.of_world(|view| {
            let heard = view.machine(NodeId::from_index(1)).map_or(0, |person| person.heard);
            if heard >= *least { Ok(()) } else { Err("too few letters were heard") }
        })
    }
}

/// Three letters, of which two have to arrive: it fails if two of them are lost.
pub(crate) fn three_letters(loss: &str, more: &str) -> Case {
    let text = format!(
        r#"(claim: "Two of three letters arrive.", protocol: Post(()), nodes: 2,
        network: (delay: Uniform("1ms", "5ms"), loss: "{loss}"),
        commands: [(at: "100ms", to: 1, command: Post), (at: "200ms", to: 1, command: Post),
            (at: "300ms", to: 1, command: Post)],
        {more} calm_at: "1s", until: "2s", expect: [Eventually(what: Heard(2), within: "500ms")])"#
    );
    Scenario::<Post>::parse("post.ron", &text, Files::none()).expect("it is right").into()
}
