use rehearsal_machine::{NodeId, Time};
use rehearsal_sim::trace::Event;
use rehearsal_sim::{Expect, Observer, Predicate, Protocol, Refutation, Scenario};

use super::{Problem, Recorded};

/// How recorded nodes stand to what a scenario expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What was asked. All of it held unless something is `broken`.
    pub asked: Vec<String>,
    /// What was not asked, as it counts from something that no recording has.
    pub unasked: Vec<String>,
    /// The first that did not hold.
    pub broken: Option<Broken>,
}

impl Verdict {
    /// Was something expected, and nothing of it could be asked?
    #[must_use]
    pub fn is_untested(&self) -> bool {
        self.asked.is_empty() && !self.unasked.is_empty()
    }

    /// Did everything hold that was expected and could be asked, and was that something, if
    /// anything was expected?
    #[must_use]
    pub fn held(&self) -> bool {
        self.broken.is_none() && !self.is_untested()
    }
}

/// Something that was expected and was not so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What was expected.
    pub expected: String,
    /// Why it did not hold, without nodes, times or counts.
    pub reason: String,
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
    /// and after every crash, what holds `Eventually` or `AtEnd` of all nodes at the
    /// end of the recordings, and whether they have an instant that the scenario
    /// `Reaches`. Everything else counts from a calm, is asked of many runs or
    /// of messages on their way, and is not asked.
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
        let asked = || scenario.expect().iter().filter(|expect| is_asked(expect));
        let mut unreached: Vec<_> = asked().filter_map(reached).collect();
        let mut broken: Option<Broken> = None;
        let observer = self.walk(|observer, changed, happened| {
            if broken.is_none() {
                broken = asked().find_map(|expect| {
                    let Expect::Always(what) = expect else { return None };
                    if !observer.can_be_asked(what) {
                        return None;
                    }
                    let refutation = observer.holds_after(what, changed).err()?;
                    Some(Broken::of(expect, refutation, observer, happened.first().cloned()))
                });
            }
            unreached.retain(|(_, what)| {
                !observer.can_be_asked(what) || observer.holds_of(what, |_| true).is_err()
            });
        })?;
        let broken = broken.or_else(|| at_the_end(scenario, &observer)).or_else(|| {
            let (expect, what) = *unreached.first()?;
            Broken::at_the_end(expect, what, &observer, |_| true)
        });
        let mut verdict = Verdict { asked: Vec::new(), unasked: Vec::new(), broken };
        for expect in scenario.expect() {
            let list = if is_asked(expect) { &mut verdict.asked } else { &mut verdict.unasked };
            list.push(expect.to_string());
        }
        Ok(verdict)
    }
}

/// Do recordings have what it is about?
fn is_asked<T>(expect: &Expect<T>) -> bool {
    !matches!(expect, Expect::LeadsTo { .. } | Expect::Sometimes(_))
        && !expect.what().asks_about_messages()
}

fn reached<T>(expect: &Expect<T>) -> Option<(&Expect<T>, &Predicate<T>)> {
    match expect {
        Expect::Reaches(what) => Some((expect, what)),
        _ => None,
    }
}

/// What was to be so in the end, and is not.
fn at_the_end<P: Protocol>(scenario: &Scenario<P>, observer: &Observer<P>) -> Option<Broken> {
    scenario.expect().iter().find_map(|expect| {
        let (Expect::Eventually { what, .. } | Expect::AtEnd(what)) = expect else { return None };
        let is_core = |node| scenario.is_core(node);
        is_asked(expect).then(|| Broken::at_the_end(expect, what, observer, is_core)).flatten()
    })
}

impl Broken {
    fn at_the_end<P: Protocol>(
        expect: &Expect<P::Property>,
        what: &Predicate<P::Property>,
        observer: &Observer<P>,
        is_asked: impl Fn(NodeId) -> bool,
    ) -> Option<Self> {
        let refutation = observer.holds_of(what, is_asked).err()?;
        Some(Self::of(expect, refutation, observer, None))
    }

    fn of<P: Protocol>(
        expected: &Expect<P::Property>,
        Refutation { reason, detail, .. }: Refutation,
        observer: &Observer<P>,
        after: Option<Event>,
    ) -> Self {
        Self { expected: expected.to_string(), reason, detail, at: observer.world().now(), after }
    }
}
