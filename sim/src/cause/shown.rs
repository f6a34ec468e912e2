//! The event of a run that shows what was decided.

use rehearsal_machine::Time;

use super::findings::Change;
use super::stage::Stage;
use crate::fault::{Action, Fault, FaultName, Target};
use crate::plan::{Choice, Decision, DecisionKey};
use crate::trace::EventKind;

impl Stage<'_> {
    /// When it was decided, and the event that shows it.
    pub(super) fn shown(&self, change: &Change) -> (Time, Option<u64>) {
        let Some(choices) = self.choices_of(change) else { return (Time::ZERO, None) };
        let choice = &self.choices[*choices.start()];
        let event = match &choice.key {
            DecisionKey::Fault { fault, .. } => {
                self.fault(fault).and_then(|fault| self.event_of_strike(fault, choice))
            }
            // A draw shows in nothing but what the machine makes of it.
            DecisionKey::Draw { .. } => Some(choice.events).filter(|event| *event > 0),
            _ => Some(choice.events + 1),
        };
        (choice.at, event)
    }

    /// The plan's own fault of this name.
    pub(super) fn fault(&self, name: &FaultName) -> Option<&Fault> {
        let place = self.names.iter().position(|it| it == name)?;
        self.own_faults().get(place)
    }

    /// The event that this strike of the fault brought about, if it brought about any: what else
    /// is due at the same instant may come before.
    fn event_of_strike(&self, fault: &Fault, strike: &Choice) -> Option<u64> {
        let (node, is_within_step) = match self.decisions.get(&strike.key) {
            Some(Decision::Strike { node, effects, .. }) => (*node, effects.is_some()),
            _ => (None, false),
        };
        let mut later = self
            .events()?
            .iter()
            .skip_while(|event| event.number <= strike.events)
            // A crash within a step waits for one.
            .take_while(|event| is_within_step || event.at == strike.at)
            .filter(|event| node.is_none_or(|node| event.what.node() == Some(node)));
        later.find(|event| shows(&fault.action, &event.what)).map(|event| event.number)
    }
}

/// Is this what the action does?
fn shows(action: &Action, what: &EventKind) -> bool {
    let is_of_kind = match action {
        Action::Crash(_) | Action::Bounce { .. } => matches!(what, EventKind::Crash { .. }),
        Action::Wipe(_) => matches!(what, EventKind::Crash { .. } | EventKind::Disk { .. }),
        Action::Restart(_) | Action::Amnesia(_) | Action::Upgrade(_) | Action::Start(_) => {
            matches!(what, EventKind::Start { .. })
        }
        Action::LyingDisk(_) => matches!(what, EventKind::Disk { .. }),
        Action::Pause { .. } => matches!(what, EventKind::Pause { .. }),
        Action::Resume(_) => matches!(what, EventKind::Resume { .. }),
        Action::Fire { .. } | Action::PutOff { .. } => matches!(what, EventKind::Move { .. }),
        Action::Skew { .. } | Action::Step { .. } | Action::Drift { .. } => {
            matches!(what, EventKind::Clock { .. })
        }
        Action::Partition(_) | Action::Split(_) | Action::Flap { .. } => {
            matches!(what, EventKind::Partition { .. })
        }
        Action::OneWay { .. } | Action::Cut(_) | Action::CutAny(_) => {
            matches!(what, EventKind::Cut { .. })
        }
        Action::Break(_) | Action::BreakAny(_) => matches!(what, EventKind::Disconnect { .. }),
        Action::Heal => matches!(what, EventKind::Heal),
        Action::Hold { .. } => matches!(what, EventKind::Hold { .. }),
        Action::Release { .. } => matches!(what, EventKind::Release { .. }),
        Action::Lose
        | Action::Delay(_)
        | Action::Duplicate(_)
        | Action::Corrupt
        | Action::Withhold => matches!(what, EventKind::Send { .. }),
    };
    is_of_kind
        && match action.target() {
            Some((_, Target::Node(node))) => what.node() == Some(node),
            _ => true,
        }
}
