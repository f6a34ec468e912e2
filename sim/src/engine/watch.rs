use std::time::Duration;

use rehearsal_machine::Time;

use super::combined::Combined;
use super::lead::Lead;
use super::tracked::Tracked;
use crate::check::{Expect, Untested};
use crate::predicate::Predicate;

/// One line of `expect`, and how the run stands with it.
pub(super) struct Watch<'a, T> {
    pub(super) expect: &'a Expect<T>,
    pub(super) state: State<'a, T>,
    /// Is it asked only once all nodes have started that start with the run?
    pub(super) waits_for_all: bool,
    /// Has the run put it to the test?
    pub(super) test: Test,
}

impl<'a, T> Watch<'a, T> {
    pub(super) fn new(expect: &'a Expect<T>, calm_at: Option<Time>) -> Self {
        let state = State::new(expect, calm_at);
        let waits_for_all = expect.waits_for_all();
        Self { expect, state, waits_for_all, test: Test::None }
    }

    /// Why it says nothing about the run so far, if so.
    pub(super) fn untested(&self) -> Option<Untested> {
        match self.expect {
            _ if self.test == Test::Done => None,
            Expect::LeadsTo { .. } if self.test == Test::Begun => Some(Untested::NotDue),
            Expect::LeadsTo { .. } => Some(Untested::NoCause),
            Expect::Eventually { .. } | Expect::AtEnd(_) => Some(Untested::NobodyUp),
            Expect::Always(_) | Expect::Reaches(_) | Expect::Sometimes(_) => None,
        }
    }
}

/// How far an expectation was put to the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Test {
    None,
    /// The cause of a `LeadsTo` has held.
    Begun,
    Done,
}

impl Test {
    /// This has come of it, too.
    pub(super) fn add(&mut self, test: Self) {
        *self = (*self).max(test);
    }

    /// It is done if this is so.
    pub(super) fn done_if(&mut self, is_done: bool) {
        if is_done {
            *self = Self::Done;
        }
    }
}

pub(super) enum State<'a, T> {
    Always(&'a T),
    AlwaysAll(Vec<&'a T>),
    Eventually {
        what: &'a T,
        deadline: Time,
        is_over: bool,
        tracked: Tracked,
    },
    LeadsTo {
        cause: (&'a T, Tracked),
        effect: (&'a T, Tracked),
        lead: Lead,
    },
    /// `Reaches` or `Sometimes`: `seen` is when it first held.
    Once {
        what: &'a T,
        tracked: Tracked,
        seen: Option<Time>,
    },
    /// Of a combination, which has an arm of its own so that properties pay nothing for it.
    Combined(Box<Combined<'a, T>>),
    AtEnd,
}

impl<'a, T> State<'a, T> {
    fn new(expect: &'a Expect<T>, calm_at: Option<Time>) -> Self {
        use Predicate::Property;
        match expect {
            Expect::Always(Property(what)) => Self::Always(what),
            Expect::Eventually { what: Property(what), within, .. } => Self::Eventually {
                what,
                // The loader asks for `calm_at` wherever something counts from the calm.
                deadline: calm_at.unwrap_or_default() + *within,
                is_over: false,
                tracked: Tracked::new(),
            },
            Expect::LeadsTo { from: Property(from), to: Property(to), within, .. } => {
                Self::LeadsTo {
                    cause: (from, Tracked::new()),
                    effect: (to, Tracked::new()),
                    lead: Lead::new(within.as_duration()),
                }
            }
            Expect::Reaches(Property(what)) | Expect::Sometimes(Property(what)) => {
                Self::Once { what, tracked: Tracked::new(), seen: None }
            }
            Expect::Always(what) if let Some(properties) = what.as_properties() => {
                Self::AlwaysAll(properties)
            }
            combined => Combined::new(combined, calm_at)
                .map_or(Self::AtEnd, |combined| Self::Combined(Box::new(combined))),
        }
    }

    /// The deadline that is not over, if there is one.
    pub(super) fn due(&self) -> Option<Time> {
        match self {
            Self::Eventually { deadline, is_over: false, .. } => Some(*deadline),
            Self::LeadsTo { lead, .. } => lead.due(),
            Self::Combined(combined) => combined.due(),
            Self::Eventually { .. }
            | Self::Always(_)
            | Self::AlwaysAll(_)
            | Self::Once { .. }
            | Self::AtEnd => None,
        }
    }

    /// The deadline is over.
    pub(super) fn pass(&mut self) {
        match self {
            Self::Eventually { is_over, .. } => *is_over = true,
            Self::LeadsTo { lead, .. } => lead.pass(),
            Self::Combined(combined) => combined.pass(),
            // These have no deadlines.
            Self::Always(_) | Self::AlwaysAll(_) | Self::Once { .. } | Self::AtEnd => {}
        }
    }

    /// When it came to hold, as far as that is told of it.
    pub(super) fn since(&self) -> Option<Time> {
        match self {
            Self::Eventually { tracked, .. } => tracked.holds().then(|| tracked.since()),
            Self::Once { seen, .. } => *seen,
            Self::Combined(combined) => combined.since(),
            Self::Always(_) | Self::AlwaysAll(_) | Self::LeadsTo { .. } | Self::AtEnd => None,
        }
    }

    /// How long it took: from the calm until an `Eventually` held, or the longest time from a
    /// cause to its effect.
    pub(super) fn took(&self, calm_at: Time) -> Option<Duration> {
        match self {
            Self::Eventually { .. } => Some(self.since()?.since(calm_at)),
            Self::LeadsTo { lead, .. } => lead.longest(),
            Self::Combined(combined) => combined.took(calm_at),
            Self::Always(_) | Self::AlwaysAll(_) | Self::Once { .. } | Self::AtEnd => None,
        }
    }
}
