use rehearsal_machine::NodeId;
use serde::Serialize;

use super::conditions::{Budget, Workload, default_max_events};
use super::{AtCalm, CommandAt, Event, File, Moment, Origin, Scenario, Text, text};
use crate::check::Expect;
use crate::fault::{Fault, Trigger, Window};
use crate::files::Files;
use crate::network::{Distribution, Network};
use crate::protocol::{CommandOf, Protocol};
use crate::source::{Reason, TimeSpan};
use crate::swarm::SwarmBounds;

/// A scenario that is made in code, field by field, as a file would say it.
///
/// What is not given: three nodes, every message takes 10 ms, nothing goes
/// wrong, no calm, and the run ends after 10 seconds of virtual time.
///
/// [`build`](Self::build) checks the scenario as if it had been read from a
/// file, and refuses it with the same words.
///
/// ```
/// use std::time::Duration;
///
/// use rehearsal_machine::{Context, Input, Machine, Message, NodeId, Nothing};
/// use rehearsal_sim::fault::{Action, Sends};
/// use rehearsal_sim::{
///     Answer, Expect, Nodes, Options, Plain, Protocol, Question, Reason, Scenario, run,
/// };
/// use serde::{Deserialize, Serialize};
///
/// // Node 1 says hello to all others, once.
/// struct Greeter { others: Vec<NodeId>, is_greeted: bool }
///
/// #[derive(Clone, Debug, Serialize, Deserialize)]
/// struct Hello;
/// impl Message for Hello {
///     fn kind(&self) -> &'static str { "hello" }
/// }
///
/// impl Machine for Greeter {
///     type Message = Hello;
///     type Command = ();
///     type Output = Nothing;
///     type Timer = Nothing;
///     type Cell = Nothing;
///     type Saved = Nothing;
///     fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
///         match input {
///             Input::Command(()) => {
///                 self.is_greeted = true;
///                 cx.send_all(self.others.iter().copied(), &Hello);
///             }
///             Input::Message { .. } => self.is_greeted = true,
///             Input::Start(_) | Input::Timer(_) | Input::Link { .. } => {}
///         }
///     }
/// }
///
/// #[derive(Debug)]
/// enum Greeting {}
/// #[derive(Debug, Serialize, Deserialize)]
/// enum Property { AllGreeted }
///
/// impl Protocol for Greeting {
///     const NAME: &'static str = "Greeting";
///     type Config = ();
///     type Machine = Greeter;
///     type Property = Property;
///     type Memory = ();
///     type Look = Plain;
///     type Owner = Plain;
///     fn build(_: &(), me: NodeId, nodes: &Nodes) -> Result<Greeter, Reason> {
///         let others = nodes.iter().filter(|node| *node != me).collect();
///         Ok(Greeter { others, is_greeted: false })
///     }
///     fn holds(property: &Property, question: Question<'_, Greeter>) -> Answer {
///         match property {
///             Property::AllGreeted => {
///                 question.of_every_node(|view, node| match view.machine(node) {
///                     Some(greeter) if greeter.is_greeted => Ok(()),
///                     _ => Err(view.violation("a node was not greeted", || format!("{node}"))),
///                 })
///             }
///         }
///     }
/// }
///
/// let [first, third] = [1, 3].map(|number| NodeId::new(number).unwrap());
/// let hello = Scenario::<Greeting>::builder(())
///     .command(Duration::ZERO, first, ())
///     .calm_at(Duration::from_millis(1))
///     .expect(Expect::eventually(Property::AllGreeted, Duration::from_secs(1)));
/// assert!(run(&hello.build()?, Options::seed(1)).held());
///
/// // The calm begins only after the message was lost, and nobody says it again.
/// let lost = Scenario::<Greeting>::builder(())
///     .command(Duration::ZERO, first, ())
///     .fault(Action::Lose.when(Sends::of("hello").to(third)))
///     .calm_at(Duration::from_millis(1))
///     .expect(Expect::eventually(Property::AllGreeted, Duration::from_secs(1)));
/// let failure = run(&lost.build()?, Options::seed(1)).outcome.failure.unwrap();
/// assert_eq!(failure.reason, "a node was not greeted");
/// # Ok::<(), Reason>(())
/// ```
#[must_use = "a scenario is made by `build`"]
pub struct Builder<P: Protocol> {
    name: String,
    file: File<P>,
    files: Files,
}

/// A builder can be varied: what several scenarios share is said once.
impl<P: Protocol<Config: Clone, Property: Clone>> Clone for Builder<P> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), file: self.file.clone(), files: self.files.clone() }
    }
}

impl<P: Protocol> Scenario<P> {
    /// A scenario made in code rather than read from a file, whose nodes run
    /// the protocol with this configuration.
    pub fn builder(config: P::Config) -> Builder<P> {
        Builder::new(config)
    }
}

impl<P: Protocol> Builder<P> {
    fn new(config: P::Config) -> Self {
        let file = File {
            claim: format!("What is expected of `{}` holds.", P::NAME),
            config,
            upgrade: None,
            nodes: 3,
            absent: Vec::new(),
            network: Network::from(Distribution::Fixed(TimeSpan::from_millis(10))),
            commands: Vec::new(),
            workload: None,
            faults: Vec::new(),
            budget: None,
            calm_at: None,
            calm_for: None,
            swarm: None,
            until: TimeSpan::from_secs(10),
            max_events: default_max_events(),
            expect: Vec::new(),
        };
        Self { name: "built in code".to_owned(), file, files: Files::none() }
    }

