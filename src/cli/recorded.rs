//! Recorded nodes: whether their machines do the same again, and what all of
//! them did together.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rehearsal_machine::{Input, NodeId, Time, printable};
use rehearsal_sim::trace::lines::{self, Head};
use rehearsal_sim::trace::{Event, EventKind, name_of};
use rehearsal_sim::{Look as _, Protocol, Scenario, story};
use rehearsal_tcp::recording::{Difference, Mismatch, Recording};

use super::replay::Replay;
use super::{CliError, Console, Exit, json, mutants, output};
use crate::real::{FollowScript, Problem, Recorded, RecordedLife, Verdict};

/// What is known of a cluster's run besides its recordings.
#[derive(Clone, Debug, Default)]
pub(super) struct Aftermath {
    /// When a node was killed or a link changed for the last time, by the nodes' clock.
    pub(super) disturbed: Option<Time>,
    /// The nodes that were killed and not started again.
    pub(super) killed: Vec<NodeId>,
}

/// Each life for itself; then, if all were as they are recorded, what was asked
/// for of them together.
pub(super) fn replay<P: Protocol>(
    recordings: Vec<(String, Recording)>,
    follow_script: Option<FollowScript<P>>,
    scenario: Option<&Scenario<P>>,
    wanted: &Replay,
    console: &mut Console<'_>,
) -> Result<Exit, CliError> {
    let recorded = Recorded::<P>::of(recordings, follow_script);
    let recorded = recorded.map_err(|problem| refused(&problem))?;
    let mutant = wanted.mutant.name();
    mutants::with(mutant, || {
        let mut exit = Exit::Held;
        for place in 0..recorded.lives().len() {
            console.print(&tell_gap(recorded.lives(), place))?;
            let (told, is_as_recorded) = tell_life(&recorded, place)?;
            console.print(&by_lines(&told))?;
            if !is_as_recorded {
                exit = Exit::Violated;
            }
        }
        let is_joined = wanted.story || wanted.show.trace.is_some() || scenario.is_some();
        if exit != Exit::Held {
            if is_joined {
                console.line("      joined is only what is as it was recorded")?;
            }
            return Ok(exit);
        }
        together(&recorded, scenario, wanted, console)
    })?
}

fn together<P: Protocol>(
    recorded: &Recorded<P>,
    scenario: Option<&Scenario<P>>,
    wanted: &Replay,
    console: &mut Console<'_>,
) -> Result<Exit, CliError> {
    if wanted.story || wanted.show.trace.is_some() {
        let events = recorded.join().map_err(|problem| refused(&problem))?;
        if wanted.story {
            let nodes = recorded.nodes() as usize;
            let told = story::of_trace(&events, nodes, &wanted.show.view());
            console.print(&told)?;
        }
        if let Some(file) = &wanted.show.trace {
            let head = Head::of_recorded(json::value(&recorded.summary()));
            output::write_with(file, |out| lines::write(out, &head, events.iter(), None))?;
        }
    }
    let Some(scenario) = scenario else { return Ok(Exit::Held) };
    judge(recorded, scenario, None, console)
}

/// Asks recorded nodes what a scenario expects; they were disturbed until this time, by their
/// clock.
fn judge<P: Protocol>(
    recorded: &Recorded<P>,
    scenario: &Scenario<P>,
    disturbed: Option<Time>,
    console: &mut Console<'_>,
) -> Result<Exit, CliError> {
    let verdict = recorded.judge_after(scenario, disturbed).map_err(|problem| refused(&problem))?;
    console.print(&by_lines(&tell_verdict(&verdict)))?;
    if verdict.is_untested() {
        let why = if verdict.untested.is_empty() {
            "nothing that is expected can be asked of recordings"
        } else {
            "nothing that is expected was put to the test"
        };
        console.line(&format!("FAIL  tested: {why}"))?;
    }
    Ok(if verdict.held() { Exit::Held } else { Exit::Violated })
}

/// Asks the recorded nodes of a cluster that has just run what a scenario expects. Of their lives
/// only those are told that are not as they were recorded.
pub(super) fn judge_cluster<P: Protocol>(
    recordings: Vec<(String, Recording)>,
    follow_script: Option<FollowScript<P>>,
    scenario: &Scenario<P>,
    aftermath: &Aftermath,
    console: &mut Console<'_>,
) -> Result<Exit, CliError> {
    let recorded = Recorded::<P>::of(recordings, follow_script);
    let recorded = recorded.map_err(|problem| refused(&problem))?;
    let recorded = recorded.killed(aftermath.killed.iter().copied());
    let mut exit = Exit::Held;
    for place in 0..recorded.lives().len() {
        let (told, is_as_recorded) = tell_life(&recorded, place)?;
        if !is_as_recorded {
            console.print(&by_lines(&told))?;
            exit = Exit::Violated;
        }
    }
    if exit != Exit::Held {
        return Ok(exit);
    }
    judge(&recorded, scenario, aftermath.disturbed, console)
}

/// Lines of ours with words of a recording in them.
fn by_lines(text: &str) -> String {
    text.lines().flat_map(|line| [printable(line), "\n".into()]).collect()
}

fn refused(problem: &Problem) -> CliError {
    CliError::bad_input(problem.to_string())
}

