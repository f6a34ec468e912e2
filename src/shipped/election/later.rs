//! The forms with rules of their own, as a scenario has them: 1982 and hardened.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rehearsal_protocol::NodeId;
use rehearsal_protocol::election::{Election, garcia_molina, hardened};
use rehearsal_sim::Reason;
use rehearsal_sim::source::{Path, TimeSpan};

use super::setting::Form;
use super::timing::Shown;

/// Refuses what cannot be, and, unless `is_unsafe` allows them, waits that
/// messages of an undisturbed network can outlast. `path` is where the fields
/// stand.
pub(super) fn check(
    form: &Form,
    nodes: u32,
    path: &Path,
    is_unsafe: bool,
    slowest: Duration,
) -> Result<(), Reason> {
    let refused = |field: &str, message: String, help: String| {
        Err(Reason::new(message).at(path.field(field)).help(help))
    };
    for (field, span) in spans(form) {
        if span.is_zero() {
            let message = "a span of no time is over before anything can happen".to_owned();
            return refused(field, message, "give one longer than nothing".to_owned());
        }
    }
    if let Form::Hardened { resource: Some(resource), .. } = form {
        let help = format!("name one of the nodes 1 to {nodes}, and leave another one to lead");
        if resource.number() > nodes {
            return refused("resource", format!("there is no {resource}"), help);
        }
        if nodes == 1 {
            return refused("resource", "nobody is left to take part".to_owned(), help);
        }
    }
    if let Form::Hardened { majority: false, check_quorum: true, .. } = form {
        let message = "who has stepped down for want of a majority would lead again without one";
        let help = "say `majority: true`, too".to_owned();
        return refused("check_quorum", message.to_owned(), help);
    }
    if is_unsafe {
        return Ok(());
    }
    let allow = "or say `unsafe_timing: true` to show what comes of it";
    if let Form::GarciaMolina { answer_wait, .. } | Form::Hardened { answer_wait, .. } = form {
        // An answer that comes at the very end of the wait shall not be late.
        let (given, round_trip) = (answer_wait.as_duration(), slowest.saturating_mul(2));
        if given <= round_trip {
            let (given, most) = (Shown(given), Shown(round_trip));
            let message =
                format!("an answer can take {most}, two message delays, and is waited for {given}");
            return refused("answer_wait", message, format!("wait longer than {most}, {allow}"));
        }
    }
    for Wait { field, least, why } in waits(form, slowest) {
        let given =
            spans(form).find(|(name, _)| *name == field).map_or(Duration::MAX, |span| span.1);
        if given < least {
            let (given, least) = (Shown(given), Shown(least));
            let message = format!("{why}: {least} at least, not {given}");
            return refused(field, message, format!("wait {least} at least, {allow}"));
        }
    }
    Ok(())
}

pub(super) fn machine(form: &Form, nodes: u32, me: NodeId) -> Election {
    let all = (0..nodes as usize).map(NodeId::from_index);
    match *form {
        Form::GarciaMolina { answer_wait, check, timeout } => {
            let rules = garcia_molina::Rules {
                answer_wait: answer_wait.as_duration(),
                check: check.as_duration(),
                timeout: timeout.as_duration(),
            };
            garcia_molina::GarciaMolina::new(rules, me, all.collect()).into()
        }
        Form::Hardened {
            answer_wait,
            coordinator_wait,
            heartbeat,
            leader_wait,
            majority,
            check_quorum,
            settle,
            resource,
        } => {
            let rules = hardened::Rules {
                answer_wait: answer_wait.as_duration(),
                coordinator_wait: coordinator_wait.as_duration(),
                heartbeat: heartbeat.as_duration(),
                leader_wait: leader_wait.as_duration(),
                majority,
                check_quorum,
                settle: settle.as_duration(),
                resource,
            };
            let members: Arc<[_]> = all.filter(|node| Some(*node) != resource).collect();
            hardened::Hardened::new(rules, me, members).into()
        }
        Form::Textbook { .. } | Form::Paper { .. } => unreachable!("these are the bully's"),
    }
}

/// For the head of a trace.
pub(super) fn describe(form: &Form, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(if matches!(form, Form::Hardened { .. }) { "hardened" } else { "1982" })?;
    for (field, span) in spans(form) {
        write!(f, ", {} {}", field.replace('_', " "), Shown(span))?;
    }
    let Form::Hardened { majority, check_quorum, settle, resource, .. } = form else {
        return Ok(());
    };
    if *majority {
        f.write_str(", majority")?;
    }
    if *check_quorum {
        f.write_str(", check-quorum")?;
    }
    if *settle != TimeSpan::ZERO {
        write!(f, ", settle {settle}")?;
    }
    resource.map_or(Ok(()), |resource| write!(f, ", writes to {resource}"))
}

/// The spans that every node needs, by the names of their fields.
fn spans(form: &Form) -> impl Iterator<Item = (&'static str, Duration)> {
    let spans = match *form {
        Form::GarciaMolina { answer_wait, check, timeout } => {
            vec![("answer_wait", answer_wait), ("check", check), ("timeout", timeout)]
        }
        Form::Hardened { answer_wait, coordinator_wait, heartbeat, leader_wait, .. } => vec![
            ("answer_wait", answer_wait),
            ("coordinator_wait", coordinator_wait),
            ("heartbeat", heartbeat),
            ("leader_wait", leader_wait),
        ],
        Form::Textbook { .. } | Form::Paper { .. } => Vec::new(),
    };
    spans.into_iter().map(|(field, span)| (field, span.as_duration()))
}

/// A wait, and how long it must be at least.
struct Wait {
    field: &'static str,
    least: Duration,
    why: &'static str,
}

fn waits(form: &Form, slowest: Duration) -> Vec<Wait> {
    let mut waits = Vec::new();
    if let Form::Hardened { answer_wait, heartbeat, check_quorum, .. } = *form {
        waits.push(Wait {
            field: "coordinator_wait",
            least: answer_wait.as_duration().saturating_add(slowest.saturating_mul(2)),
            why: "whoever answered waits for answers itself, and two message delays pass",
        });
        if check_quorum {
            waits.push(Wait {
                field: "leader_wait",
                least: heartbeat.as_duration().saturating_add(slowest.saturating_mul(2)),
                why: "whether a majority hears a leader is known a heartbeat and two message \
                      delays later",
            });
        }
        waits.push(Wait {
            field: "leader_wait",
            least: heartbeat.as_duration().saturating_add(slowest),
            why: "a leader is heard a heartbeat and a message delay after the last time",
        });
    }
    waits
}
