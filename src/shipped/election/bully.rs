//! What the textbook's and the paper's form ask of their spans.

use std::time::Duration;

use rehearsal_protocol::election::bully::Config;
use rehearsal_sim::Reason;
use rehearsal_sim::network::Network;
use rehearsal_sim::source::Path;

use super::timing::{ALLOW, Shown};
use crate::shipped::network::slowest;

/// Refuses waits that an undisturbed network can outlast: then a live node
/// would be taken for a dead one. What no wait can do is refused even where
/// `is_unsafe` allows those. `form` is where the fields stand.
pub(super) fn check(
    rules: &Config,
    form: &Path,
    is_unsafe: bool,
    network: &Network,
) -> Result<(), Reason> {
    let refused = |field: &str, message: String, help: String| {
        Err(Reason::new(message).at(form.field(field)).help(help))
    };
    if rules.tries == 0 {
        let message = "a node that is never asked cannot answer".to_owned();
        return refused("tries", message, "ask once at least".to_owned());
    }
    let waits = [
        ("answer_wait", rules.answer_wait),
        ("coordinator_wait", rules.coordinator_wait),
        ("rate_limit", rules.rate_limit.unwrap_or(Duration::MAX)),
    ];
    if let Some((field, _)) = waits.into_iter().find(|(_, wait)| wait.is_zero()) {
        let message = "a wait of no time is over before anybody can end it".to_owned();
        return refused(field, message, "give a span longer than nothing".to_owned());
    }
    if is_unsafe {
        return Ok(());
    }
    let way = slowest(network);
    let round_trip = way.saturating_mul(2);
    if rules.patience() < round_trip {
        let (waits, all) = (Shown(rules.patience()), Shown(round_trip));
        return refused(
            "answer_wait",
            format!("an answer can take {all}, two message delays, and is waited for {waits}"),
            format!("wait {} at least, {ALLOW}", Shown(per_try(round_trip, rules.tries))),
        );
    }
    let announced = rules.patience().saturating_add(round_trip);
    if rules.coordinator_wait < announced {
        let (waits, all) = (Shown(rules.coordinator_wait), Shown(announced));
        return refused(
            "coordinator_wait",
            format!(
                "an announcement can take {all} from an answer on, all waiting for answers and \
                 two message delays, and is waited for {waits}"
            ),
            format!("wait {all} at least, {ALLOW}"),
        );
    }
    Ok(())
}

fn per_try(all: Duration, tries: u32) -> Duration {
    Duration::from_nanos(all.as_nanos().div_ceil(u128::from(tries)).try_into().unwrap_or(u64::MAX))
}
