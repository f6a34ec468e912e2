use std::collections::BTreeMap;

use rehearsal_machine::{Effect, Input, Node, NodeId, Time, nanos};
use rehearsal_sim::network::Lost;
use rehearsal_sim::trace::{Event, EventKind, Json, Linker, TimerKeys, Trace, name_of, saved_text};
use rehearsal_sim::{Lane, Look as _, MessageOf, Observer, Protocol};
use rehearsal_tcp::recording::{Difference, Outcome, message_kind, replay_step};

use super::lives::Place;
use super::mail::{self, Name};
use super::order::Order;
use super::{Problem, Recorded};

impl<P: Protocol> Recorded<P> {
    /// All that happened to the nodes as one trace, in an order in which
    /// nothing comes before what led to it, and which does not depend on the
    /// order of the files.
    ///
    /// On one clock the times are those of the clock, counted from the earliest
    /// start; otherwise each node's are its own, counted from its first start.
    /// A life that another one follows, or whose last step is torn, ends with a
    /// crash right after its last step; how the last life of a node ended is
    /// not recorded otherwise.
    ///
    /// The machines' panics are not caught.
    pub fn join(&self) -> Result<Trace, Problem> {
        let mut trace = Trace::keeping(u64::MAX);
        self.walk(|_, _, happened| happened.iter().for_each(|event| trace.push(event)))?;
        Ok(trace)
    }

    /// Replays all nodes side by side. What is called sees the world after each
    /// step and crash, the node that it changed, and what happened. Gives the
    /// world at the end.
    pub(super) fn walk(
        &self,
        mut see: impl FnMut(&Observer<P>, NodeId, &[Event]),
    ) -> Result<Observer<P>, Problem> {
        let order = Order::of(&self.lives, message_kind::<P::Machine>)?;
        let mut replayer = Replayer::<P> {
            observer: Observer::new(self.nodes()),
            lanes: vec![None; self.nodes() as usize],
            timers: TimerKeys::default(),
            sessions: BTreeMap::new(),
            linker: Linker::default(),
            events: Vec::new(),
        };
        let mut effects = Vec::new();
        for place in &order.steps {
            let (node, _) = self.lives()[place.life].name();
            replayer.begin_turn();
            replayer.take(self, &order, *place, &mut effects)?;
            see(&replayer.observer, node, &replayer.events);
            if self.ends_with(*place) {
                replayer.begin_turn();
                let at = order.shown(place.life, self.lives.step(*place).at);
                replayer.observer.crashed(at, node);
                replayer.add(at, EventKind::Crash { node });
                replayer.note_lane(at, node);
                see(&replayer.observer, node, &replayer.events);
            }
        }
        Ok(replayer.observer)
    }

    /// Is this the last that a life did before it was killed?
    fn ends_with(&self, place: Place) -> bool {
        let lived = &self.lives()[place.life];
        let node = lived.life.header.node;
        let follows = self.lives().get(place.life + 1);
        place.step + 1 == lived.life.steps.len()
            && (lived.torn.is_some()
                || self.killed.contains(&node)
                || follows.is_some_and(|next| next.life.header.node == node))
    }
}

/// The nodes at one point of the walk, and what has just happened.
struct Replayer<P: Protocol> {
    observer: Observer<P>,
    lanes: Vec<Option<Lane>>,
    timers: TimerKeys,
    /// How many sessions each node has been told of that began, by its peer.
    sessions: BTreeMap<(NodeId, NodeId), u32>,
    linker: Linker,
    events: Vec<Event>,
}

impl<P: Protocol> Replayer<P> {
    fn begin_turn(&mut self) {
        self.events.clear();
        self.linker.begin_turn();
    }

    fn add(&mut self, at: Time, what: EventKind) {
        self.events.push(self.linker.link(at, what));
    }