    /// What stands for a file's name, in a plan for example.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// What the scenario demonstrates, in a sentence.
    pub fn claim(mut self, claim: impl Into<String>) -> Self {
        self.file.claim = claim.into();
        self
    }

    /// How many nodes there are, the absent ones included.
    pub fn nodes(mut self, nodes: u32) -> Self {
        self.file.nodes = nodes;
        self
    }

    /// These nodes do not start with the run, but by a fault `Start`.
    pub fn absent(mut self, nodes: impl IntoIterator<Item = NodeId>) -> Self {
        self.file.absent = nodes.into_iter().collect();
        self
    }

    /// What lies between the nodes, in place of what was said before.
    pub fn network(mut self, network: impl Into<Network>) -> Self {
        self.file.network = network.into();
        self
    }

    /// How long a message takes; the rest of the network stays as it is.
    pub fn delay(mut self, delay: Distribution) -> Self {
        self.file.network.delay = delay;
        self
    }

    /// One more command to a node, at this time since the run began.
    pub fn command(mut self, at: impl Into<TimeSpan>, to: NodeId, command: CommandOf<P>) -> Self {
        let moment = Moment::At(at.into());
        self.file.commands.push(CommandAt { moment, to, command });
        self
    }

    /// One more command to a node, right after this event, once, within the window.
    pub fn command_on(
        mut self,
        event: impl Into<Trigger>,
        window: Window,
        to: NodeId,
        command: CommandOf<P>,
    ) -> Self {
        let moment = Moment::On(Box::new(Event { trigger: event.into(), window }));
        self.file.commands.push(CommandAt { moment, to, command });
        self
    }

    /// So many random commands, made by [`Protocol::command`], with such spans
    /// of time from one to the next.
    pub fn workload(mut self, count: u32, gap: Distribution) -> Self {
        self.file.workload = Some(Workload { count, gap, at_calm: AtCalm::GoesOn });
        self
    }

    /// The workload, if there is one, ends with the calm.
    pub fn workload_stops_at_calm(mut self) -> Self {
        if let Some(workload) = &mut self.file.workload {
            workload.at_calm = AtCalm::Stops;
        }
        self
    }

    /// One more thing that goes wrong.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.file.faults.push(fault.into());
        self
    }

    /// More things that go wrong.
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.file.faults.extend(faults.into_iter().map(Into::into));
        self
    }

    /// How many nodes may be down at the same time; a run with more is judged
    /// on safety alone.
    pub fn budget(mut self, down: u32) -> Self {
        self.file.budget = Some(Budget { down });
        self
    }

    /// When all disturbances end, counted from the begin of the run.
    pub fn calm_at(mut self, at: impl Into<TimeSpan>) -> Self {
        self.file.calm_at = Some(at.into());
        self
    }

    /// The calm is for these nodes only, rather than for all.
    pub fn calm_for(mut self, nodes: impl IntoIterator<Item = NodeId>) -> Self {
        self.file.calm_for = Some(nodes.into_iter().collect());
        self
    }

    /// What a [swarm](crate::swarm) may do to it.
    pub fn swarm(mut self, bounds: SwarmBounds) -> Self {
        self.file.swarm = Some(bounds);
        self
    }

    /// When the run ends, counted from its begin; nothing happens at that
    /// instant or later.
    pub fn until(mut self, until: impl Into<TimeSpan>) -> Self {
        self.file.until = until.into();
        self
    }

    /// A run with more events is stopped, and fails as one without an end.
    pub fn max_events(mut self, max_events: u64) -> Self {
        self.file.max_events = max_events;
        self
    }

    /// One more property to check.
    pub fn expect(mut self, expect: Expect<P::Property>) -> Self {
        self.file.expect.push(expect);
        self
    }

    /// The configuration of nodes that a fault `Upgrade` restarts.
    pub fn upgrade(mut self, config: P::Config) -> Self {
        self.file.upgrade = Some(config);
        self
    }

    /// The files that the configuration names.
    pub fn files(self, files: Files) -> Self {
        Self { files, ..self }
    }

    /// The scenario, checked as one that is read from a file. It has a text,
    /// which a plan of one of its runs embeds.
    ///
    /// Refused for the same reasons as a file; a reason's path begins at the
    /// scenario: `faults[0].do`. Also refused if a configuration, command or
    /// property cannot be written as RON.
    pub fn build(self) -> Result<Scenario<P>, Reason>
    where
        P::Config: Serialize,
        P::Property: Serialize,
    {
        let text = text::of(&self.file)?;
        self.checked(Text::Made(text.into()))
    }

    /// As [`build`](Self::build), for configurations and properties that cannot
    /// be serialized. The scenario has no text, and its runs have no plan that
    /// could be replayed: [`Plan::text`](crate::Plan::text) says so.
    pub fn build_without_text(self) -> Result<Scenario<P>, Reason> {
        self.checked(Text::None)
    }

    fn checked(self, text: Text) -> Result<Scenario<P>, Reason> {
        let origin = Origin { name: self.name, text, ..Origin::default() };
        Scenario::checked(self.file.into_parts(), self.files, origin)
    }
}
