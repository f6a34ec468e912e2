//! What a detector asks of its spans and of the network.

use rehearsal_protocol::nanos;
use rehearsal_sim::Reason;
use rehearsal_sim::network::Network;
use rehearsal_sim::source::TimeSpan;

use super::form::Form;
use crate::shipped::election::slowest;

/// Refuses spans of no time, and, unless `is_unsafe` allows them, ones that an
/// undisturbed network can outlast: then some deadlock might never be found.
pub(super) fn check(form: &Form, is_unsafe: bool, network: &Network) -> Result<(), Reason> {
    let (spans, window) = form.spans();
    if let Some(&(name, _)) = spans.iter().find(|(_, span)| *span == TimeSpan::ZERO) {
        return Err(Reason::new("what takes no time never ends")
            .at(form.path().field(name))
            .help("give a span longer than nothing"));
    }
    if is_unsafe {
        return Ok(());
    }
    let answered = slowest(network).saturating_mul(2);
    if window.as_duration() < answered {
        let needed = TimeSpan::from_nanos(nanos(answered));
        return Err(Reason::new(format!(
            "a report can take {needed}, two message delays, and is waited for {window}"
        ))
        .at(form.path().field("window"))
        .help("wait longer, or say `unsafe_timing: true` to show what comes of it"));
    }
    let rounds = if matches!(form, Form::TwoPhase { .. }) { 2 } else { 1 };
    let lasts = window.as_duration().saturating_mul(rounds);
    let period = spans.iter().find(|(name, _)| *name == "period").map(|(_, span)| *span);
    if let Some(period) = period.filter(|period| period.as_duration() < lasts) {
        let needed = TimeSpan::from_nanos(nanos(lasts));
        return Err(Reason::new(format!(
            "a collect can take {needed}, and the next one begins after {period}"
        ))
        .at(form.path().field("period"))
        .help("give a longer period, or say `unsafe_timing: true` to show what comes of it"));
    }
    Ok(())
}
