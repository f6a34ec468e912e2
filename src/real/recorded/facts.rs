use rehearsal_machine::{NodeId, Time};
use rehearsal_sim::trace::Event;
use rehearsal_sim::{Expect, Observer, Protocol, Scenario, Violation};

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
    /// and after every crash, what holds `Eventually` of all nodes at the end of
    /// the recordings, and whether they have an instant that the scenario
    /// `Reaches`. Everything else counts from a calm, or is asked of many runs,
    /// and is not asked.
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
        let mut unreached: Vec<_> = scenario.expect().iter().filter_map(reached).collect();
        let mut broken: Option<Broken> = None;
        let observer = self.walk(|observer, changed, happened| {
            if broken.is_none() {
                broken = scenario.expect().iter().find_map(|expect| {
                    let Expect::Always(what) = expect else { return None };
                    let violation = observer.holds_after(what, changed).err()?;
                    Some(Broken::of(expect, &violation, observer, happened.first().cloned()))
                });
            }
            let nodes = || observer.world().nodes();
            unreached.retain(|(_, what)| observer.holds_of(what, nodes()).is_err());
        })?;
        let nodes = || observer.world().nodes();
        let broken = broken.or_else(|| at_the_end(scenario, &observer)).or_else(|| {
            let (expect, what) = *unreached.first()?;
            Broken::at_the_end(expect, what, &observer, nodes())
        });
        let mut verdict = Verdict { held: Vec::new(), unasked: Vec::new(), broken };
        for expect in scenario.expect() {
            let is_asked = !matches!(expect, Expect::LeadsTo { .. } | Expect::Sometimes(_));
            let list = if is_asked { &mut verdict.held } else { &mut verdict.unasked };
            list.push(expect.to_string());
        }
        Ok(verdict)
    }
}

fn reached<T>(expect: &Expect<T>) -> Option<(&Expect<T>, &T)> {
    match expect {
        Expect::Reaches(what) => Some((expect, what)),
        _ => None,
    }
}

/// What was to be so in the end, and is not.
fn at_the_end<P: Protocol>(scenario: &Scenario<P>, observer: &Observer<P>) -> Option<Broken> {
    scenario.expect().iter().find_map(|expect| {
        let Expect::Eventually { what, .. } = expect else { return None };
        let core = observer.world().nodes().filter(|node| scenario.is_core(*node));
        Broken::at_the_end(expect, what, observer, core)
    })
}

impl Broken {
    fn at_the_end<P: Protocol>(
        expect: &Expect<P::Property>,
        what: &P::Property,
        observer: &Observer<P>,
        nodes: impl Iterator<Item = NodeId>,
    ) -> Option<Self> {
        let violation = observer.holds_of(what, nodes).err()?;
        Some(Self::of(expect, &violation, observer, None))
    }

    fn of<P: Protocol>(
        expected: &Expect<P::Property>,
        violation: &Violation,
        observer: &Observer<P>,
        after: Option<Event>,
    ) -> Self {
        Self {
            expected: expected.to_string(),
            reason: violation.reason(),
            detail: violation.detail().to_owned(),
            at: observer.world().now(),
            after,
        }
    }
}
