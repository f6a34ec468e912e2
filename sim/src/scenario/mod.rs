//! A scenario: a claim about a protocol, and the circumstances in which it is
//! put to the test.

mod builder;
mod changes;
mod command;
mod conditions;
mod file;
mod load;
mod synopsis;
mod text;
mod valid;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use rehearsal_machine::{Draw as _, Machine as _, NodeId, Time};

use crate::chance::{Chance, Stream};
use crate::check::Expect;
use crate::fault::{Fault, Place as FaultPlace};
use crate::files::Files;
use crate::network::Calm;
use crate::network::Network;
use crate::nodes::Nodes;
use crate::panics;
use crate::predicate;
use crate::property::Question;
use crate::protocol::{Look as _, Protocol};
use crate::source::{Diagnostic, Path as Place, Reason, TimeSpan, text_of};
use crate::world::World;

pub use builder::Builder;
pub use changes::{Changes, CommandText};
pub(crate) use changes::{Replaced, Replacement};
pub(crate) use command::{CommandAt, Event, Moment};
pub use conditions::AtCalm;
use conditions::Conditions;
pub(crate) use file::File;
pub use load::{FileKind, Heading, configuration, heading};
pub(crate) use load::{Written, finish};
pub use synopsis::{Expected, Synopsis, Within};
pub(crate) use valid::check_action;
pub use valid::check_network;

/// A scenario that was read and found sound: every node it names exists, its
/// times are in order, and its protocol builds every node.
pub struct Scenario<P: Protocol> {
    content: Arc<Content<P>>,
    conditions: Arc<Conditions>,
    commands: Arc<[CommandAt<P>]>,
    faults: Vec<Fault>,
    all_nodes: Nodes,
    origin: Origin,
}

/// What no plan can replace of a scenario.
pub(crate) struct Content<P: Protocol> {
    config: P::Config,
    upgrade: Option<P::Config>,
    expect: Vec<Expect<P::Property>>,
    /// The nodes that the calm is for; all of them if there is no list.
    core: Option<BTreeSet<NodeId>>,
}

/// What a file says, taken apart.
pub(crate) struct Parts<P: Protocol> {
    content: Content<P>,
    conditions: Conditions,
    commands: Vec<CommandAt<P>>,
    faults: Vec<Fault>,
    /// Where each fault stands.
    places: Vec<FaultPlace>,
}

/// What a plan embeds of a scenario.
#[derive(Clone, Debug, Default)]
pub(crate) enum Text {
    /// It was read from this one.
    Read(Arc<str>),
    /// It was made in code, and this says the same.
    Made(Arc<str>),
    /// It was made in code, of values that cannot be written.
    #[default]
    None,
}

/// Where a scenario comes from: all that a plan needs to hold of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) name: String,
    pub(crate) text: Text,
    pub(crate) files: IndexMap<String, Arc<str>>,
    /// What was replaced after reading, so that `text` says something else.
    pub(crate) replaced: Replaced,
}

impl<P: Protocol> Scenario<P> {
    /// Reads a scenario from its text; `name` is the file's name to show.
    pub fn parse(name: &str, source: &str, files: Files) -> Result<Self, Diagnostic> {
        load::parse(name, source, files)
    }

    /// Reads a scenario file, and the files it names beside it. A file that
    /// cannot be opened is a diagnostic, too.
    pub fn open(path: &Path) -> Result<Self, Diagnostic> {
        let source = text_of(path)?;
        Self::parse(&path.display().to_string(), &source, Files::beside(path))
    }

    /// The one place where a scenario is made, however it was written: checks it
    /// and reads the files it names. A reason's path begins at the scenario.
    fn checked(parts: Parts<P>, mut files: Files, origin: Origin) -> Result<Self, Reason> {
        let Parts { mut content, conditions, commands, faults, places } = parts;
        valid::conditions(&conditions)?;
        valid::commands(&conditions, commands.iter().map(|it| (&it.moment, it.to)))?;
        valid::faults(&conditions, &faults, &places)?;
        check_names::<P>(&conditions.network, &faults, &places, &commands)?;
        let has_lasting = faults.iter().any(|fault| fault.lasting);
        let property_names = predicate::property_names::<P::Property>();
        let is_of_world = is_of_world::<P>(conditions.nodes);
        for (place, expect) in content.expect.iter().enumerate() {
            valid::expectation(
                &conditions,
                place,
                expect,
                has_lasting,
                property_names,
                &is_of_world,
            )?;
        }
        let nodes = conditions.all_nodes();
        let configs = std::iter::once(("protocol", &mut content.config))
            .chain(content.upgrade.as_mut().map(|config| ("upgrade", config)));
        for (field, config) in configs {
            let path = Place::root().field(field).field(P::NAME);
            let refused = |reason: Reason| reason.within(&path);
            P::prepare(config, &nodes, &conditions.network, &mut files).map_err(refused)?;
            // Built once here, so that building one again cannot be refused in a run.
            let built = |node| P::build(config, node, &nodes).map(|_| ());
            nodes.iter().try_for_each(built).map_err(refused)?;
        }
        let origin = Origin { files: files.into_read(), ..origin };
        Ok(Self {
            content: Arc::new(content),
            conditions: Arc::new(conditions),
            commands: commands.into(),
            faults,
            all_nodes: nodes,
            origin,
        })
    }

    /// The claim it demonstrates.
    #[must_use]
    pub fn claim(&self) -> &str {
        &self.conditions.claim
    }