    fn take(
        &mut self,
        recorded: &Recorded<P>,
        order: &Order,
        place: Place,
        effects: &mut Vec<Effect<P::Machine>>,
    ) -> Result<(), Problem> {
        let lived = &recorded.lives()[place.life];
        let (node, incarnation) = lived.name();
        let step = recorded.lives.step(place);
        let at = order.shown(place.life, step.at);
        let input = step.input.input::<P::Machine>();
        let cause = match &input {
            Some(Input::Start(storage)) => {
                let starting = Node::new(node, incarnation, recorded.machine(place.life));
                self.observer.started(at, step.at, starting, storage.clone());
                self.timers.start(node, incarnation);
                Some(EventKind::Start { node, incarnation })
            }
            Some(Input::Command(command)) => Some(EventKind::Command {
                node,
                text: P::Look::command_text(command),
                value: Some(Json::of(command)),
                is_heard: true,
            }),
            Some(Input::Message { message, .. }) => {
                let name = mail::name(&recorded.lives, place);
                name.and_then(|name| arrival::<P>(order, name, place, message))
            }
            Some(Input::Timer(timer)) => {
                Some(EventKind::Timer { timer: self.timers.armed(node, name_of(timer)) })
            }
            Some(Input::Link { peer, up }) => {
                let session = self.sessions.entry((node, *peer)).or_default();
                *session += u32::from(*up);
                Some(EventKind::Link { node, peer: *peer, session: *session, up: *up })
            }
            // The step itself tells that.
            None => None,
        };
        if let Some(cause) = cause {
            self.add(at, cause);
        }
        if let Some(input) = &input {
            self.observer.input(at, node, input);
        }
        let Some(machine) = self.observer.node(node) else {
            unreachable!("a life begins with its start, and no step follows its crash")
        };
        replay_step(machine, step, effects).map_err(|what| Problem::Differs {
            node,
            incarnation,
            difference: Box::new(Difference {
                step: place.step + 1,
                at: step.at,
                input: step.input.describe::<P::Machine>(),
                what,
            }),
        })?;
        for (effect, done) in effects.drain(..).zip(&step.effects) {
            let what = match (&effect, done.outcome) {
                (Effect::Send { to, message }, Outcome::Sent { count, lost }) => {
                    let name = Name { from: node, to: *to, incarnation, count };
                    let Some(key) = order.key(name) else { continue };
                    EventKind::Send {
                        message: key,
                        text: P::Look::message_text(message),
                        value: Some(Json::of(message)),
                        lost: lost.map(lost_as),
                        arrives: order.arrivals(&recorded.lives, name),
                    }
                }
                (Effect::Arm { timer, after }, outcome) => {
                    let span = match outcome {
                        Outcome::Armed { after } => after,
                        _ => nanos(*after.start()),
                    };
                    let deadline = at + std::time::Duration::from_nanos(span);
                    EventKind::Arm { timer: self.timers.arm(node, name_of(timer)), deadline }
                }
                (Effect::Disarm(timer), _) => EventKind::Disarm { node, timer: name_of(timer) },
                (Effect::Save { cell, value }, _) => EventKind::Save {
                    node,
                    cell: P::Look::cell_text(cell),
                    text: saved_text::<P>(cell, value.as_ref()),
                    value: value.as_ref().map(Json::of),
                    erased: value.is_none(),
                },
                (Effect::Emit(output), _) => EventKind::Emit {
                    node,
                    text: P::Look::output_text(output),
                    value: Some(Json::of(output)),
                },
                // Unreachable: a replayed send is recorded as one, and its message has a kind.
                (Effect::Send { .. }, _) => continue,
            };
            self.add(at, what);
            self.observer.effect(node, effect);
        }
        self.observer.step_end(node);
        self.note_lane(at, node);
        Ok(())
    }

    fn note_lane(&mut self, at: Time, node: NodeId) {
        let lane = self.observer.world().machine(node).map_or(Lane::DOWN, P::Look::lane);
        let before = &mut self.lanes[node.index()];
        if before.replace(lane) != Some(lane) {
            self.add(at, EventKind::Role { node, lane });
        }
    }
}

fn arrival<P: Protocol>(
    order: &Order,
    name: Name,
    place: Place,
    message: &MessageOf<P>,
) -> Option<EventKind> {
    Some(EventKind::Deliver {
        message: order.key(name)?,
        // One link delivers nothing twice; that many would be damage.
        copy: u8::try_from(order.copy(name, place)).unwrap_or(u8::MAX),
        text: P::Look::message_text(message),
    })
}

fn lost_as(lost: rehearsal_tcp::Lost) -> Lost {
    match lost {
        rehearsal_tcp::Lost::Full => Lost::Full,
        rehearsal_tcp::Lost::TooLarge => Lost::TooLarge,
        _ => Lost::Down,
    }
}
