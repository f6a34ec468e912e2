//! The last words of a story: what held and since when, or what did not and why.

use rehearsal_machine::printable;

use super::hung;
use crate::engine::Outcome;
use crate::scenario::Synopsis;

/// What stands before a line that belongs to the one above.
pub(super) const UNDER: &str = "      ";

/// Of details, and of nodes and messages that are stuck, so many are told where a story is to be
/// short.
const MOST_IN_SHORT: usize = 6;

/// `ok` and what held, or `FAIL`, what did not, and why.
pub(super) fn verdict(synopsis: &Synopsis, outcome: &Outcome, is_short: bool) -> String {
    let mut text = match &outcome.failure {
        None => held(synopsis, outcome),
        Some(failure) => {
            let (check, reason) = (&failure.check, &failure.reason);
            let first = format!("{check}: {reason}, at {}ms", failure.at);
            // Where there is no more to say, the detail repeats the reason.
            let detail = Some(failure.detail.as_str()).filter(|detail| detail != reason);
            let detail = detail.unwrap_or_default();
            let all = detail.lines().count();
            let most = if is_short { MOST_IN_SHORT } else { all };
            let details = detail.lines().take(most);
            let details = details.map(|detail| format!("{UNDER}{}\n", printable(detail)));
            let more = if all > most {
                format!("{UNDER}and {} more lines\n", all - most)
            } else {
                String::new()
            };
            hung("FAIL  ", UNDER, &first) + &details.collect::<String>() + &more
        }
    };
    if let Some(why) = outcome.safety_alone {
        text += &hung(UNDER, UNDER, &format!("judged on safety alone: {why}"));
    }
    if let Some(stuck) = &outcome.stuck {
        text += "stuck\n";
        let deeper = format!("{UNDER}  ");
        let told = if is_short { stuck.lines(MOST_IN_SHORT) } else { stuck.to_string() };
        text += &told.lines().map(|line| hung(UNDER, &deeper, line)).collect::<String>();
    }
    text
}

/// What held, a line each, with the instant from which or at which it did.
fn held(synopsis: &Synopsis, outcome: &Outcome) -> String {
    let first = std::iter::once("ok    ").chain(std::iter::repeat(UNDER));
    first.zip(what_held(synopsis, outcome)).map(|(first, held)| hung(first, UNDER, &held)).collect()
}

/// The same without a margin.
pub(crate) fn what_held(synopsis: &Synopsis, outcome: &Outcome) -> Vec<String> {
    let mut held = Vec::new();
    let untested: Vec<_> = outcome.untested_lines(synopsis).map(|(line, _)| line).collect();
    for (expected, since) in synopsis.expect.iter().zip(&outcome.since) {
        let text = &expected.text;
        match since {
            _ if untested.contains(&text.as_str()) => {}
            None if expected.is_once => {}
            Some(at) if expected.is_once => held.push(format!("{text} at {at}ms")),
            _ if outcome.safety_alone.is_some() && expected.is_liveness => {}
            Some(since) => held.push(format!("{text} since {since}ms")),
            None => held.push(text.clone()),
        }
    }
    if held.is_empty() {
        held.push("progress without a panic".to_owned());
    }
    held
}
