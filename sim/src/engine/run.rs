use rehearsal_machine::{Effect, Time};

use super::Options;
use super::chooser::Chooser;
use super::fault_state::FaultState;
use super::lives::Lives;
use super::pending::{Pending, Strike};
use super::transit::Transit;
use super::triggers::{Triggers, Wait};
use super::watchers::Watchers;
use crate::fault::{Action, Fault, When};
use crate::plan::Decision;
use crate::protocol::Protocol;
use crate::queue::{Key, Queue};
use crate::scenario::{CommandAt, Event, Scenario};
use crate::world::World;

/// One run of a scenario.
///
/// Its methods are of five kinds, each in files of their own:
///
/// - the loop: `play` takes what is due next from the queue, and `fast_path`
///   does the same where nothing can disturb a message;
/// - a step: `step` gives a machine its input and carries its effects out one
///   by one, `send` decides the fate of a message;
/// - faults: `strike` finds what strikes and its target, `act` and `nodes` do it;
/// - the end: `report`, and `stuck` after a failure of liveness;
/// - the beginning, here.
///
/// One turn of the loop:
///
/// 1. The queue gives what is due next. Deadlines of expectations that lie
///    before it are judged first.
/// 2. What is no event after all goes: a wakeup whose deadline was put off, a
///    fault without a target. What comes for a paused node waits.
/// 3. Time moves on, and the event is counted.
/// 4. The machine handles its input; its effects are in a buffer.
/// 5. Faults on the input strike.
/// 6. Each effect takes place, and the faults on it strike right after. If one
///    takes the node down, the rest of the effects never happens.
/// 7. The judge looks at the nodes that have changed.
pub(super) struct Run<'a, P: Protocol> {
    pub(super) scenario: &'a Scenario<P>,
    /// The commands of the workload, which follow those of the file.
    pub(super) workload: Vec<CommandAt<P>>,
    pub(super) world: World<P::Machine>,
    pub(super) queue: Queue<Pending<P::Machine>>,
    pub(super) transit: Transit<'a, P::Machine>,
    pub(super) lives: Lives<P::Machine>,
    pub(super) faults: FaultState<'a>,
    /// The commands that wait for events.
    pub(super) commands: Triggers<'a>,
    pub(super) chooser: Chooser,
    pub(super) watch: Watchers<'a, P>,
    pub(super) fast_path: FastPath,
    /// The effects of the step at hand that have not taken place yet.
    pub(super) effects: Vec<Effect<P::Machine>>,
    /// Events that were made within this instant, for this instant.
    pub(super) made_for_now: u64,
    /// A run with more events makes no progress.
    pub(super) most_events: u64,
}

/// Which part of a run can take the fast path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FastPath {
    /// None: there is a trace, or something could happen to a message.
    Closed,
    /// All messages and deadlines; nothing is kept of them.
    Unrecorded,
    /// All messages and deadlines; they go into the digest, or what they cover is
    /// collected, or both.
    Recorded,
}

impl<'a, P: Protocol> Run<'a, P> {
    pub(super) fn new(scenario: &'a Scenario<P>, options: Options) -> Self {
        let nodes = scenario.nodes() as usize;
        let mut run = Self {
            scenario,
            workload: Vec::new(),
            world: World::new(scenario.nodes()),
            queue: Queue::new(),
            transit: Transit::new(scenario.network(), nodes, scenario.calm()),
            lives: Lives::new(scenario.faults()),
            faults: FaultState::new(scenario.faults()),
            commands: Triggers::new(scenario.commands().iter().enumerate().filter_map(of_command)),
            chooser: Chooser::new(nodes),
            watch: Watchers::new(scenario),
            fast_path: FastPath::Closed,
            effects: Vec::new(),
            made_for_now: 0,
            most_events: 0,
        };
        run.begin(options);
        run
    }

    /// Begins a run, the first or another one, in the memory that is there. The
    /// parts are taken apart, so that a new one cannot be forgotten here.
    pub(super) fn begin(&mut self, options: Options) {
        let Options { seed, keep, keep_events, waits, decisions, coverage, .. } = options;
        let Options { most_events, states_from, pulse, mutant: _, .. } = options;
        let Self {
            scenario,
            workload,
            world,
            queue,
            transit,
            lives,
            faults,
            commands,
            chooser,
            watch,
            fast_path,
            effects,
            made_for_now,
            most_events: most,
        } = self;
        if world.nodes.len() == scenario.nodes() as usize {
            world.clear();
        } else {
            *world = World::new(scenario.nodes());
        }
        queue.clear();
        transit.begin(scenario.calm());
        lives.clear();
        faults.clear();
        commands.reset();
        chooser.begin(seed, decisions, &faults.names);
        watch.begin(scenario, (keep, keep_events, waits), (coverage, states_from), pulse);
        *workload = scenario.workload(&chooser.chance);
        *fast_path = FastPath::Closed;
        effects.clear();
        *made_for_now = 0;
        *most = scenario.max_events().min(most_events.unwrap_or(u64::MAX));
        self.fast_path = self.fast_path();
        self.fill_queue();
    }

    /// Takes back the world of a run that is over.
    pub(super) fn recycle(&mut self, world: World<P::Machine>) {
        self.world = world;
    }

    fn fill_queue(&mut self) {
        for node in self.scenario.initial() {
            let first = Pending::Start { node: *node, crashes: 0 };
            self.queue.push(Key::start(Time::ZERO, *node), first);
        }
        if let Some(at) = self.scenario.calm_at() {
            self.queue.push(Key::calm(at), Pending::Calm);
        }
        for (place, fault) in self.scenario.faults().iter().enumerate() {
            match &fault.when {
                When::At(at) => {
                    self.plan_strike(place, Strike::Once, Time::ZERO + *at);
                }
                When::Within(..) => self.plan_drawn(place),
                When::Every(_) => self.plan_strikes(place),
                When::On(_) | When::Each(_) => self.plan_close(place, fault),
            }
        }
        let commands = self.scenario.commands().iter().chain(&self.workload);
        for (place, command) in (0..).zip(commands) {
            let decision = self.chooser.choices.command(command.to);
            if decision.is_some() {
                // What a plan says of it replaces its event.
                self.commands.forget(place as usize);
            }
            let at = match decision {
                Some(Decision::Drop) => None,
                Some(Decision::At(at)) => Some(at),
                _ => command.moment.instant(),
            };
            if let Some(at) = at {
                let key = Key::command(Time::ZERO + at, command.to, place as usize);
                self.queue.push(key, Pending::Command { place });
            }
        }
    }

    /// What a fault withholds sets off when its window closes.
    fn plan_close(&mut self, place: usize, fault: &Fault) {
        if let (Action::Withhold, Some(until)) = (&fault.action, fault.window.until) {
            // A file does not have more lines than that.
            let pending = Pending::Close { place: place as u32 };
            self.queue.push(Key::fault(Time::ZERO + until, place, 0), pending);
        }
    }
}

/// What a command waits for, if it waits for an event. The calm is no matter to it.
fn of_command<P: Protocol>((place, command): (usize, &CommandAt<P>)) -> Option<Wait<'_>> {
    let Event { trigger, window } = command.moment.event()?;
    Some(Wait {
        place,
        trigger,
        window,
        is_repeated: false,
        is_lasting: true,
        is_kept_off_by_sessions: false,
    })
}