    /// The file's name, as it was shown.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.origin.name
    }

    /// What the file says of the protocol.
    #[must_use]
    pub fn config(&self) -> &P::Config {
        &self.content.config
    }

    /// What nodes run by that were upgraded, if any are to be.
    #[must_use]
    pub fn upgrade(&self) -> Option<&P::Config> {
        self.content.upgrade.as_ref()
    }

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.conditions.nodes
    }

    /// The nodes, and which of them start with the run.
    #[must_use]
    pub fn all_nodes(&self) -> &Nodes {
        &self.all_nodes
    }

    /// What lies between them.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.conditions.network
    }

    /// What goes wrong.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// When all disturbances end, if they do.
    #[must_use]
    pub fn calm_at(&self) -> Option<Time> {
        self.conditions.calm_at.map(|span| Time::ZERO + span)
    }

    /// Is the calm for this node? It is for all nodes, or for those of the core.
    #[must_use]
    pub fn is_core(&self, node: NodeId) -> bool {
        self.content.core.as_ref().is_none_or(|core| core.contains(&node))
    }

    /// How many nodes the protocol is promised to be down at a time, at most.
    #[must_use]
    pub fn budget(&self) -> Option<u32> {
        self.conditions.budget.map(|budget| budget.down)
    }

    /// Does the node join later, rather than start with the run?
    #[must_use]
    pub fn is_absent(&self, node: NodeId) -> bool {
        node.number() <= self.nodes() && !self.all_nodes.is_initial(node)
    }

    /// The nodes that join later.
    #[must_use]
    pub fn absent(&self) -> &[NodeId] {
        &self.conditions.absent
    }

    pub(crate) fn calm(&self) -> Calm {
        Calm::new(
            self.calm_at(),
            self.conditions.calm_for.as_deref().unwrap_or_default(),
            self.conditions.nodes as usize,
        )
    }

    /// When the run ends: nothing happens at that instant or later.
    #[must_use]
    pub fn until(&self) -> Time {
        Time::ZERO + self.conditions.until
    }

    /// After how many events a run is stopped as one that never ends.
    #[must_use]
    pub fn max_events(&self) -> u64 {
        self.conditions.max_events
    }

    /// What is expected.
    #[must_use]
    pub fn expect(&self) -> &[Expect<P::Property>] {
        &self.content.expect
    }

    /// The nodes that exist when a run begins, in order.
    #[must_use]
    pub fn initial(&self) -> &[NodeId] {
        self.all_nodes.initial()
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Can the text that was made of a scenario in code be read again?
    pub(crate) fn check_text(&self) -> Result<(), Diagnostic> {
        match &self.origin.text {
            Text::Made(text) => {
                let files = Files::embedded(self.origin.files.clone());
                Self::parse("plan", text, files).map(drop)
            }
            Text::Read(_) | Text::None => Ok(()),
        }
    }

    /// The commands of the file.
    pub(crate) fn commands(&self) -> &[CommandAt<P>] {
        &self.commands
    }

    /// The commands of the workload.
    pub(crate) fn workload(&self, chance: &Chance) -> Vec<CommandAt<P>> {
        let Some(workload) = &self.conditions.workload else { return Vec::new() };
        let mut commands = Vec::new();
        let mut draws = chance.stream(Stream::Workload);
        let mut at: u64 = 0;
        let stops = workload.at_calm == AtCalm::Stops;
        let end = self.conditions.calm_at.filter(|_| stops).map(TimeSpan::as_nanos);
        for _ in 0..workload.count {
            at = at.saturating_add(workload.gap.sample(&mut draws));
            if end.is_some_and(|end| at >= end) {
                break;
            }
            let place = draws.draw(0..=u64::from(self.conditions.nodes - 1));
            let to = NodeId::from_index(place as usize);
            if let Some(command) = P::command(&self.content.config, to, &self.all_nodes, &mut draws)
            {
                let moment = Moment::At(TimeSpan::from_nanos(at));
                commands.push(CommandAt { moment, to, command });
            }
        }
        commands
    }
}

/// The kinds, roles and timers that faults and commands name exist, as far as the
/// protocol lists them; and nodes hear of sessions where they wait for that.
fn check_names<P: Protocol>(
    network: &Network,
    faults: &[Fault],
    places: &[FaultPlace],
    commands: &[CommandAt<P>],
) -> Result<(), Reason> {
    let vocabulary = P::Look::vocabulary();
    let hears = P::Machine::HEARS_LINKS && network.sessions.is_some();
    for (fault, place) in faults.iter().zip(places) {
        vocabulary.check_fault(fault, hears, &place.line(), &place.action())?;
    }
    let events = commands.iter().enumerate();
    for (place, event) in events.filter_map(|(place, it)| Some((place, it.moment.event()?))) {
        let path = Place::root().field("commands").index(place);
        vocabulary.check_trigger(&event.trigger, hears, &path.field("when"))?;
        for (field, nth, trigger) in event.window.triggers() {
            let path = path.field(field);
            let path = nth.map_or_else(|| path.clone(), |nth| path.index(nth));
            vocabulary.check_trigger(trigger, hears, &path)?;
        }
    }
    Ok(())
}

/// Tells properties of the world from those of every node, by asking a world in
/// which nothing has started. Of a property that panics there it is not known.
fn is_of_world<P: Protocol>(nodes: u32) -> impl Fn(&P::Property) -> Option<bool> {
    let empty = OnceCell::new();
    move |property| {
        let (world, memory) =
            empty.get_or_init(|| (World::<P::Machine>::new(nodes), P::Memory::default()));
        let first = NodeId::from_index(0);
        let ask = || P::holds(property, Question::new(world, memory, first, false)).is_of_world;
        panics::catch(ask).ok()
    }
}

impl<P: Protocol> fmt::Debug for Scenario<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scenario({}: {})", self.origin.name, self.conditions.claim)
    }
}
