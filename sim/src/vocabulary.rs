use std::collections::BTreeSet;

use crate::fault::{Action, Fault, Target, Trigger, When, fits};
use crate::protocol::Lane;
use crate::source::{Path, Reason, closest};
use crate::trace::{Event, EventKind};

/// The names that a scenario can use of a protocol: a fault that waits for a message of
/// a kind that does not exist would wait in vain.
///
/// What is not listed of some sort is not checked of that sort. [`Look::vocabulary`]
/// gives it; [`missing`](Self::missing) tells what a run has and the list lacks.
///
/// [`Look::vocabulary`]: crate::Look::vocabulary
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// The kinds of messages, in lists: a protocol that is made of others has theirs.
    pub kinds: &'static [&'static [&'static str]],
    /// The letters of the roles; that of a node that is down need not be listed.
    pub roles: &'static [char],
    /// The timers, as a trace shows them, without what stands in parentheses.
    pub timers: &'static [&'static [&'static str]],
}

impl Vocabulary {
    /// What these events have that the list lacks: `kind heartbeat`, `role 'L'`.
    #[must_use]
    pub fn missing<'e>(&self, events: impl IntoIterator<Item = &'e Event>) -> BTreeSet<String> {
        let mut missing = BTreeSet::new();
        for event in events {
            let unknown = match &event.what {
                EventKind::Send { message, .. } => unknown("kind", &message.kind, self.kinds),
                EventKind::Arm { timer, .. } => unknown("timer", head(&timer.timer), self.timers),
                EventKind::Role { lane, .. } => {
                    (!self.has_role(lane.role)).then(|| format!("role '{}'", lane.role))
                }
                _ => None,
            };
            missing.extend(unknown);
        }
        missing
    }

    fn has_role(&self, role: char) -> bool {
        self.roles.is_empty() || role == Lane::DOWN.role || self.roles.contains(&role)
    }

    /// The names in a fault are known, and nodes hear of sessions if it waits for that.
    pub(crate) fn check_fault(
        &self,
        fault: &Fault,
        hears_of_sessions: bool,
        line: &Path,
        action: &Path,
    ) -> Result<(), Reason> {
        let field = if matches!(fault.when, When::Each(_)) { "each" } else { "when" };
        if let Some(trigger) = fault.when.trigger() {
            self.check_trigger(trigger, hears_of_sessions, &line.field(field))?;
        }
        for (field, place, trigger) in fault.window.triggers() {
            let path = line.field(field);
            let path = place.map_or_else(|| path.clone(), |place| path.index(place));
            self.check_trigger(trigger, hears_of_sessions, &path)?;
        }
        if let Some((fields, Target::Role(role))) = fault.action.target() {
            let path = fields.iter().fold(action.clone(), |path, field| path.field(*field));
            self.check_role(role, path)?;
        }
        match &fault.action {
            Action::Fire { timer, .. } | Action::PutOff { timer, .. } => {
                let path = action.field(fault.action.name()).field("timer");
                check("timer", timer, self.timers, path)
            }
            _ => Ok(()),
        }
    }

    /// The same of a trigger.
    pub(crate) fn check_trigger(
        &self,
        trigger: &Trigger,
        hears_of_sessions: bool,
        path: &Path,
    ) -> Result<(), Reason> {
        let path = path.field(trigger.name());
        if matches!(trigger, Trigger::Hears { .. }) && !hears_of_sessions {
            return Err(Reason::new("no node hears of a session").at(path).help(
                "it takes a machine that sets `HEARS_LINKS`, and `network: (.., sessions: ())`",
            ));
        }
        let role = match trigger {
            Trigger::Sends { role, kind, .. } | Trigger::Receives { role, kind, .. } => {
                if let Some(kind) = kind {
                    check("kind of messages", kind, self.kinds, path.field("kind"))?;
                }
                *role
            }
            Trigger::Fires { role, timer, .. } => {
                if let Some(timer) = timer {
                    check("timer", timer, self.timers, path.field("timer"))?;
                }
                *role
            }
            Trigger::Saves { role, .. }
            | Trigger::Emits { role, .. }
            | Trigger::Hears { role, .. } => *role,
            Trigger::Becomes { role, .. } => Some(*role),
            Trigger::Effect { .. } => None,
        };
        role.map_or(Ok(()), |role| self.check_role(role, path.field("role")))
    }

    fn check_role(&self, role: char, path: Path) -> Result<(), Reason> {
        if self.has_role(role) {
            return Ok(());
        }
        let roles: Vec<_> = self.roles.iter().map(|role| format!("'{role}'")).collect();
        Err(Reason::new(format!("no node of this protocol has the role '{role}'"))
            .at(path)
            .help(format!("the roles are {}, and 'x' of a node that is down", roles.join(", "))))
    }
}

fn unknown(sort: &str, name: &str, known: &[&[&str]]) -> Option<String> {
    let is_known = known.is_empty() || known.concat().contains(&name);
    (!is_known).then(|| format!("{sort} {name}"))
}

/// The name of a timer without what stands in parentheses.
fn head(name: &str) -> &str {
    name.split('(').next().unwrap_or_default()
}

fn check(sort: &str, name: &str, known: &[&[&str]], path: Path) -> Result<(), Reason> {
    let mut known = known.concat();
    known.sort_unstable();
    known.dedup();
    // What stands in parentheses after a timer's name is not listed.
    let wanted = head(name);
    if known.is_empty() || known.iter().any(|known| fits(wanted, known)) {
        return Ok(());
    }
    let help = match closest(wanted, &known) {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    Err(Reason::new(format!("this protocol has no {sort} `{name}`")).at(path).help(help))
}
