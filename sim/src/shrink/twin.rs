use std::num::NonZeroUsize;

use super::draft::{Draft, Part};
use super::trial::Trial;
use crate::parallel;
use crate::plan::Plan;

/// The failing plan with one change, under which nothing fails: the change is
/// what sets the failure off.
#[derive(Debug)]
#[non_exhaustive]
pub struct Twin {
    /// The plan whose run holds.
    pub plan: Plan,
    /// What the failing plan has, and this one has not.
    pub without: String,
    /// What there is instead.
    pub instead: &'static str,
}

/// The twin that lacks the latest part for which there is one, decisions first.
pub(super) fn of(trial: &Trial<'_>, draft: &Draft, jobs: NonZeroUsize) -> Option<Twin> {
    let parts = draft.parts(trial.nodes());
    let attempt = |place: usize| {
        let twin = draft.without([&parts[place]]);
        trial.holds(&twin).then_some(twin)
    };
    let (place, twin) = parallel::first(parts.len(), jobs, &attempt)?;
    let (without, instead) = told(trial, draft, &parts[place]);
    Some(Twin { plan: trial.plan(&twin, false), without, instead })
}

fn told(trial: &Trial<'_>, draft: &Draft, part: &Part) -> (String, &'static str) {
    match part {
        Part::Decision(key) => {
            let place = draft.decisions.get_index_of(key);
            let named = draft.named_decisions();
            let text = place.and_then(|place| named.get_index(place)).map(|(key, decision)| {
                let decision = ron::to_string(decision).unwrap_or_default();
                format!("\"{key}\": {decision}")
            });
            (text.unwrap_or_default(), "what is usual")
        }
        Part::Fault(place) => {
            let fault = draft.faults.iter().find(|(of, _)| of == place);
            (format!("fault: {}", fault.map(|(_, it)| it.words()).unwrap_or_default()), "no fault")
        }
        Part::Command(place) => (format!("command: {}", trial.command(*place)), "no command"),
        Part::Node(node) => (format!("{node} starts"), "it never starts"),
    }
}
