//! The last words of a story: what held and since when, or what did not and why.

use super::hung;
use crate::check::Expect;
use crate::engine::Report;
use crate::protocol::Protocol;
use crate::scenario::Scenario;

/// What stands before a line that belongs to the one above.
pub(super) const UNDER: &str = "      ";

/// `ok` and what held, or `FAIL`, what did not, and why.
pub(super) fn verdict<P: Protocol>(scenario: &Scenario<P>, report: &Report<P>) -> String {
    let mut text = match &report.failure {
        None => held(scenario, report),
        Some(failure) => {
            let (check, reason) = (&failure.check, &failure.reason);
            let first = format!("{check}: {reason}, at {}ms", failure.at);
            let details = failure.detail.lines().map(|detail| format!("{UNDER}{detail}\n"));
            hung("FAIL  ", UNDER, &first) + &details.collect::<String>()
        }
    };
    if let Some(why) = report.safety_alone {
        text += &hung(UNDER, UNDER, &format!("judged on safety alone: {why}"));
    }
    if let Some(stuck) = &report.stuck {
        text += "stuck\n";
        let deeper = format!("{UNDER}  ");
        text +=
            &stuck.to_string().lines().map(|line| hung(UNDER, &deeper, line)).collect::<String>();
    }
    text
}

/// What held, a line each, with the instant from which or at which it did.
fn held<P: Protocol>(scenario: &Scenario<P>, report: &Report<P>) -> String {
    let mut held = Vec::new();
    for (expect, since) in scenario.expect().iter().zip(&report.since) {
        match (expect, since) {
            (Expect::Sometimes(_), None) => {}
            (Expect::Sometimes(_) | Expect::Reaches(_), Some(at)) => {
                held.push(format!("{expect} at {at}ms"))
            }
            _ if report.safety_alone.is_some() && expect.is_liveness() => {}
            (_, Some(since)) => held.push(format!("{expect} since {since}ms")),
            (_, None) => held.push(expect.to_string()),
        }
    }
    if held.is_empty() {
        held.push("progress without a panic".to_owned());
    }
    let first = std::iter::once("ok    ").chain(std::iter::repeat(UNDER));
    first.zip(&held).map(|(first, held)| hung(first, UNDER, held)).collect()
}
