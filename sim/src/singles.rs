//! Every run with exactly one disturbance.
//!
//! The undisturbed run of a scenario, in which every choice is the usual one, is
//! repeated with one thing different: one message is lost, late or doubled, or the
//! session that carries it breaks; one timer fires at the other end of its range; or
//! one node crashes and restarts right after one of its effects. The list is complete: what no single
//! disturbance breaks, nothing breaks at depth one. It also shows where a protocol
//! is fragile, which messages it can do without, and which it cannot.
//!
//! Where nothing breaks alone, *pairs* show what breaks together.
//!
//! The scenario's own faults are part of every run. Nothing is disturbed from the
//! calm on.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;

use indexmap::IndexMap;
use rehearsal_machine::{NodeId, Time};

use crate::case::{Case, RunCase};
use crate::chance::Seed;
use crate::check::Fingerprint;
use crate::engine::{Options, Outcome};
use crate::fault::{Action, Disk, Fault, Sends, Target, Trigger};
use crate::network::{Link, SessionPairs};
use crate::parallel;
use crate::plan::{Decision, DecisionKey, Decisions, MessageKey, Plan, Rest, TimerKey};
use crate::source::TimeSpan;
use crate::trace::{EventKind, Keep};

/// How a run is disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Disturbance {
    /// A message is lost.
    Lose,
    /// A message arrives later.
    Late,
    /// A message arrives twice.
    Double,
    /// A timer fires at the end of its range.
    Timer,
    /// A node crashes right after an effect, and restarts.
    Crash,
    /// The session that carries a message breaks right after the message was sent.
    Break,
}

/// What is disturbed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Subject {
    /// A message.
    Message(MessageKey),
    /// A timer that was armed.
    Timer(TimerKey),
    /// A node, after so many effects.
    Node {
        /// Which node.
        node: NodeId,
        /// After which of its effects, from 1.
        effect: u64,
    },
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(key) => key.fmt(f),
            Self::Timer(key) => key.fmt(f),
            Self::Node { node, effect } => write!(f, "{node} after effect {effect}"),
        }
    }
}

/// One disturbance of the undisturbed run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Single {
    /// How.
    pub disturbance: Disturbance,
    /// Of what.
    pub subject: Subject,
    change: Change,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Decision(Decision),
    Fault(Box<Fault>),
}

/// What a disturbance leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Consequence {
    /// Every node ends with the same window and in the same role.
    Nothing,
    /// It holds, and a window or a role is another one.
    EndsOtherwise,
    /// A check fails.
    Fails(Fingerprint),
}

/// By how much a run is disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spans {
    /// How much later than usual a late message, or the second copy of a doubled
    /// one, arrives.
    pub late: TimeSpan,
    /// How long a node that crashes is down.
    pub down: TimeSpan,
}

impl Default for Spans {
    /// 100 ms, and 50 ms.
    fn default() -> Self {
        Self { late: TimeSpan::from_millis(100), down: TimeSpan::from_millis(50) }
    }
}

/// The undisturbed run of a scenario, and all single disturbances of it.
#[derive(Debug)]
pub struct Singles {
    case: Case,
    seed: Seed,
    undisturbed: Outcome,
    list: Vec<Single>,
}

/// The undisturbed run fails already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailsUndisturbed(pub Fingerprint);

impl fmt::Display for FailsUndisturbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the run fails without any disturbance ({}: {}): remove the faults that it has itself",
            self.0.check, self.0.reason
        )
    }
}

impl std::error::Error for FailsUndisturbed {}

