//! [`rehearsal_machine::conformance`], for any [`Protocol`] in one line.
//!
//! ```
//! # use rehearsal_sim::{Protocol, Scenario};
//! # fn conforms<P: Protocol>(scenario: &Scenario<P>) {
//! rehearsal_sim::conformance::check(scenario, 0..100).unwrap();
//! # }
//! ```

use std::ops::Range;

use rehearsal_machine::conformance::{self, Met, Nonconformance, Subject};
use rehearsal_machine::{Draw, Effect, NodeId};
use serde::Serialize;

use crate::chance::{Chance, Seed, Stream};
use crate::protocol::{CommandOf, MessageOf, Protocol};
use crate::scenario::Scenario;

/// Checks the machine of a scenario's protocol, as the scenario configures it,
/// from each of these seeds, as [`Conformance`] does by default.
///
/// # Panics
/// If the machine does.
pub fn check<P: Protocol>(
    scenario: &Scenario<P>,
    seeds: Range<u64>,
) -> Result<Met, Nonconformance> {
    Conformance::of(scenario).check(seeds)
}

/// A check of the machine of a scenario's protocol.
pub struct Conformance<'a, P: Protocol> {
    scenario: &'a Scenario<P>,
    steps: u32,
    mangles: bool,
}

impl<'a, P: Protocol> Conformance<'a, P> {
    /// 500 steps from each seed, with mangled messages among the inputs.
    #[must_use]
    pub fn of(scenario: &'a Scenario<P>) -> Self {
        Self { scenario, steps: 500, mangles: true }
    }

    /// So many random steps from each seed.
    #[must_use]
    pub fn steps(self, steps: u32) -> Self {
        Self { steps, ..self }
    }

    /// No mangled messages: for a machine whose wire has a checksum, such as that
    /// of `rehearsal-tcp`, and that trusts its peers.
    #[must_use]
    pub fn without_mangled_messages(self) -> Self {
        Self { mangles: false, ..self }
    }

    /// Checks from each of these seeds. What all of them together have met comes
    /// back; refused if that has no message though there is more than one node.
    ///
    /// # Panics
    /// If the machine does.
    pub fn check(&self, seeds: Range<u64>) -> Result<Met, Nonconformance> {
        let mut met = Met::default();
        for seed in seeds {
            let mut draws = Chance::new(Seed(seed)).stream(Stream::Workload);
            met += conformance::check(self, &mut draws, self.steps)?;
        }
        // A single node has nobody to send anything to, but it meets other inputs.
        let has_acted = met.timers + met.commands + met.saves > 0;
        let is_alone = self.scenario.nodes() == 1;
        if is_alone && has_acted { Ok(met) } else { met.enough() }
    }
}

impl<P: Protocol> Subject for Conformance<'_, P> {
    type Machine = P::Machine;

    fn nodes(&self) -> u32 {
        self.scenario.nodes()
    }

    fn build(&self, node: NodeId) -> P::Machine {
        // The scenario's loader has built every node of it once.
        P::build(self.scenario.config(), node, self.scenario.all_nodes())
            .expect("a loaded scenario's nodes can be built")
    }

    fn command(&self, node: NodeId, draws: &mut dyn Draw) -> Option<CommandOf<P>> {
        P::command(self.scenario.config(), node, self.scenario.all_nodes(), draws)
    }

    fn over_the_wire(&self, message: &MessageOf<P>) -> Result<MessageOf<P>, String> {
        let bytes = postcard::to_stdvec(message).map_err(|error| error.to_string())?;
        match postcard::take_from_bytes(&bytes) {
            Ok((arrived, [])) => {
                // A field that is skipped leaves no trace in the bytes.
                let (before, after) = (format!("{message:?}"), format!("{arrived:?}"));
                if before == after { Ok(arrived) } else { Err(format!("{before} becomes {after}")) }
            }
            Ok((_, rest)) => Err(format!("{} bytes are left over", rest.len())),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Changes, drops or adds a byte until something comes out that is a message again.
    fn mangled(&self, message: &MessageOf<P>, draws: &mut dyn Draw) -> Option<MessageOf<P>> {
        if !self.mangles {
            return None;
        }
        let bytes = postcard::to_stdvec(message).ok()?;
        (0..TRIES).find_map(|_| {
            let mut bytes = bytes.clone();
            let place = draws.draw(0..=(bytes.len() as u64).saturating_sub(1)) as usize;
            let byte = draws.draw(0..=u64::from(u8::MAX)) as u8;
            match draws.draw(0..=3) {
                0 => bytes.insert(place.min(bytes.len()), byte),
                1 if !bytes.is_empty() => drop(bytes.remove(place)),
                _ if !bytes.is_empty() => bytes[place] = byte,
                _ => {}
            }
            postcard::from_bytes(&bytes).ok()
        })
    }

    fn bytes(&self, effect: &Effect<P::Machine>) -> Vec<u8> {
        match effect {
            Effect::Send { to, message } => encoded(&(0, to, message)),
            Effect::Arm { timer, after } => encoded(&(1, timer, after)),
            Effect::Disarm(timer) => encoded(&(2, timer)),
            Effect::Save { cell, value } => encoded(&(3, cell, value)),
            Effect::Emit(output) => encoded(&(4, output)),
        }
    }
}

const TRIES: u32 = 20;

fn encoded(value: &impl Serialize) -> Vec<u8> {
    // As in the digest: only a type that refuses to be serialized at all fails here.
    postcard::to_stdvec(value).expect("effects can be serialized")
}
