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
    /// So many letters in one step.
    PostAll(u32),
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
            Input::Command(Order::PostAll(letters)) => {
                (0..letters).for_each(|_| cx.send(NodeId::from_index(1), Letter));
            }
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
    let expect = r#"Eventually(what: Heard(2), within: "500ms")"#;
    case(loss, &[(100, "Post"), (200, "Post"), (300, "Post")], more, expect)
}

/// The same, all of them posted in one step.
pub(crate) fn three_letters_at_once(loss: &str) -> Case {
    let expect = r#"Eventually(what: Heard(2), within: "500ms")"#;
    case(loss, &[(100, "PostAll(3)")], "", expect)
}

/// Three letters, of which two must not arrive. The last one is never lost: it comes after the calm.
pub(crate) fn not_two_of_three(loss: &str) -> Case {
    case(loss, &THREE, "", "Always(Not(Heard(2)))")
}

/// The same, and all three must not arrive.
pub(crate) fn not_three_of_three(loss: &str, more: &str) -> Case {
    case(loss, &THREE, more, "Always(Not(Heard(3)))")
}

/// Sixty letters, of which two must not arrive.
pub(crate) fn not_two_of_sixty(loss: &str) -> Case {
    let commands: Vec<_> = (1..=60).map(|nth| (10 * nth, "Post")).collect();
    case(loss, &commands, "", "Always(Not(Heard(2)))")
}

/// Two letters before the calm, and one after it.
const THREE: [(u32, &str); 3] = [(100, "Post"), (200, "Post"), (1_009, "Post")];

fn case(loss: &str, commands: &[(u32, &str)], more: &str, expect: &str) -> Case {
    let commands: String = commands
        .iter()
        .map(|(at, order)| format!(r#"(at: "{at}ms", to: 1, command: {order}), "#))
        .collect();
    let text = format!(
        r#"(claim: "Two of three letters arrive.", protocol: Post(()), nodes: 2,
        network: (delay: Uniform("1ms", "5ms"), loss: "{loss}"),
        commands: [{commands}], {more} calm_at: "1s", until: "2s", expect: [{expect}])"#
    );
    Scenario::<Post>::parse("post.ron", &text, Files::none()).expect("it is right").into()
}
