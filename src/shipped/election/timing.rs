use std::fmt;
use std::time::Duration;

use rehearsal_protocol::election::bully::Rules;
use rehearsal_sim::Reason;
use rehearsal_sim::network::Network;
use rehearsal_sim::source::{Path, TimeSpan};

const ALLOW: &str = "or say `unsafe_timing: true` to show what comes of it";

/// Refuses waits that an undisturbed network can outlast: then a live node
/// would be taken for a dead one. What no wait can do is refused even where
/// `is_unsafe` allows those. `form` is where the fields stand.
pub(super) fn check(
    rules: &Rules,
    form: &Path,
    is_unsafe: bool,
    network: &Network,
) -> Result<(), Reason> {
    let refused = |field: &str, message: String, help: String| {
        Err(Reason::new(message).at(form.field(field)).help(help))
    };
    if rules.tries == 0 {
        let message = "whoever is never asked cannot answer".to_owned();
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

/// Refuses spans of no time, by the names of their fields.
pub(super) fn lasts(spans: &[(&str, Duration)], form: &Path) -> Result<(), Reason> {
    let nothing = spans.iter().find(|(_, span)| span.is_zero());
    nothing.map_or(Ok(()), |(field, _)| {
        Err(Reason::new("a span of no time is over before anything can happen")
            .at(form.field(*field))
            .help("give one longer than nothing"))
    })
}

/// Refuses an `answer_wait` that is over when the slowest answer comes: one
/// that comes at the very end of the wait shall not be late.
pub(super) fn outlasts_answers(given: Duration, way: Duration, form: &Path) -> Result<(), Reason> {
    let round_trip = way.saturating_mul(2);
    if given > round_trip {
        return Ok(());
    }
    let (given, most) = (Shown(given), Shown(round_trip));
    Err(Reason::new(format!(
        "an answer can take {most}, two message delays, and is waited for {given}"
    ))
    .at(form.field("answer_wait"))
    .help(format!("wait longer than {most}, {ALLOW}")))
}

/// A wait, and how long it must be at least.
pub(super) struct Wait {
    pub(super) field: &'static str,
    pub(super) given: Duration,
    pub(super) least: Duration,
    pub(super) why: &'static str,
}

impl Wait {
    pub(super) fn check(self, form: &Path) -> Result<(), Reason> {
        let Self { field, given, least, why } = self;
        if given >= least {
            return Ok(());
        }
        let (given, least) = (Shown(given), Shown(least));
        Err(Reason::new(format!("{why}: {least} at least, not {given}"))
            .at(form.field(field))
            .help(format!("wait {least} at least, {ALLOW}")))
    }
}

/// The longest that a message of an undisturbed network is on its way. What a
/// narrow link adds depends on what it carries, and is not counted.
pub(crate) fn slowest(network: &Network) -> Duration {
    let rows = network.latency.iter().flat_map(|latency| &latency.0);
    let latency = rows.flatten().max().copied().unwrap_or_default();
    Duration::from_nanos(network.delay.most()).saturating_add(latency.as_duration())
}

fn per_try(all: Duration, tries: u32) -> Duration {
    Duration::from_nanos(all.as_nanos().div_ceil(u128::from(tries)).try_into().unwrap_or(u64::MAX))
}

/// A span as files write it.
struct Shown(Duration);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = u64::try_from(self.0.as_nanos()).unwrap_or(u64::MAX);
        TimeSpan::from_nanos(nanos).fmt(f)
    }
}
