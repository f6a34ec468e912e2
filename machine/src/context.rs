use alloc::vec::{Drain, Vec};
use core::ops::RangeInclusive;
use core::time::Duration;

use crate::{Draw, Effect, Embeds, Input, Machine, Nested, NodeId, Time};

/// What a machine sees of the world while it handles one input, and where it
/// puts what shall happen.
pub struct Context<'a, M: Machine> {
    me: NodeId,
    now: Time,
    draws: &'a mut dyn Draw,
    effects: &'a mut Vec<Effect<M>>,
}

impl<'a, M: Machine> Context<'a, M> {
    /// For drivers: the context of one step of node `me` at `now` (on its own
    /// clock), whose effects go to the end of `effects`.
    pub fn new(
        me: NodeId,
        now: Time,
        draws: &'a mut dyn Draw,
        effects: &'a mut Vec<Effect<M>>,
    ) -> Self {
        Self { me, now, draws, effects }
    }

    /// Which node we are.
    #[must_use]
    pub fn me(&self) -> NodeId {
        self.me
    }

    /// What our own clock says. For reporting and measuring; to wait, arm a timer.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// A number from the range, chosen by the driver; its start if the range is empty.
    pub fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.draws.draw(range)
    }

    /// Sends a message, which may be lost, late or doubled on its way.
    pub fn send(&mut self, to: NodeId, message: M::Message) {
        self.effects.push(Effect::Send { to, message });
    }

    /// Sends the same message to each of these peers, in their order.
    pub fn send_all(&mut self, peers: impl IntoIterator<Item = NodeId>, message: &M::Message) {
        for to in peers {
            self.send(to, message.clone());
        }
    }

    /// Arms a deadline within this range of spans from now, replacing the one
    /// of that name.
    pub fn arm(&mut self, timer: M::Timer, after: RangeInclusive<Duration>) {
        self.effects.push(Effect::Arm { timer, after });
    }

    /// Forgets a deadline; nothing happens where none of that name is armed.
    pub fn disarm(&mut self, timer: M::Timer) {
        self.effects.push(Effect::Disarm(timer));
    }

    /// Makes a value durable, replacing what the cell held.
    pub fn save(&mut self, cell: M::Cell, value: M::Saved) {
        self.effects.push(Effect::Save { cell, value: Some(value) });
    }

    /// Empties a durable cell.
    pub fn erase(&mut self, cell: M::Cell) {
        self.effects.push(Effect::Save { cell, value: None });
    }

    /// Tells our owner something.
    pub fn emit(&mut self, output: M::Output) {
        self.effects.push(Effect::Emit(output));
    }

    /// Lets a machine that we hold take an input. Its sends, deadlines and
    /// saves become ours, in order; its outputs come back as values, for us to
    /// act on after all its effects.
    pub fn nest<C>(&mut self, child: &mut Nested<C>, input: Input<C>) -> Vec<C::Output>
    where
        C: Machine,
        M: Embeds<C>,
    {
        let mut outputs = Vec::new();
        for effect in self.run(child, input) {
            outputs.extend(self.adopt(effect));
        }
        outputs
    }

    /// The same, where the machine is all there is to us: its outputs become
    /// ours, too, each in its place among the effects.
    pub fn delegate<C>(&mut self, child: &mut Nested<C>, input: Input<C>)
    where
        C: Machine<Output = M::Output>,
        M: Embeds<C>,
    {
        let all = self.run(child, input).map(|effect| ours(effect).unwrap_or_else(Effect::Emit));
        self.effects.extend(all);
    }

    /// Makes what a machine that we hold asks for ours; gives its output, if
    /// that is what it is.
    pub fn adopt<C>(&mut self, effect: Effect<C>) -> Option<C::Output>
    where
        C: Machine,
        M: Embeds<C>,
    {
        match ours(effect) {
            Ok(effect) => self.effects.push(effect),
            Err(output) => return Some(output),
        }
        None
    }

    /// Lets a machine that we hold take an input, and gives what it asks for,
    /// for us to do as we think right.
    pub fn run<'c, C: Machine>(
        &mut self,
        child: &'c mut Nested<C>,
        input: Input<C>,
    ) -> Drain<'c, Effect<C>> {
        child.handle(input, self.me, self.now, self.draws);
        child.effects()
    }
}

/// A nested machine's effect as its parent's; its output as it is.
fn ours<M: Embeds<C>, C: Machine>(effect: Effect<C>) -> Result<Effect<M>, C::Output> {
    Ok(match effect {
        Effect::Send { to, message } => Effect::Send { to, message: message.into() },
        Effect::Arm { timer, after } => Effect::Arm { timer: timer.into(), after },
        Effect::Disarm(timer) => Effect::Disarm(timer.into()),
        Effect::Save { cell, value } => {
            Effect::Save { cell: cell.into(), value: value.map(Into::into) }
        }
        Effect::Emit(output) => return Err(output),
    })
}