/// A line for the lives right before this one of which nothing is recorded, if there are some.
fn tell_gap(lives: &[RecordedLife], place: usize) -> String {
    let (node, incarnation) = lives[place].name();
    let before = place.checked_sub(1).map(|before| lives[before].name());
    let last = before.filter(|(other, _)| *other == node).map_or(0, |(_, last)| last);
    let lives = match incarnation.saturating_sub(last) {
        0 | 1 => return String::new(),
        2 => format!("life {}", last + 1),
        _ => format!("lives {} to {}", last + 1, incarnation - 1),
    };
    format!(
        "      {node}, {lives}: no record: the node ended before it recorded its start, or ran without `--record`\n"
    )
}

/// A line for a life, more where it differs; and whether it does not.
fn tell_life<P: Protocol>(
    recorded: &Recorded<P>,
    place: usize,
) -> Result<(String, bool), CliError> {
    let lived = &recorded.lives()[place];
    let (node, incarnation) = lived.name();
    let name = format!("{node}, life {incarnation}");
    // The panic's own words have gone to standard error.
    let Ok(replayed) = catch_unwind(AssertUnwindSafe(|| recorded.replay(place))) else {
        return Ok((format!("FAIL  {name}: the machine panics, which is not recorded\n"), false));
    };
    match replayed {
        Ok(()) => {
            let torn = lived.torn.map_or(String::new(), |bytes| {
                format!("; {bytes} bytes of a step that was being written are left out")
            });
            let count = |steps: usize| match steps {
                1 => "1 step".to_owned(),
                steps => format!("{steps} steps"),
            };
            let undone = match lived.undone.len() {
                0 => String::new(),
                steps => format!(
                    "; {} after them never took place: the node was killed before their saves were \
                     on its disk",
                    count(steps)
                ),
            };
            let unstarted = match lived.life.steps.len() + lived.undone.len() {
                0 => "; the node ended before it recorded its start",
                _ => "",
            };
            let steps = count(lived.life.steps.len());
            Ok((format!("ok    {name}: {steps} as recorded{unstarted}{undone}{torn}\n"), true))
        }
        Err(Difference { what: Mismatch::Input, step, input, .. }) => {
            Err(CliError::bad_input(format!(
                "{}: step {step} of {name}: {input} means nothing to `{}`: it was recorded by version \
             {}, and this is {}: use the program that recorded it, or an unchanged copy",
                lived.file,
                P::NAME,
                lived.life.header.build,
                env!("CARGO_PKG_VERSION")
            )))
        }
        Err(difference) => Ok((tell_difference::<P>(lived, &name, &difference), false)),
    }
}

fn tell_difference<P: Protocol>(
    lived: &RecordedLife,
    name: &str,
    difference: &Difference,
) -> String {
    let Difference { step, at, input, what } = difference;
    let steps = &lived.life.steps;
    let begun = steps.first().map_or(*at, |first| first.at);
    let since = Time::ZERO + at.since(begun);
    let input_now = steps.get(step - 1).and_then(|step| step.input.input::<P::Machine>());
    let input = input_now.map_or_else(|| input.clone(), |input| cause::<P>(&input));
    let mut text = format!("FAIL  {name}: step {step}, {since}ms after its start\n");
    text += &format!("      input     {input}\n");
    match what {
        Mismatch::Effect { number, recorded, got } => {
            let word = |one: &Option<String>| one.clone().unwrap_or_else(|| "nothing".to_owned());
            text += &format!("      effect {number}\n");
            text += &format!("      recorded  {}\n", word(recorded));
            text += &format!("      now       {}\n", word(got));
        }
        other => text += &format!("      {other}\n"),
    }
    text
}

/// An input, as traces tell it.
fn cause<P: Protocol>(input: &Input<P::Machine>) -> String {
    match input {
        Input::Start(storage) if storage.is_empty() => "start".to_owned(),
        Input::Start(storage) => {
            let cells: Vec<_> = storage.keys().map(|cell| format!("{cell:?}")).collect();
            format!("start with {}", cells.join(", "))
        }
        Input::Command(command) => P::Look::command_text(command),
        Input::Message { from, message } => {
            format!("<- {from}  {}", P::Look::message_text(message))
        }
        Input::Timer(timer) => format!("timeout {}", name_of(timer)),
        Input::Link { peer, up: true } => format!("link to {peer} up"),
        Input::Link { peer, up: false } => format!("link to {peer} down"),
    }
}

fn tell_verdict(verdict: &Verdict) -> String {
    let mut text = String::new();
    match &verdict.broken {
        Some(broken) => {
            let (expected, reason, at) = (&broken.expected, &broken.reason, broken.at);
            text += &format!("FAIL  {expected}: {reason}, at {at}ms\n");
            for detail in broken.detail.lines() {
                text += &format!("      {detail}\n");
            }
            text += &match &broken.after {
                Some(event) => format!("      after {}\n", event_text(event)),
                None => "      at the end of the recordings\n".to_owned(),
            };
        }
        None => {
            for held in &verdict.asked {
                text += &format!("ok    {held}\n");
            }
        }
    }
    for untested in &verdict.untested {
        text += &format!("      untested: {untested}\n");
    }
    for unasked in &verdict.unasked {
        text += &format!("      not asked of recordings: {unasked}\n");
    }
    text
}

fn event_text(event: &Event) -> String {
    match &event.what {
        EventKind::Start { node, incarnation } => format!("{node} starts, life {incarnation}"),
        EventKind::Command { node, text, .. } => format!("{node} {text}"),
        EventKind::Deliver { message, text, .. } => {
            format!("{} <- {}  {text}", message.to, message.from)
        }
        EventKind::Timer { timer } => format!("{} timeout {}", timer.node, timer.timer),
        EventKind::Crash { node } => format!("{node} crash"),
        other => format!("{other:?}"),
    }
}