impl Singles {
    /// The disturbances of these kinds of this scenario's run. The seed makes the
    /// commands of a workload, and nothing else.
    pub fn of(
        case: &Case,
        seed: Seed,
        spans: Spans,
        kinds: &[Disturbance],
        run: &RunCase<'_>,
    ) -> Result<Self, FailsUndisturbed> {
        let usual = Decisions::listed([], Rest::Usual).taking_notes();
        let options =
            Options::seed(seed.0).decisions(usual).keep(Keep::Trace).keep_events(u64::MAX);
        let mut undisturbed = run(case, options);
        if let Some(fingerprint) = undisturbed.fingerprint(case.synopsis()) {
            return Err(FailsUndisturbed(fingerprint));
        }
        let synopsis = case.synopsis();
        let sessions = SessionPairs::new(synopsis.network.sessions.as_ref(), synopsis.nodes);
        let mut list = all(&undisturbed, &sessions, spans);
        list.retain(|single| kinds.contains(&single.disturbance));
        undisturbed.events = None;
        Ok(Self { case: case.clone(), seed, undisturbed, list })
    }

    /// All of them, in the order of the run.
    #[must_use]
    pub fn list(&self) -> &[Single] {
        &self.list
    }

    /// What each of these leads to, so many at a time.
    #[must_use]
    pub fn consequences(
        &self,
        singles: &[Single],
        jobs: NonZeroUsize,
        run: &RunCase<'_>,
    ) -> Vec<Consequence> {
        parallel::map(singles.len(), jobs, &|place| {
            self.consequence(&self.plan(&singles[place]), run)
        })
    }

    /// Every two of these at once, by their places, unless both are about the same message or
    /// timer, or about the same effect of a node. There are about as many as half the square of
    /// the disturbances.
    pub fn pairs(singles: &[Single]) -> impl Iterator<Item = (usize, usize)> + '_ {
        let others = move |one| (one + 1..singles.len()).map(move |other| (one, other));
        let all = (0..singles.len()).flat_map(others);
        all.filter(|(one, other)| singles[*one].subject != singles[*other].subject)
    }

    /// What each of these pairs of disturbances leads to, so many at a time.
    #[must_use]
    pub fn consequences_of_pairs(
        &self,
        singles: &[Single],
        pairs: &[(usize, usize)],
        jobs: NonZeroUsize,
        run: &RunCase<'_>,
    ) -> Vec<Consequence> {
        parallel::map(pairs.len(), jobs, &|place| {
            let (one, other) = pairs[place];
            self.consequence(&self.plan_of(&[&singles[one], &singles[other]]), run)
        })
    }

    fn consequence(&self, plan: &Plan, run: &RunCase<'_>) -> Consequence {
        let options = Options::plan(plan).keep(Keep::Verdict);
        let outcome = run(&plan.case, options);
        match outcome.fingerprint(plan.case.synopsis()) {
            Some(fingerprint) => Consequence::Fails(fingerprint),
            None if (&outcome.windows, &outcome.lanes)
                == (&self.undisturbed.windows, &self.undisturbed.lanes) =>
            {
                Consequence::Nothing
            }
            None => Consequence::EndsOtherwise,
        }
    }

    /// The plan of the run with this disturbance, which is one of the [`list`](Self::list).
    ///
    /// # Panics
    /// If it is one of another scenario, and names a node that this one does not have.
    #[must_use]
    pub fn plan(&self, single: &Single) -> Plan {
        self.plan_of(&[single])
    }

    /// The same with several disturbances at once.
    ///
    /// # Panics
    /// As [`plan`](Self::plan).
    #[must_use]
    pub fn plan_of(&self, singles: &[&Single]) -> Plan {
        let mut decisions = IndexMap::new();
        let mut faults = Vec::new();
        for single in singles {
            match (&single.change, single.subject.clone()) {
                (Change::Decision(decision), Subject::Message(key)) => {
                    decisions.insert(DecisionKey::Message(key), decision.clone());
                }
                (Change::Decision(decision), Subject::Timer(key)) => {
                    decisions.insert(DecisionKey::Timer(key), decision.clone());
                }
                (Change::Decision(_), Subject::Node { .. }) => {}
                (Change::Fault(fault), _) => faults.push(Fault::clone(fault)),
            }
        }
        let mut case = self.case.clone();
        if !faults.is_empty() {
            let faults = case.synopsis().faults.iter().cloned().chain(faults).collect();
            // They wait for events, so only a node that does not exist is refused.
            case = case.with_faults(faults).expect("disturbances of this scenario");
        }
        Plan { case, seed: self.seed, rest: Rest::Usual, decisions, mutant: None, fails: None }
    }
}

