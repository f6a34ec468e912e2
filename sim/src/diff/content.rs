use std::borrow::Cow;

use rehearsal_machine::Time;

use crate::trace::{EventKind, Json};

/// Did the same happen, at these instants? A value that only one of them has kept says nothing.
pub(super) fn is_same(one: &EventKind, other: &EventKind) -> bool {
    one == other || {
        let (has_one, has_other) = (value_of(one), value_of(other));
        has_one.is_some() != has_other.is_some() && without_value(one) == without_value(other)
    }
}

/// Did the same happen, perhaps with other times?
pub(super) fn is_same_but_for_times(one: &EventKind, other: &EventKind) -> bool {
    is_same(one, other) || is_same(&without_times(one), &without_times(other))
}

fn value_of(what: &EventKind) -> Option<&Json> {
    match what {
        EventKind::Command { value, .. }
        | EventKind::Send { value, .. }
        | EventKind::Save { value, .. }
        | EventKind::Emit { value, .. } => value.as_ref(),
        _ => None,
    }
}

fn without_value(what: &EventKind) -> EventKind {
    let mut what = what.clone();
    match &mut what {
        EventKind::Command { value, .. }
        | EventKind::Send { value, .. }
        | EventKind::Save { value, .. }
        | EventKind::Emit { value, .. } => *value = None,
        _ => {}
    }
    what
}

fn without_times(what: &EventKind) -> Cow<'_, EventKind> {
    let mut what = Cow::Borrowed(what);
    match &*what {
        EventKind::Send { .. }
        | EventKind::Leave { .. }
        | EventKind::Arm { .. }
        | EventKind::Move { .. }
        | EventKind::Clock { .. } => match what.to_mut() {
            EventKind::Send { arrives, .. } | EventKind::Leave { arrives, .. } => {
                arrives.fill(Time::ZERO);
            }
            EventKind::Arm { deadline, .. } | EventKind::Move { deadline, .. } => {
                *deadline = Time::ZERO;
            }
            EventKind::Clock { shows, .. } => *shows = Time::ZERO,
            _ => {}
        },
        _ => {}
    }
    what
}
