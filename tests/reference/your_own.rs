use proptest::prelude::*;
use rehearsal::prelude::*;
use rehearsal::sim::{Expect, Options, Scenario, run, strategy};
use rehearsal::sim::{fault::Action, network::Distribution};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Say {
    Buy,
    Ticket(u32),
}
impl Message for Say {
    fn kind(&self) -> &'static str {
        if matches!(self, Self::Buy) { "buy" } else { "ticket" }
    }
}
struct Tickets {
    office: NodeId,
    saves: bool,
    sold: u32,
}
impl Machine for Tickets {
    type Message = Say;
    type Command = (); // buy a ticket
    type Output = u32; // a ticket's number
    type Timer = Nothing;
    type Cell = u32; // a cell for each ticket sold
    type Saved = ();
    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(saved) => self.sold = saved.keys().max().copied().unwrap_or(0),
            Input::Command(()) => cx.send(self.office, Say::Buy),
            Input::Message { from, message: Say::Buy } => {
                self.sold += 1;
                if self.saves {
                    cx.save(self.sold, ());
                }
                cx.send(from, Say::Ticket(self.sold));
            }
            Input::Message { message: Say::Ticket(number), .. } => cx.emit(number),
            Input::Timer(never) => match never {},
            Input::Link { .. } => {}
        }
    }
}
#[derive(Debug, Serialize, Deserialize)]
enum Property {
    NoneSoldTwice,
}
impl Protocol for Tickets {
    const NAME: &'static str = "Tickets";
    type Config = bool; // does the office save?
    type Machine = Self;
    type Property = Property;
    type Memory = (BTreeSet<u32>, bool); // the numbers sold; was one of them sold twice?
    type Look = Plain;
    type Owner = Plain;
    fn build(saves: &bool, _: NodeId, nodes: &Nodes) -> Result<Self, Reason> {
        Ok(Self { office: nodes.initial()[0], saves: *saves, sold: 0 })
    }
    fn command(_: &bool, _: NodeId, _: &Nodes, _: &mut dyn Draw) -> Option<()> {
        Some(())
    }
    fn observe(memory: &mut Self::Memory, _: &World<Self>, seen: &Observed<'_, Self>) {
        if let NodeEvent::Effect(Effect::Send { message: Say::Ticket(number), .. }) = seen.event {
            memory.1 |= !memory.0.insert(*number);
        }
    }
    fn holds(_: &Property, question: Question<'_, Self, Self::Memory>) -> Answer {
        question.of_world(
            |view| {
                if view.memory().1 { Err("a ticket was sold twice") } else { Ok(()) }
            },
        )
    }
}
fn scenario(saves: bool) -> Scenario<Tickets> {
    let ms = Duration::from_millis;
    Scenario::builder(saves)
        .workload(20, Distribution::Fixed(ms(10).into()))
        .fault(Action::bounce(NodeId::from_index(0), ms(5)).at(ms(95)))
        .calm_at(ms(300))
        .expect(Expect::always(Property::NoneSoldTwice))
        .build()
        .expect("it is valid")
}

#[test]
fn an_office_that_forgets_sells_a_ticket_twice() {
    let report = run(&scenario(false), Options::seed(0));
    assert_eq!(report.failure.as_ref().expect("it fails").reason, "a ticket was sold twice");
}

proptest! {
    #[test]
    fn no_ticket_is_sold_twice(seed in strategy::seeds(), faults in strategy::plans(&scenario(true))) {
        strategy::rehearse(&scenario(true), seed, faults, "no_ticket_is_sold_twice")?;
    }
}
