use rehearsal_machine::{Effect, Input, Message as _, Node, NodeId, Time, nanos};
use rehearsal_sim::network::Lost;
use rehearsal_sim::trace::{Envelope, Event, EventKind, name_of};
use rehearsal_sim::{Lane, Look as _, MessageOf, Observer, Protocol};
use rehearsal_tcp::recording::{Difference, Outcome, replay_step};

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
    pub fn join(&self) -> Result<Vec<Event>, Problem> {
        let mut events = Vec::new();
        self.walk(|_, _, happened| events.extend_from_slice(happened))?;
        Ok(events)
    }

    /// Replays all nodes side by side. What is called sees the world after each
    /// step and crash, the node that it changed, and what happened. Gives the
    /// world at the end.
    pub(super) fn walk(
        &self,
        mut see: impl FnMut(&Observer<P>, NodeId, &[Event]),
    ) -> Result<Observer<P>, Problem> {
        let order = Order::of(&self.lives)?;
        let mut replayer = Replayer::<P> {
            observer: Observer::new(self.nodes()),
            lanes: vec![None; self.nodes() as usize],
            events: Vec::new(),
        };
        let mut effects = Vec::new();
        for place in &order.steps {
            let (node, _) = self.lives()[place.life].name();
            replayer.events.clear();
            replayer.take(self, &order, *place, &mut effects)?;
            see(&replayer.observer, node, &replayer.events);
            if self.ends_with(*place) {
                replayer.events.clear();
                let at = order.shown(place.life, self.lives.step(*place).at);
                replayer.observer.crashed(at, node);
                replayer.events.push(Event { at, what: EventKind::Crash { node } });
                replayer.note_lane(at, node);
                see(&replayer.observer, node, &replayer.events);
            }
        }
        Ok(replayer.observer)
    }

    /// Is this the last that a life did before it was killed?
    fn ends_with(&self, place: Place) -> bool {
        let lived = &self.lives()[place.life];
        let follows = self.lives().get(place.life + 1);
        place.step + 1 == lived.life.steps.len()
            && (lived.torn.is_some()
                || follows.is_some_and(|next| next.life.header.node == lived.life.header.node))
    }
}

/// The nodes at one point of the walk, and what has just happened.
struct Replayer<P: Protocol> {
    observer: Observer<P>,
    lanes: Vec<Option<Lane>>,
    events: Vec<Event>,
}

impl<P: Protocol> Replayer<P> {
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
                Some(EventKind::Start { node, incarnation })
            }
            Some(Input::Command(command)) => Some(EventKind::Command {
                node,
                text: P::Look::command_text(command),
                is_heard: true,
            }),
            Some(Input::Message { message, .. }) => {
                let letter = mail::name(&recorded.lives, place)
                    .map(|name| letter::<P>(order, name, place, message));
                letter.map(|message| EventKind::Deliver { node, message })
            }
            Some(Input::Timer(timer)) => Some(EventKind::Timer { node, timer: name_of(timer) }),
            // The step itself tells that.
            None => None,
        };
        self.events.extend(cause.map(|what| Event { at, what }));
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
                    let (kind, text) = (message.kind().to_owned(), P::Look::message_text(message));
                    let lost = lost.map(lost_as);
                    let arrives = order.arrivals(&recorded.lives, name);
                    let count = order.count(name);
                    EventKind::Send { node, to: *to, count, kind, text, lost, arrives }
                }
                (Effect::Arm { timer, after }, outcome) => {
                    let span = match outcome {
                        Outcome::Armed { after } => after,
                        _ => nanos(*after.start()),
                    };
                    let deadline = at + std::time::Duration::from_nanos(span);
                    EventKind::Arm { node, timer: name_of(timer), deadline }
                }
                (Effect::Disarm(timer), _) => EventKind::Disarm { node, timer: name_of(timer) },
                (Effect::Save { cell, value }, _) => {
                    EventKind::Save { node, cell: format!("{cell:?}"), erased: value.is_none() }
                }
                (Effect::Emit(output), _) => {
                    EventKind::Emit { node, text: P::Look::output_text(output) }
                }
                // Unreachable: a replayed send is recorded as one.
                (Effect::Send { .. }, _) => continue,
            };
            self.events.push(Event { at, what });
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
            self.events.push(Event { at, what: EventKind::Role { node, lane } });
        }
    }
}

fn letter<P: Protocol>(
    order: &Order,
    name: Name,
    place: Place,
    message: &MessageOf<P>,
) -> Envelope {
    Envelope {
        from: name.from,
        count: order.count(name),
        // One link delivers nothing twice; that many would be damage.
        copy: u8::try_from(order.copy(name, place)).unwrap_or(u8::MAX),
        kind: message.kind().to_owned(),
        text: P::Look::message_text(message),
    }
}

fn lost_as(lost: rehearsal_tcp::Lost) -> Lost {
    match lost {
        rehearsal_tcp::Lost::Full => Lost::Full,
        rehearsal_tcp::Lost::TooLarge => Lost::TooLarge,
        _ => Lost::Down,
    }
}
