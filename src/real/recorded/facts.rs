use rehearsal_machine::{NodeId, Time};
use rehearsal_sim::trace::Event;
use rehearsal_sim::{Expect, Observer, Predicate, Protocol, Refutation, Scenario};

use super::clocks::epochs;
use super::leads::{Lead, is_asked};
use super::{Problem, Recorded};

/// How recorded nodes stand to what a scenario expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What was asked. All of it held unless something is `broken`.
    pub asked: Vec<String>,
    /// What was asked and says nothing about these nodes, each with the reason: the cause of a
    /// `LeadsTo` never held, or its effect was not due before the end.
    pub untested: Vec<String>,
    /// What was not asked, each with the reason.
    pub unasked: Vec<String>,
    /// The first that did not hold.
    pub broken: Option<Broken>,
}

impl Verdict {
    /// Was something expected, and nothing of it put to the test?
    #[must_use]
    pub fn is_untested(&self) -> bool {
        self.asked.is_empty() && !(self.unasked.is_empty() && self.untested.is_empty())
    }

    /// Did everything hold that was expected and could be asked, and was something put to the
    /// test, if anything was expected?
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
    /// end of the recordings, whether they have an instant that the scenario
    /// `Reaches`, and whether each cause of a `LeadsTo` led to its effect. Everything else is
    /// asked of many runs or of messages on their way, and is not asked.
    ///
    /// If the scenario has a calm, the time of a `LeadsTo` counts from the calm of the recordings
    /// at the earliest, which begins when a node has started for the last time.
    ///
    /// The machines' panics are not caught.
    pub fn judge(&self, scenario: &Scenario<P>) -> Result<Verdict, Problem> {
        self.judge_after(scenario, None)
    }

    /// The same of nodes that were disturbed until this time, by the clock that they read: the
    /// calm begins then if nothing was started later.
    pub fn judge_after(
        &self,
        scenario: &Scenario<P>,
        disturbed: Option<Time>,
    ) -> Result<Verdict, Problem> {
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
        let calm_at = scenario.calm_at().map_or(Time::ZERO, |_| self.calm_at(disturbed));
        let asked = || scenario.expect().iter().filter(|expect| refusal(expect).is_none());
        let mut leads: Vec<_> =
            asked().filter_map(|expect| Lead::of(expect, scenario, calm_at)).collect();
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
            for lead in &mut leads {
                if broken.is_none() {
                    broken = lead.follow(observer, happened);
                }
            }
            unreached.retain(|(_, what)| {
                !observer.can_be_asked(what) || observer.holds_of(what, |_| true).is_err()
            });
        })?;
        let broken = broken.or_else(|| at_the_end(scenario, &observer)).or_else(|| {
            let (expect, what) = *unreached.first()?;
            Broken::at_the_end(expect, what, &observer, |_| true)
        });
        let (asked, untested, unasked) = (Vec::new(), Vec::new(), Vec::new());
        let mut verdict = Verdict { asked, untested, unasked, broken };
        for expect in scenario.expect() {
            let lead = leads.iter().find(|lead| std::ptr::eq(lead.expect(), expect));
            if let Some(why) = refusal(expect) {
                verdict.unasked.push(format!("{expect}: {why}"));
            } else if let Some(why) = lead.and_then(Lead::untested) {
                verdict.untested.push(format!("{expect}: {why}"));
            } else {
                verdict.asked.push(expect.to_string());
            }
        }
        Ok(verdict)
    }

    /// When the last node started, as the joined trace has it, or when the last disturbance was
    /// over.
    fn calm_at(&self, disturbed: Option<Time>) -> Time {
        let epochs = epochs(&self.lives);
        let starts = self
            .lives()
            .iter()
            .zip(&epochs)
            .filter_map(|(lived, epoch)| Some(epoch.shown(lived.life.steps.first()?.at)));
        // All have the same epoch: they are on one clock.
        let disturbed = disturbed.zip(epochs.first()).map(|(at, epoch)| epoch.shown(at));
        starts.chain(disturbed).max().unwrap_or_default()
    }
}

/// Why recordings do not have what it is about, if they do not.
fn refusal<T>(expect: &Expect<T>) -> Option<&'static str> {
    let is_of_messages = match expect {
        Expect::LeadsTo { from, .. } => from.asks_about_messages(),
        _ => false,
    };
    if matches!(expect, Expect::Sometimes(_)) {
        Some("it is asked of many runs, and this is one")
    } else if is_of_messages || expect.what().asks_about_messages() {
        Some("recordings do not show which messages were on their way")
    } else {
        None
    }
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
        let is_asked = |node| is_asked(scenario, expect, node);
        match refusal(expect) {
            Some(_) => None,
            None => Broken::at_the_end(expect, what, observer, is_asked),
        }
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
