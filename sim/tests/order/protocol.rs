//! The oracle as the memory of a protocol, in the simulator and told of real nodes.

use rehearsal_machine::{
    Context, Effect, Input, Machine, Message, Node, NodeId, Nothing, Storage, Time,
};
use rehearsal_sim::order::{Guarantee, Oracle};
use rehearsal_sim::{
    Answer, Diagnostic, Files, Nodes, Observed, Observer, Options, Plain, Predicate, Protocol,
    Question, Reason, Report, Scenario, World, run,
};
use serde::{Deserialize, Serialize};

use crate::event::node;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Data(String);

impl Message for Data {
    fn kind(&self) -> &'static str {
        "data"
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Output {
    Sent { message: String, to: Vec<NodeId> },
    Delivered { message: String },
}

/// Node 1 sends `slow` to node 3 and `question` to node 2, which sends `answer` to node
/// 3. Every node delivers a message when it arrives.
struct Relay {
    me: NodeId,
}

impl Relay {
    fn send(&self, to: NodeId, message: &str, cx: &mut Context<'_, Self>) {
        assert_ne!(self.me, to);
        cx.emit(Output::Sent { message: message.to_owned(), to: vec![to] });
        cx.send(to, Data(message.to_owned()));
    }
}

impl Machine for Relay {
    type Message = Data;
    type Command = Nothing;
    type Output = Output;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = u32;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) if self.me == node(1) => {
                self.send(node(3), "slow", cx);
                self.send(node(2), "question", cx);
            }
            Input::Message { message: Data(message), .. } => {
                cx.emit(Output::Delivered { message });
                if self.me == node(2) {
                    self.send(node(3), "answer", cx);
                }
            }
            _ => {}
        }
    }
}

struct Relaying;

impl Protocol for Relaying {
    const NAME: &'static str = "Relaying";
    type Config = ();
    type Machine = Relay;
    type Property = Guarantee;
    type Memory = Oracle<String>;
    type Look = Plain;
    type Owner = Plain;

    fn build((): &(), me: NodeId, _: &Nodes) -> Result<Relay, Reason> {
        Ok(Relay { me })
    }

    fn observe(oracle: &mut Oracle<String>, _: &World<Relay>, seen: &Observed<'_, Relay>) {
        oracle.observe(seen, |oracle, node, output| match output {
            Output::Sent { message, to } => oracle.sent(node, message, to.iter().copied()),
            Output::Delivered { message } => oracle.delivered(node, message),
        });
    }

    fn holds(claim: &Guarantee, question: Question<'_, Relay, Oracle<String>>) -> Answer {
        question.of_world(|view| view.memory().holds(*claim, view))
    }
}

fn report(expect: &str, faults: &str) -> Result<Report<Relaying>, Diagnostic> {
    let text = format!(
        "(claim: \"Messages come in order.\", protocol: Relaying(()), nodes: 3, \
         network: (delay: Fixed(\"10ms\")), until: \"1s\", expect: [{expect}], \
         faults: [{faults}])"
    );
    let scenario = Scenario::<Relaying>::parse("relaying.ron", &text, Files::none())?;
    Ok(run(&scenario, Options::seed(0)))
}

const SLOW: &str = "(when: Sends(from: 1, to: 3), do: Delay(\"100ms\"))";

#[test]
fn a_scenario_expects_a_guarantee_like_any_other_property() -> Result<(), Diagnostic> {
    let expect = "Always(Causal), Always(Fifo), Always(NoCreation), AtEnd(AllDelivered)";
    assert!(report(expect, "")?.held());

    let late = report(expect, SLOW)?;
    let failure = late.failure.as_ref().expect("the answer overtakes the message");
    assert_eq!(failure.reason, "a message was delivered before one that it depends on");
    assert_eq!(
        failure.detail,
        "n3 delivers answer before slow\n\
         n1 sends slow\n\
         n1 sends question\n\
         n2 delivers question\n\
         n2 sends answer"
    );
    assert!(report("Always(Fifo), AtEnd(AllDelivered)", SLOW)?.held());
    Ok(())
}

#[test]
fn a_message_that_is_lost_is_missing_at_the_end() -> Result<(), Diagnostic> {
    let lost = report("AtEnd(AllDelivered)", "(when: Sends(from: 2), do: Lose)")?;
    let failure = lost.failure.as_ref().expect("the answer is lost");
    assert_eq!(failure.detail, "n3 has not delivered answer from n2");
    Ok(())
}

/// Recordings of real nodes are joined into steps, and a step is told like this.
#[test]
fn the_outputs_of_real_nodes_are_judged_by_the_same_protocol() {
    let mut observer = Observer::<Relaying>::new(3);
    for number in 1..=3 {
        let machine = Relay { me: node(number) };
        let (start, began) = (Node::new(node(number), 1, machine), Time::ZERO);
        observer.started(began, began, start, Storage::<Relay>::new());
    }
    let sent = |message: &str, to| Output::Sent { message: message.to_owned(), to: vec![node(to)] };
    let delivered = |message: &str| Output::Delivered { message: message.to_owned() };
    let steps = [
        (1, vec![sent("slow", 3), sent("question", 2)]),
        (2, vec![delivered("question"), sent("answer", 3)]),
        (3, vec![delivered("answer")]),
    ];
    let causal = Predicate::Property(Guarantee::Causal);
    let mut verdicts = Vec::new();
    for (number, outputs) in steps {
        for output in outputs {
            observer.effect(node(number), Effect::Emit(output));
        }
        observer.step_end(node(number));
        verdicts.push(observer.holds_after(&causal, node(number)).map_err(|broken| broken.detail));
    }
    let detail = "n3 delivers answer before slow\nn1 sends slow\nn1 sends question\n\
                  n2 delivers question\nn2 sends answer";
    assert_eq!(verdicts, [Ok(()), Ok(()), Err(detail.to_owned())]);
}