/// All disturbances of a run whose events and ranges were kept, before the calm.
fn all(run: &Outcome, sessions: &SessionPairs, spans: Spans) -> Vec<Single> {
    let (Some(events), Some(ranges)) = (&run.events, &run.ranges) else { return Vec::new() };
    let mut list = Vec::new();
    let mut effects: BTreeMap<NodeId, u64> = BTreeMap::new();
    let calm = events.iter().find(|event| event.what == EventKind::Calm).map(|event| event.at);
    for event in events.iter() {
        if event.at >= calm.unwrap_or(Time::MAX) {
            break;
        }
        let node = match &event.what {
            EventKind::Send { message, .. } => {
                // A message to oneself cannot be disturbed.
                if message.from != message.to {
                    let range = ranges.get(&DecisionKey::Message(message.clone()));
                    let usual = range.map_or(0, |range| *range.start());
                    let link = Link::new(message.from, message.to);
                    let singles = of_message(message, usual, spans).into_iter();
                    if sessions.has(link) {
                        // A session neither loses nor doubles a single message.
                        list.extend(singles.filter(|it| it.disturbance == Disturbance::Late));
                        list.push(broken_session(message));
                    } else {
                        list.extend(singles);
                    }
                }
                message.from
            }
            EventKind::Arm { timer, .. } => {
                let range = ranges.get(&DecisionKey::Timer(timer.clone()));
                list.extend(range.filter(|range| range.start() < range.end()).map(|range| {
                    Single {
                        disturbance: Disturbance::Timer,
                        subject: Subject::Timer(timer.clone()),
                        change: Change::Decision(Decision::Arm(TimeSpan::from_nanos(*range.end()))),
                    }
                }));
                timer.node
            }
            EventKind::Disarm { node, .. }
            | EventKind::Save { node, .. }
            | EventKind::Emit { node, .. } => *node,
            _ => continue,
        };
        let effect = effects.entry(node).or_default();
        *effect += 1;
        list.push(crash(node, *effect, spans));
    }
    list
}

fn of_message(message: &MessageKey, usual: u64, spans: Spans) -> [Single; 3] {
    let usual = TimeSpan::from_nanos(usual);
    let late = TimeSpan::from_nanos(usual.as_nanos().saturating_add(spans.late.as_nanos()));
    [
        (Disturbance::Lose, Decision::Lose),
        (Disturbance::Late, Decision::Delay(late)),
        (Disturbance::Double, Decision::Duplicate(vec![usual, late])),
    ]
    .map(|(disturbance, decision)| Single {
        disturbance,
        subject: Subject::Message(message.clone()),
        change: Change::Decision(decision),
    })
}

fn broken_session(message: &MessageKey) -> Single {
    let MessageKey { from, to, kind, nth } = message;
    let sending = Sends::of(kind.as_ref()).from(*from).to(*to).nth(u64::from(*nth));
    Single {
        disturbance: Disturbance::Break,
        subject: Subject::Message(message.clone()),
        change: Change::Fault(Box::new(Action::Break(vec![(*from, *to)]).when(sending))),
    }
}

fn crash(node: NodeId, effect: u64, spans: Spans) -> Single {
    let action = Action::Bounce { node: Target::It, down: spans.down, disk: Disk::Intact };
    Single {
        disturbance: Disturbance::Crash,
        subject: Subject::Node { node, effect },
        change: Change::Fault(Box::new(action.when(Trigger::effect(node, effect)))),
    }
}
