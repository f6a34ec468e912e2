use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::Union;
use rehearsal_machine::{Machine as _, NodeId, Time};

use super::bounds::Bounds;
use super::nodes::FaultStrategy;
use super::plan::Mishaps;
use crate::fault::{Action, Fault, Kind};
use crate::network::SessionPairs;
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::source::TimeSpan;

/// What may go wrong in the plans of a property, and how much of it.
///
/// ```
/// # use rehearsal_sim::{Protocol, Scenario};
/// # use rehearsal_sim::strategy::{Kind, Menu};
/// # fn menu<P: Protocol>(scenario: &Scenario<P>) {
/// let faults = Menu::survivable(scenario)
///     .without(Kind::Clock)
///     .messages(["data", "ack"])
///     .at_most(8)
///     .plans();
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Menu {
    kinds: BTreeSet<Kind>,
    most: usize,
    bounds: Bounds,
}

/// What no protocol can be asked to survive without being made for it.
const OTHERS: [Kind; 6] =
    [Kind::Start, Kind::Upgrade, Kind::Amnesia, Kind::LyingDisk, Kind::Filter, Kind::Timer];

const MOST_FAULTS: usize = 16;
const LAST_NTH: u64 = 50;
/// The longest span is this part of the time before the calm.
const LONGEST_PART: u64 = 3;

impl Menu {
    /// Nothing goes wrong in this scenario until [`with`](Self::with) says so.
    #[must_use]
    pub fn nothing<P: Protocol>(scenario: &Scenario<P>) -> Self {
        let until = scenario.until().as_nanos();
        let before = scenario.calm_at().map_or(until, Time::as_nanos);
        let mut core = scenario.initial().to_vec();
        core.extend(scenario.absent());
        core.retain(|node| scenario.calm_at().is_some() && scenario.is_core(*node));
        let is_calm_for_all = core.len() == scenario.nodes() as usize;
        let bounds = Bounds {
            nodes: scenario.nodes() as usize,
            absent: scenario.absent().to_vec(),
            before,
            ends_before: if is_calm_for_all { before } else { until },
            core,
            until,
            is_calm_for_all,
            longest: before / LONGEST_PART,
            last_nth: LAST_NTH,
            is_vague: false,
            has_upgrade: scenario.upgrade().is_some(),
            messages: Vec::new(),
            timers: Vec::new(),
            roles: Vec::new(),
            sessions: SessionPairs::new(scenario.network().sessions.as_ref(), scenario.nodes()),
            news: if P::Machine::HEARS_LINKS { vec![true, false] } else { Vec::new() },
            outlived: Vec::new(),
        };
        Self { kinds: BTreeSet::new(), most: MOST_FAULTS, bounds }
    }

    /// Every kind that a protocol can be asked to survive: all but
    /// [`Start`](Kind::Start), [`Upgrade`](Kind::Upgrade),
    /// [`Amnesia`](Kind::Amnesia), [`LyingDisk`](Kind::LyingDisk),
    /// [`Filter`](Kind::Filter) and [`Timer`](Kind::Timer).
    #[must_use]
    pub fn survivable<P: Protocol>(scenario: &Scenario<P>) -> Self {
        Kind::SURVIVABLE.into_iter().fold(Self::nothing(scenario), Self::with)
    }

    /// Every kind there is, and every way to name its moment and its node: a
    /// fault may also wait for a message of any node.
    #[must_use]
    pub fn everything<P: Protocol>(scenario: &Scenario<P>) -> Self {
        let mut menu = OTHERS.into_iter().fold(Self::survivable(scenario), Self::with);
        menu.bounds.is_vague = true;
        menu
    }

    /// This may go wrong, too.
    #[must_use]
    pub fn with(mut self, kind: Kind) -> Self {
        self.kinds.insert(kind);
        self
    }

    /// This may not.
    #[must_use]
    pub fn without(mut self, kind: Kind) -> Self {
        self.kinds.remove(&kind);
        self
    }

    /// A plan has at most so many mishaps, 16 if nothing is said. One that
    /// needs an end is two faults.
    #[must_use]
    pub fn at_most(mut self, mishaps: usize) -> Self {
        self.most = mishaps;
        self
    }

    /// A fault lasts at most so long; a third of the time before the calm if
    /// nothing is said. Of no time at all, faults that last end as they begin.
    #[must_use]
    pub fn lasting(mut self, longest: TimeSpan) -> Self {
        self.bounds.longest = longest.as_nanos();
        self
    }

    /// The first so many events of a sort set off faults, at least 1; 50 if
    /// nothing is said.
    #[must_use]
    pub fn on_the_first(mut self, events: u64) -> Self {
        self.bounds.last_nth = events.max(1);
        self
    }

    /// Faults that wait for a message name its kind, one of these; without any
    /// they wait for one of whatever kind.
    #[must_use]
    pub fn messages<K: Into<String>>(mut self, kinds: impl IntoIterator<Item = K>) -> Self {
        self.bounds.messages = kinds.into_iter().map(Into::into).collect();
        self
    }

