//! A history as the memory of a protocol.

use rehearsal_machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal_sim::history::{
    Consistency, History, Register, RegisterAnswer, RegisterOperation, Said,
};
use rehearsal_sim::{
    Answer, Diagnostic, Files, Nodes, Observed, Options, Plain, Protocol, Question, Reason, Report,
    Scenario, World, run,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Copy(u32);

impl Message for Copy {
    fn kind(&self) -> &'static str {
        "copy"
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Ask {
    Write { id: u32, value: u32 },
    Read { id: u32 },
}

#[derive(Clone, Debug, Serialize)]
enum Tell {
    Written { id: u32 },
    IsRead { id: u32, value: Option<u32> },
}

/// Answers a write before the other node has the value, and a read from its own copy.
struct Replica {
    other: NodeId,
    value: Option<u32>,
}

impl Machine for Replica {
    type Message = Copy;
    type Command = Ask;
    type Output = Tell;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = u32;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(Ask::Write { id, value }) => {
                self.value = Some(value);
                cx.send(self.other, Copy(value));
                cx.emit(Tell::Written { id });
            }
            Input::Command(Ask::Read { id }) => cx.emit(Tell::IsRead { id, value: self.value }),
            Input::Message { message: Copy(value), .. } => self.value = Some(value),
            Input::Start(_) | Input::Timer(_) | Input::Link { .. } => {}
        }
    }
}

struct Replicas;

type Operations = History<&'static str, u32, Register<u32>>;

impl Protocol for Replicas {
    const NAME: &'static str = "Replicas";
    type Config = ();
    type Machine = Replica;
    type Property = Consistency;
    type Memory = Operations;
    type Look = Plain;
    type Owner = Plain;

    fn build((): &(), me: NodeId, nodes: &Nodes) -> Result<Replica, Reason> {
        let other = nodes.iter().find(|node| *node != me).expect("there are two");
        Ok(Replica { other, value: None })
    }

    fn observe(history: &mut Operations, _: &World<Replica>, seen: &Observed<'_, Replica>) {
        use {RegisterAnswer as Answered, RegisterOperation as Asked};
        history.observe(seen, |history, node, said| match said {
            Said::Command(Ask::Write { id, value }) => {
                history.invoked(node, "x", *id, Asked::Write(*value));
            }
            Said::Command(Ask::Read { id }) => history.invoked(node, "x", *id, Asked::Read),
            Said::Output(Tell::Written { id }) => history.returned(id, Answered::Done),
            Said::Output(Tell::IsRead { id, value }) => {
                history.returned(id, Answered::Value(*value));
            }
        });
    }

    fn holds(claim: &Consistency, question: Question<'_, Replica, Operations>) -> Answer {
        question.of_world(|view| view.memory().holds(*claim, view))
    }
}

fn report(claim: &str, read_at: &str) -> Result<Report<Replicas>, Diagnostic> {
    let text = format!(
        "(claim: \"A read sees what was written.\", protocol: Replicas(()), nodes: 2, \
         network: (delay: Fixed(\"10ms\")), until: \"1s\", expect: [AtEnd({claim})], commands: [\
         (at: \"10ms\", to: 1, command: Write(id: 1, value: 7)), \
         (at: \"{read_at}\", to: 2, command: Read(id: 2))])"
    );
    let scenario = Scenario::<Replicas>::parse("replicas.ron", &text, Files::none())?;
    Ok(run(&scenario, Options::seed(0)))
}

#[test]
fn a_scenario_expects_that_clients_see_one_register() -> Result<(), Diagnostic> {
    assert!(report("Linearizable", "30ms")?.held());
    let early = report("Linearizable", "15ms")?;
    let failure = early.failure.as_ref().expect("the copy is under way");
    assert_eq!(failure.reason, "no order explains the answers to clients");
    assert_eq!(
        failure.detail,
        "no order explains these operations on x:\n\
         n1 ||   Write(7): Done\n\
         n2   || Read: Value(None)"
    );
    assert!(report("Sequential", "15ms")?.held());
    Ok(())
}
