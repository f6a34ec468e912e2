use alloc::vec::Vec;
use core::ops::RangeInclusive;
use core::time::Duration;

use crate::{Draw, Effect, Embeds, Input, Machine, Nested, NodeId, Time};

/// No step has more effects; a machine that asks for more would do so without end.
const MOST_EFFECTS: usize = 1 << 20;

/// What a machine sees of the world while it handles one input, and where it
/// puts its effects.
pub struct Context<'a, M: Machine> {
    me: NodeId,
    now: Time,
    draws: &'a mut dyn Draw,
    effects: &'a mut Vec<Effect<M>>,
}

impl<'a, M: Machine> Context<'a, M> {
    /// For drivers: the context of one step of node `me` at `now`, on the node's
    /// own clock. Effects go to the end of `effects`.
    pub fn new(
        me: NodeId,
        now: Time,
        draws: &'a mut dyn Draw,
        effects: &'a mut Vec<Effect<M>>,
    ) -> Self {
        Self { me, now, draws, effects }
    }

    /// The node on which the machine runs.
    #[must_use]
    pub fn me(&self) -> NodeId {
        self.me
    }

    /// The time on the node's own clock. It is for reports and measurements; to
    /// wait, arm a timer.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// A number from the range, chosen by the driver, or the start of the range if
    /// it is empty.
    pub fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.draws.draw(range)
    }

    /// Says that the machine has come to this place in its code, so that a set of
    /// runs can tell whether any of them has: `cx.mark("restarted within an election")`.
    /// The name is a few words, the same each time: without nodes, times or counts.
    ///
    /// A mark is no effect. It goes to the driver at once, by way of its [`Draw`],
    /// and changes nothing: no trace, digest or recording has it, no fault counts
    /// it, and it stays when the step panics or a crash undoes its effects, and when
    /// a parent [filters](Self::delegate_filtered) its child's effects. Where nobody
    /// looks, it costs one call of an empty function.
    pub fn mark(&mut self, name: &'static str) {
        self.draws.mark(name);
    }

    /// Sends a message. It may be lost, delayed or duplicated on its way.
    #[track_caller]
    pub fn send(&mut self, to: NodeId, message: M::Message) {
        self.push(Effect::Send { to, message });
    }

    /// Sends the same message to each of these nodes, in their order.
    #[track_caller]
    pub fn send_all(&mut self, peers: impl IntoIterator<Item = NodeId>, message: &M::Message) {
        for to in peers {
            self.send(to, message.clone());
        }
    }

    /// Arms a deadline after a span from this range, counted from now. It
    /// replaces an armed deadline of the same name.
    #[track_caller]
    pub fn arm(&mut self, timer: M::Timer, after: RangeInclusive<Duration>) {
        self.push(Effect::Arm { timer, after });
    }

    /// Forgets a deadline. Nothing happens if none of this name is armed.
    #[track_caller]
    pub fn disarm(&mut self, timer: M::Timer) {
        self.push(Effect::Disarm(timer));
    }

    /// Writes a durable cell, and replaces its value.
    #[track_caller]
    pub fn save(&mut self, cell: M::Cell, value: M::Saved) {
        self.push(Effect::Save { cell, value: Some(value) });
    }

    /// Empties a durable cell.
    #[track_caller]
    pub fn erase(&mut self, cell: M::Cell) {
        self.push(Effect::Save { cell, value: None });
    }

    /// Tells the owner something.
    #[track_caller]
    pub fn emit(&mut self, output: M::Output) {
        self.push(Effect::Emit(output));
    }

    /// # Panics
    /// If a step has more effects than any that ends: the machine loops. The place
    /// of the panic is the machine's line, here and in all that call it.
    #[inline]
    #[track_caller]
    fn push(&mut self, effect: Effect<M>) {
        assert!(self.effects.len() < MOST_EFFECTS, "a step has more than {MOST_EFFECTS} effects");
        self.effects.push(effect);
    }

    /// Gives an input to a child machine, and acts on its outputs.
    ///
    /// The child's sends, deadlines and saves become the parent's, in their
    /// order. When the child emits an output, `on_output` is called right there,
    /// between the effects before it and the effects after it, so that what the
    /// parent does about the output stands in the output's place. The parent is
    /// free meanwhile: `on_output` may change it, and may give the same child
    /// another input.
    ///
    /// `child` finds the child in the parent. If it finds none, because an
    /// optional part is absent, nothing happens. A steady state allocates
    /// nothing: the child keeps the buffer of its effects.
    #[track_caller]
    pub fn nest<C>(
        &mut self,
        parent: &mut M,
        child: impl Fn(&mut M) -> Option<&mut Nested<C>>,
        input: Input<C>,
        mut on_output: impl FnMut(&mut M, C::Output, &mut Self),
    ) where
        C: Machine,
        M: Embeds<C>,
    {
        let Some(nested) = child(parent) else { return };
        let mut effects = nested.step(input, self.me, self.now, self.draws);
        for effect in effects.drain(..) {
            match embed(effect) {
                Ok(effect) => self.push(effect),
                Err(output) => on_output(parent, output, self),
            }
        }
        if let Some(nested) = child(parent) {
            nested.keep(effects);
        }
    }

    /// Gives an input to a child machine that is all there is to the parent: its
    /// outputs become the parent's, too, each in its place among the effects.
    pub fn delegate<C>(&mut self, child: &mut Nested<C>, input: Input<C>)
    where
        C: Machine,
        M: Embeds<C, Output: From<C::Output>>,
    {
        self.delegate_filtered(child, input, Some);
    }

    /// As [`delegate`](Self::delegate), for a parent that changes what its child
    /// does: every effect passes through `filter`, which may replace or drop it.
    pub fn delegate_filtered<C>(
        &mut self,
        child: &mut Nested<C>,
        input: Input<C>,
        filter: impl FnMut(Effect<C>) -> Option<Effect<C>>,
    ) where
        C: Machine,
        M: Embeds<C, Output: From<C::Output>>,
    {
        let mut effects = child.step(input, self.me, self.now, self.draws);
        let passed = effects.drain(..).filter_map(filter);
        self.effects.extend(
            passed.map(|effect| embed(effect).unwrap_or_else(|output| Effect::Emit(output.into()))),
        );
        child.keep(effects);
    }
}

/// A child's effect as its parent's; an output as it is.
fn embed<M: Embeds<C>, C: Machine>(effect: Effect<C>) -> Result<Effect<M>, C::Output> {
    Ok(match effect {
        Effect::Send { to, message } => Effect::Send { to, message: M::message(message) },
        Effect::Arm { timer, after } => Effect::Arm { timer: M::timer(timer), after },
        Effect::Disarm(timer) => Effect::Disarm(M::timer(timer)),
        Effect::Save { cell, value } => {
            Effect::Save { cell: M::cell(cell), value: value.map(M::saved) }
        }
        Effect::Emit(output) => return Err(output),
    })
}
