//! When a fault strikes: at instants of the run, on events that can happen.

use rehearsal_machine::is_hidden;

use super::cannot_be_seen;
use crate::fault::{Action, Fault, Target, Trigger, When, Window};
use crate::network::Distribution;
use crate::scenario::Conditions;
use crate::scenario::valid::bounds::{before_the_end, node_exists};
use crate::scenario::valid::network;
use crate::source::{Path, Reason, TimeSpan};

pub(super) fn when(conditions: &Conditions, fault: &Fault, path: &Path) -> Result<(), Reason> {
    window(conditions, fault, path)?;
    match &fault.when {
        When::At(at) => strikes_at(conditions, *at, fault, &path.field("at")),
        When::Within(least, most) => {
            let path = path.field("at").field("Uniform");
            Distribution::Uniform(*least, *most).check().map_err(|it| it.within(&path))?;
            strikes_at(conditions, *most, fault, &path)
        }
        When::On(trigger) => triggered(conditions.nodes, trigger, &path.field("when")),
        When::Each(trigger) => triggered(conditions.nodes, trigger, &path.field("each")),
        When::Every(gap) => {
            let path = path.field("every");
            network::delay(gap, &path)?;
            if gap.most() == 0 {
                return Err(Reason::new("a fault that strikes again and again without a pause")
                    .at(path)
                    .help("give a distribution with time in between: `Exponential(\"2s\")`"));
            }
            Ok(())
        }
    }
}

fn strikes_at(
    conditions: &Conditions,
    at: TimeSpan,
    fault: &Fault,
    path: &Path,
) -> Result<(), Reason> {
    before_the_end(at, conditions.until, "a fault", || path.clone())?;
    if fault.lasting {
        Ok(())
    } else {
        after_the_calm(conditions, at, &fault.action, || path.clone())
    }
}

/// They are drawn before the run begins.
const MOST_INSTANTS: u32 = 100_000;

/// A window that can open, of a fault that has one.
fn window(conditions: &Conditions, fault: &Fault, path: &Path) -> Result<(), Reason> {
    let Window { after, from, before, until, times } = &fault.window;
    let waits_for_events = fault.when.trigger().is_some();
    let is_once = matches!(fault.when, When::At(_) | When::Within(..));
    let has = [
        ("after", !after.is_empty() && !waits_for_events),
        ("before", before.is_some() && !waits_for_events),
        ("from", from.is_some() && is_once),
        ("until", until.is_some() && is_once),
    ];
    if let Some((field, _)) = has.iter().find(|(_, is_wrong)| *is_wrong) {
        let (message, help) = if is_once {
            ("this has no meaning for a fault that has its time", "leave it out, or give `each`")
        } else {
            ("a fault that strikes `every` so often waits for no event", "give `from` and `until`")
        };
        return Err(Reason::new(message).at(path.field(*field)).help(help));
    }
    if times.is_some() && matches!(fault.when, When::At(_) | When::On(_)) {
        return Err(Reason::new("this fault strikes once")
            .at(path.field("times"))
            .help("leave `times` out, or give `each`, `every` or `at: Uniform(..)`"));
    }
    if matches!(fault.when, When::Within(..)) && times.is_some_and(|it| it.get() > MOST_INSTANTS) {
        return Err(Reason::new(format!("a fault has at most {MOST_INSTANTS} random instants"))
            .at(path.field("times"))
            .help("give fewer, or `every`"));
    }
    for (field, place, trigger) in fault.window.triggers() {
        let path = path.field(field);
        let path = place.map_or_else(|| path.clone(), |place| path.index(place));
        triggered(conditions.nodes, trigger, &path)?;
    }
    span(conditions, &fault.window, fault.lasting, path)
}

/// The instants of a window are in order, and it can open: before the end of the run and,
/// unless it `outlives` the calm, before that.
pub(in crate::scenario) fn span(
    conditions: &Conditions,
    window: &Window,
    outlives: bool,
    path: &Path,
) -> Result<(), Reason> {
    let Window { from, until, .. } = *window;
    let refused = |field: &str, message: String, help: &str| {
        Err(Reason::new(message).at(path.field(field)).help(help))
    };
    let begin = from.unwrap_or(TimeSpan::ZERO);
    if until.is_some_and(|until| until <= begin) {
        let message = format!("this ends before it begins, at {begin}");
        return refused("until", message, "let it end later");
    }
    let Some(from) = from else { return Ok(()) };
    before_the_end(from, conditions.until, "what begins", || path.field("from"))?;
    let calm_at = conditions.calm_at.filter(|_| conditions.calm_for.is_none() && !outlives);
    if let Some(calm_at) = calm_at.filter(|calm_at| from >= *calm_at) {
        let message = format!("the fault begins after the calm, which begins at {calm_at}");
        return refused("from", message, "let it begin earlier, or say `lasting: true`");
    }
    Ok(())
}

/// What the calm protects is not to be disturbed any more.
fn after_the_calm(
    conditions: &Conditions,
    at: TimeSpan,
    action: &Action,
    path: impl Fn() -> Path,
) -> Result<(), Reason> {
    let Some(calm_at) = conditions.calm_at.filter(|calm_at| at >= *calm_at) else { return Ok(()) };
    if action.is_start() {
        return Ok(());
    }
    let message = format!("a fault after the calm, which begins at {calm_at}");
    let Some(core) = &conditions.calm_for else {
        return Err(Reason::new(message).at(path()).help(
            "after the calm nodes may only be restarted, unless the fault says `lasting: true`",
        ));
    };
    match action.target() {
        Some((_, Target::Node(node))) if core.contains(&node) => {
            Err(Reason::new(format!("{message}, on a node that it is for"))
                .at(path())
                .help("after the calm the nodes of `calm_for` may only be restarted"))
        }
        _ => Ok(()),
    }
}

pub(in crate::scenario) fn triggered(
    nodes: u32,
    trigger: &Trigger,
    path: &Path,
) -> Result<(), Reason> {
    let path = path.field(trigger.name());
    if let Trigger::Sends { kind: Some(kind), .. } | Trigger::Receives { kind: Some(kind), .. } =
        trigger
        && let Some(hidden) = kind.chars().find(|letter| is_hidden(*letter))
    {
        return Err(Reason::new(cannot_be_seen("a kind of messages", hidden))
            .at(path.field("kind"))
            .help("write the kind as a trace shows it"));
    }
    trigger.nodes().try_for_each(|(field, node)| node_exists(node, nodes, || path.field(field)))
}
