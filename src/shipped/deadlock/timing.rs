//! What a detector asks of its spans, of requests and of the network.

use std::time::Duration;

use rehearsal_machine::nanos;
use rehearsal_protocol::deadlock::hierarchy::Tree;
use rehearsal_protocol::resource::Model;
use rehearsal_sim::Reason;
use rehearsal_sim::network::Network;
use rehearsal_sim::source::TimeSpan;

use super::form::Form;
use crate::shipped::network::unfit;

/// Where it is to work.
pub(super) struct World<'a> {
    pub(super) nodes: u32,
    pub(super) network: &'a Network,
    /// The longest from saying something to its being heard.
    pub(super) way: Duration,
}

/// Refuses spans of no time and requests that a detector is not made for; and,
/// unless `is_unsafe` allows them, spans that an undisturbed network can outlast,
/// and networks on which it does not hold.
pub(super) fn check(
    form: &Form,
    model: Model,
    tree: Option<&Tree>,
    is_unsafe: bool,
    world: &World<'_>,
) -> Result<(), Reason> {
    if let Some((name, _)) = form.spans().into_iter().find(|(_, span)| *span == TimeSpan::ZERO) {
        return Err(Reason::new("what takes no time never ends")
            .at(form.path().field(name))
            .help("give a span longer than nothing"));
    }
    check_model(form, model)?;
    if is_unsafe {
        return Ok(());
    }
    let World { nodes, network, way } = *world;
    match form {
        Form::Paper { period, window, .. } | Form::Confirmed { period, window, .. } => {
            check_rounds(form, *window, *period, way, 1)
        }
        Form::TwoPhase { period, window, .. } => check_rounds(form, *window, *period, way, 2),
        Form::Hierarchy { period, window, .. } => {
            let levels = tree.map_or(1, |tree| tree.height(tree.root()));
            check_rounds(form, *window, *period, way, levels)
        }
        Form::Snapshot { period, .. } => {
            if let Some((what, remedy)) = unfit(network) {
                let message =
                    format!("markers must not be lost or overtake, and the network {what}");
                let help = format!("{remedy}, or {UNSAFE}");
                return Err(Reason::new(message).at(form.path()).help(help));
            }
            check_period(form, *period, way.saturating_mul(3), "a snapshot")
        }
        // Over a path through all, and back; a new round ends the one before.
        Form::Diffusing { period, .. } => {
            check_period(form, *period, way.saturating_mul(2).saturating_mul(nodes), "a round")
        }
        Form::Chasing { .. } | Form::Labels { .. } => Ok(()),
    }
}

const UNSAFE: &str = "say `unsafe_timing: true` to show what comes of it";

/// The distributed ones are each made for one sort of request.
fn check_model(form: &Form, model: Model) -> Result<(), Reason> {
    let (fits, needed) = match form {
        Form::Chasing { .. } => (matches!(model, Model::Single | Model::And), "And"),
        Form::Diffusing { .. } => (matches!(model, Model::Single | Model::Or), "Or"),
        Form::Labels { .. } => (model == Model::Single, "Single"),
        _ => (true, ""),
    };
    if fits {
        return Ok(());
    }
    Err(Reason::new("this detector is not made for all requests that may be made")
        .at(form.path())
        .help(format!("say `model: {needed}`, or take `Confirmed`, which is made for any")))
}

fn check_rounds(
    form: &Form,
    window: TimeSpan,
    period: TimeSpan,
    way: Duration,
    rounds: u32,
) -> Result<(), Reason> {
    let answered = way.saturating_mul(2);
    if window.as_duration() < answered {
        return Err(Reason::new(format!(
            "a report can take {}, two message delays, and is waited for {window}",
            shown(answered)
        ))
        .at(form.path().field("window"))
        .help(format!("wait longer, or {UNSAFE}")));
    }
    let lasts = window.as_duration().saturating_mul(rounds);
    if period.as_duration() > lasts {
        return Ok(());
    }
    // Nor must it be as long: the next one would begin before this one ends.
    Err(too_short(form, period, lasts, "a collect"))
}

fn check_period(form: &Form, period: TimeSpan, lasts: Duration, what: &str) -> Result<(), Reason> {
    if period.as_duration() >= lasts { Ok(()) } else { Err(too_short(form, period, lasts, what)) }
}

fn too_short(form: &Form, period: TimeSpan, lasts: Duration, what: &str) -> Reason {
    let lasts = shown(lasts);
    Reason::new(format!("{what} can take {lasts}, and the next one begins after {period}"))
        .at(form.path().field("period"))
        .help(format!("give a longer period, or {UNSAFE}"))
}

fn shown(span: Duration) -> TimeSpan {
    TimeSpan::from_nanos(nanos(span))
}