    /// The names of timers that fire early or late; any timer that a trace shows. Without
    /// any there is no [`Timer`](Kind::Timer) on the menu.
    #[must_use]
    pub fn timers<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.bounds.timers = names.into_iter().map(Into::into).collect();
        self
    }

    /// Of what is on the menu some disturbances of these nodes, and of the links from
    /// them, outlive the calm: pauses, holds, cuts, wrong clocks, and filters of messages.
    #[must_use]
    pub fn outliving(mut self, nodes: impl IntoIterator<Item = NodeId>) -> Self {
        self.bounds.outlived = nodes.into_iter().collect();
        self
    }

    /// Faults strike nodes by these letters of their roles, too, and when a
    /// node takes on one of them.
    #[must_use]
    pub fn roles(mut self, letters: impl IntoIterator<Item = char>) -> Self {
        self.bounds.roles = letters.into_iter().collect();
        self
    }

    /// Plans of what is on the menu, in any number up to the most, none
    /// included. What the scenario has no use for is left out: partitions of a
    /// single node, starts where nobody is absent, upgrades to
    /// nothing, anything before a calm that
    /// is there from the beginning.
    pub fn plans(&self) -> BoxedStrategy<Vec<Fault>> {
        let mut mishaps: Vec<_> = self.of_messages().into_iter().collect();
        let others = self.kinds.iter().filter_map(|kind| self.mishap(*kind));
        mishaps.extend(others.map(|mishap| (1, mishap)));
        if !self.bounds.outlived.is_empty() && self.bounds.nodes > 1 {
            mishaps.push((2, self.bounds.outliving(&self.kinds)));
        }
        if mishaps.is_empty() || self.bounds.before == 0 {
            return Just(Vec::new()).boxed();
        }
        Mishaps { of: Union::new_weighted(mishaps), most: self.most }.boxed()
    }

    /// What happens to messages, as often as there are kinds of it.
    fn of_messages(&self) -> Option<(u32, FaultStrategy)> {
        let actions: Vec<_> = self.kinds.iter().filter_map(|kind| self.of_message(*kind)).collect();
        let kinds = u32::try_from(actions.len()).unwrap_or(u32::MAX);
        (kinds > 0).then(|| (kinds, self.bounds.on_a_message(actions)))
    }

    /// What a filter does to messages: what may happen to one, and that it waits.
    fn all_of_message(&self) -> Vec<BoxedStrategy<Action>> {
        let of_one = self.kinds.iter().filter_map(|kind| self.of_message(*kind));
        let withhold = std::iter::repeat_n(Just(Action::Withhold).boxed(), 2);
        of_one.chain(withhold).collect()
    }

    fn of_message(&self, kind: Kind) -> Option<BoxedStrategy<Action>> {
        if self.bounds.sessions.are_all() && kind.is_kept_off_by_sessions() {
            return None;
        }
        Some(match kind {
            Kind::Delay => self.bounds.delays(),
            Kind::Duplicate => self.bounds.duplicates(),
            Kind::Lose => Just(Action::Lose).boxed(),
            Kind::Corrupt => Just(Action::Corrupt).boxed(),
            _ => return None,
        })
    }

    fn mishap(&self, kind: Kind) -> Option<FaultStrategy> {
        let bounds = &self.bounds;
        let has_links = bounds.nodes > 1;
        Some(match kind {
            Kind::Pause => bounds.pauses(),
            Kind::Clock => bounds.clocks(),
            Kind::Crash => bounds.crashes(),
            Kind::LostSave => bounds.lost_saves(),
            Kind::Hold if has_links => bounds.holds(),
            Kind::Partition if has_links => bounds.partitions(),
            Kind::Repeated => return self.repeated(),
            Kind::Start if !bounds.absent.is_empty() => bounds.starts(),
            Kind::Upgrade if bounds.has_upgrade => bounds.upgrades(),
            Kind::Filter if has_links => bounds.filters(self.all_of_message()),
            Kind::Timer if !bounds.timers.is_empty() => bounds.moved_timers(),
            Kind::Session if !bounds.sessions.is_empty() => bounds.broken_sessions(),
            Kind::Amnesia => bounds.amnesia(),
            Kind::LyingDisk => bounds.lies(),
            // Of no use here, or dealt with elsewhere.
            _ => return None,
        })
    }

    fn repeated(&self) -> Option<FaultStrategy> {
        let bounds = &self.bounds;
        let mut of_nodes = Vec::new();
        if self.kinds.contains(&Kind::Pause) {
            of_nodes.push(bounds.any_pause());
        }
        if self.kinds.contains(&Kind::Clock) {
            of_nodes.push(bounds.any_clock());
        }
        if self.kinds.contains(&Kind::Crash) {
            of_nodes.push(bounds.any_crash());
        }
        let mut sorts = Vec::new();
        if !of_nodes.is_empty() {
            sorts.push(bounds.of_chance(of_nodes));
        }
        if self.kinds.contains(&Kind::Partition) && bounds.nodes > 1 {
            sorts.push(bounds.partitions_of_chance());
        }
        (!sorts.is_empty()).then(|| Union::new(sorts).boxed())
    }
}
