//! Rounds of probes and of questions, on waits that stand still.

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal::machine::NodeId;
use rehearsal::protocol::deadlock::chasing::{self, Chasing};
use rehearsal::protocol::deadlock::diffusing::{self, Diffusing};
use rehearsal::protocol::deadlock::{Detector, DetectorInput, Early, Victims};

use crate::drive::{Delay, World, at, ms};
use crate::oracle::Oracle;
use crate::waits::{Model, NOBODY, Waits, every};

/// Rounds are so far apart that a test sees as many as it wants.
pub(crate) const PERIOD: u64 = 1_000_000;
pub(crate) const DELAY: u64 = 7;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// Probes, which are sent on.
    Chasing,
    /// Questions, which are sent on and answered.
    Diffusing,
}

/// Of a detector of either form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) patience: Duration,
    pub(crate) period: Duration,
    pub(crate) early: Early,
    pub(crate) victims: Option<Victims>,
}

/// Nobody begins by itself within the first period.
pub(crate) const QUIET: Rules = Rules {
    patience: Duration::from_millis(PERIOD),
    period: Duration::from_millis(PERIOD),
    early: Early::Drop,
    victims: None,
};

/// All who wait begin at once.
pub(crate) const EAGER: Rules = Rules { patience: Duration::ZERO, ..QUIET };

impl Form {
    pub(crate) fn detector(self, nodes: u32, rules: Rules, me: NodeId) -> Detector {
        let Rules { patience, period, early, victims } = rules;
        match self {
            Self::Chasing => {
                let rules = chasing::Config { nodes, patience, period, early, victims };
                Chasing::new(rules, me).into()
            }
            Self::Diffusing => {
                let rules = diffusing::Config { nodes, patience, period, early, victims };
                Diffusing::new(rules, me).into()
            }
        }
    }

    pub(crate) fn world(self, nodes: u32, rules: Rules, delay: Delay) -> World<Detector> {
        World::new(nodes, delay, 1, |me| self.detector(nodes, rules, me))
    }

    pub(crate) fn settled(self, waits: &Waits, rules: Rules) -> World<Detector> {
        let mut world = self.world(waits.nodes, rules, Delay::Constant(ms(DELAY)));
        world.settle(waits);
        world
    }

    /// One round.
    pub(crate) fn begin(self, waits: &Waits, initiator: u32) -> World<Detector> {
        let mut world = self.settled(waits, QUIET);
        world.ask(initiator, DetectorInput::Check);
        world.run_until(PERIOD - 1);
        world
    }

    /// What its waits need.
    pub(crate) fn model(self) -> Model {
        match self {
            Self::Chasing => Model::And,
            Self::Diffusing => Model::Or,
        }
    }

    /// Who can find something.
    fn finders(self, oracle: &Oracle) -> Vec<u32> {
        match self {
            Self::Chasing => oracle.on_cycles(),
            Self::Diffusing => oracle.without_way_out(),
        }
    }

    /// Messages that went along the waits.
    pub(crate) fn asked(self, world: &World<Detector>) -> usize {
        world.count(match self {
            Self::Chasing => "probe",
            Self::Diffusing => "query",
        })
    }

    /// In every small graph a round of each node goes along every edge that it
    /// reaches, and finds what it should. Gives of each whether it did, what was
    /// asked, and what was answered.
    pub(crate) fn assert_rounds(self) -> Vec<(bool, usize, usize)> {
        let mut rounds = Vec::new();
        for waits in (2..=4).flat_map(|nodes| every(self.model(), nodes)) {
            let oracle = Oracle::of(&waits);
            let can_find = self.finders(&oracle);
            for initiator in 1..=waits.nodes {
                let world = self.begin(&waits, initiator);
                let asked = self.asked(&world);
                let cost = oracle.edges_out_of_reached(initiator);
                assert_eq!(asked, cost, "{initiator} of {waits:?}");
                let finds = can_find.contains(&initiator);
                let expected: Vec<_> = finds.then_some(initiator).into_iter().collect();
                assert_eq!(world.finders(), expected, "{initiator} of {waits:?}");
                rounds.push((finds, asked, world.count("reply")));
            }
        }
        assert_eq!(rounds.len(), 2 * 4 + 3 * 64 + 4 * 4096);
        rounds
    }

    /// In every small graph, when all begin, all who should find it, once, and
    /// nobody else does.
    pub(crate) fn assert_all_find_it_once(self) {
        for waits in (2..=4).flat_map(|nodes| every(self.model(), nodes)) {
            let oracle = Oracle::of(&waits);
            let mut world = self.settled(&waits, EAGER);
            world.run_until(PERIOD - 1);
            let mut finders = world.finders();
            finders.sort_unstable();
            assert_eq!(finders, self.finders(&oracle), "{waits:?}");
            let costs = (1..=waits.nodes).map(|from| oracle.edges_out_of_reached(from));
            assert_eq!(self.asked(&world), costs.sum::<usize>(), "{waits:?}");
        }
    }

    /// With any delays, copies and losses: every process that should find the
    /// deadlock finds it in some of a hundred rounds, and no other does in any.
    pub(crate) fn assert_found_in_the_end(self, delay: Delay, rules: fn(u64) -> Rules) {
        for (seed, waits) in (0..).zip(every(self.model(), 4).step_by(7)) {
            let rules = rules(seed);
            let mut world = World::new(4, delay, seed, |me| self.detector(4, rules, me));
            world.see(&waits);
            world.run_until(100 * rules.period.as_millis() as u64);
            let finders: BTreeSet<_> = world.finders().into_iter().collect();
            assert!(finders.iter().eq(&self.finders(&Oracle::of(&waits))), "{waits:?}");
        }
    }

    /// When 2 finds the ring of three, as it begins a round while the request of
    /// 3, which waits for 1, is under way for half a period.
    pub(crate) fn overtaking(self, early: Early) -> Vec<u64> {
        let waits = Waits::ring(3);
        let mut world = self.world(3, Rules { early, ..QUIET }, Delay::Constant(ms(DELAY)));
        for number in [2, 3] {
            world.look(number, &waits.view(number));
        }
        let mut first = waits.view(1);
        let pending = std::mem::take(&mut first.pending);
        world.look(1, &first);
        world.ask(2, DetectorInput::Check);
        world.run_until(PERIOD / 2);
        assert_eq!(world.finders(), NOBODY);
        first.pending = pending;
        world.look(1, &first);
        world.run_until(PERIOD + PERIOD / 2);
        let by_two = world.found().into_iter().filter(|(_, number)| *number == 2);
        by_two.map(|(time, _)| time.since(at(0)).as_millis() as u64).collect()
    }
}
