use rehearsal_machine::{Machine, Time};
use rehearsal_sim::trace::Event;
use rehearsal_sim::{Expect, Protocol, Scenario, Violation, World};

use super::{Problem, Recorded};

/// How recorded nodes stand to what a scenario expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What held.
    pub held: Vec<String>,
    /// What was not asked, as it counts from something that no recording has.
    pub unasked: Vec<String>,
    /// The first that did not hold.
    pub broken: Option<Broken>,
}

/// Something that was expected and was not so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What was expected.
    pub expected: String,
    /// Why it did not hold, without nodes, times or counts.
    pub reason: &'static str,
    /// The same with them.
    pub detail: String,
    /// When, as the joined trace has it.
    pub at: Time,
    /// After which event; nothing if it was asked at the end.
    pub after: Option<Event>,
}

impl<P: Protocol> Recorded<P> {
    /// Asks what a scenario expects of the recorded nodes as if they had been
    /// simulated: what holds `Always` after every step of the node that took it
    /// and after every crash, and what holds `Eventually` of all nodes at the
    /// end of the recordings. Everything else counts from a calm, or is asked
    /// of many runs, and is not asked.
    ///
    /// The machines' panics are not caught.
    pub fn judge(&self, scenario: &Scenario<P>) -> Result<Verdict, Problem> {
        let (recorded, scenario_has) = (self.nodes(), scenario.nodes());
        if recorded != scenario_has {
            return Err(Problem::Nodes { recorded, scenario: scenario_has });
        }
        if !self.is_on_one_clock() {
            return Err(Problem::ClocksApart);
        }
        let missing = self.missing();
        if !missing.is_empty() {
            return Err(Problem::Missing(missing));
        }
        let always = scenario.expect().iter().filter_map(|expect| match expect {
            Expect::Always(fact) => Some((expect, fact)),
            _ => None,
        });
        let always: Vec<_> = always.collect();
        let mut broken: Option<Broken> = None;
        let world = self.walk(|world, changed, happened| {
            for (expect, fact) in &always {
                if broken.is_none()
                    && let Err(violation) = P::holds(fact, world, changed)
                {
                    let after = happened.first().cloned();
                    broken = Some(Broken::of(*expect, violation, world, after));
                }
            }
        })?;
        let broken = broken.or_else(|| at_the_end(scenario, &world));
        let mut verdict = Verdict { held: Vec::new(), unasked: Vec::new(), broken };
        for expect in scenario.expect() {
            let is_asked = matches!(expect, Expect::Always(_) | Expect::Eventually { .. });
            let list = if is_asked { &mut verdict.held } else { &mut verdict.unasked };
            list.push(expect.to_string());
        }
        Ok(verdict)
    }
}

/// What was to be so in the end, and is not.
fn at_the_end<P: Protocol>(scenario: &Scenario<P>, world: &World<P::Machine>) -> Option<Broken> {
    scenario.expect().iter().find_map(|expect| {
        let Expect::Eventually { what, .. } = expect else { return None };
        let mut core = world.nodes().filter(|node| scenario.is_core(*node));
        let violation = core.find_map(|node| P::holds(what, world, node).err())?;
        Some(Broken::of(expect, violation, world, None))
    })
}

impl Broken {
    fn of<M: Machine>(
        expected: &impl ToString,
        violation: Violation,
        world: &World<M>,
        after: Option<Event>,
    ) -> Self {
        let Violation { reason, detail } = violation;
        Self { expected: expected.to_string(), reason, detail, at: world.now(), after }
    }
}
