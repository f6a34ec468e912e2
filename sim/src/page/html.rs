use serde::Serialize;

use super::columns::columns;
use super::data::{Data, FailureData, RunData};
use super::pairs::pairs;
use super::states::states;
use super::texts::Texts;
use super::{Limits, Run, Verdict};
use crate::protocol::Lane;

/// A page in one file: it loads nothing, and runs nothing but its own scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// The file.
    pub html: String,
    /// What was left out of it, a sentence each.
    pub cuts: Vec<String>,
}

const FRAME: &str = include_str!("assets/page.html");

const STYLES: [&str; 2] = [include_str!("assets/page.css"), include_str!("assets/inspector.css")];

/// In the order in which they need each other.
const SCRIPTS: [&str; 16] = [
    include_str!("assets/run.js"),
    include_str!("assets/words.js"),
    include_str!("assets/causes.js"),
    include_str!("assets/lines.js"),
    include_str!("assets/filter.js"),
    include_str!("assets/lanes.js"),
    include_str!("assets/rows.js"),
    include_str!("assets/painter.js"),
    include_str!("assets/backdrop.js"),
    include_str!("assets/diagram.js"),
    include_str!("assets/graph.js"),
    include_str!("assets/inspector.js"),
    include_str!("assets/link.js"),
    include_str!("assets/view.js"),
    include_str!("assets/controls.js"),
    include_str!("assets/main.js"),
];

impl Page {
    /// The page of a run, or of two side by side.
    #[must_use]
    pub fn new(run: &Run, beside: Option<&Run>, limits: Limits) -> Self {
        let mut texts = Texts::new();
        let mut cuts = Vec::new();
        let runs: Vec<_> = std::iter::once(run)
            .chain(beside)
            .map(|run| data(run, limits, &mut texts, &mut cuts))
            .collect();
        let pairs = beside.map(|beside| pairs(run, beside));
        let title = format!("{} - Rehearsal", run.name);
        let data = Data { texts: texts.into_list(), runs, pairs, cuts: cuts.clone() };
        Self { html: html(&title, &data), cuts }
    }
}

fn data(run: &Run, limits: Limits, texts: &mut Texts, cuts: &mut Vec<String>) -> RunData {
    let Run { about, events, dropped, .. } = run;
    if *dropped > 0 {
        cuts.push(format!(
            "{}: the page begins with event {}; {dropped} before it are left out (`--events N` \
             keeps more)",
            run.name,
            dropped + 1
        ));
    }
    let first = dropped + 1;
    let none = crate::engine::States::default();
    let kept = run.states.as_ref().unwrap_or(&none);
    let (states, left_out) = states(kept, limits.states, first, texts);
    if left_out > 0 {
        cuts.push(format!(
            "{}: states are those of the last {} steps, and not of {left_out} before them",
            run.name,
            states.steps.len()
        ));
    }
    cuts.extend(run.remarks.iter().map(|remark| format!("{}: {remark}", run.name)));
    let (failure, held) = match &run.verdict {
        Verdict::Unknown => (None, None),
        Verdict::Held(lines) => (None, Some(lines.clone())),
        Verdict::Violated { check, reason, at, detail, stuck, is_of_step } => {
            let failure = FailureData {
                check: check.clone(),
                reason: reason.clone(),
                at: at.as_nanos(),
                detail: detail.clone(),
                stuck: stuck.clone(),
                step: *is_of_step,
            };
            (Some(failure), None)
        }
    };
    let lane = |lane: &Option<Lane>| {
        lane.map(|lane| (lane.role, lane.peer.map_or(0, rehearsal_machine::NodeId::number)))
    };
    let waits = kept.waits.iter().map(|waits| {
        let on = waits.on.iter().map(|node| node.number()).collect();
        (waits.event.checked_sub(first), waits.node.number(), on)
    });
    RunData {
        name: run.name.clone(),
        claim: about.claim.clone(),
        protocol: about.protocol.clone(),
        configuration: about.configuration.clone(),
        legend: legend(&about.legend),
        seed: run.seed.map(|seed| seed.to_string()),
        again: run.again.clone(),
        nodes: run.nodes,
        dropped: *dropped,
        lanes: run.lanes.iter().map(lane).collect(),
        failure,
        held,
        decided: run.decided.clone(),
        events: columns(events, *dropped, texts),
        states,
        waits: waits.collect(),
        delayed: run.delayed.iter().filter_map(|number| number.checked_sub(first)).collect(),
        curve: run.curve.iter().map(|(at, share)| (at.as_nanos(), *share)).collect(),
    }
}

/// `Fk follows node k  L leads` as letters and meanings.
fn legend(text: &str) -> Vec<(char, String)> {
    let part = |part: &str| {
        let (letters, meaning) = part.trim().split_once(' ')?;
        Some((letters.chars().next()?, meaning.to_owned()))
    };
    text.split("  ").filter_map(part).collect()
}

fn html(title: &str, data: &impl Serialize) -> String {
    // Our own structs, with strings for keys: nothing in them can refuse.
    let data = serde_json::to_string(data).expect("numbers, strings and lists of them");
    let data = embedded(&data);
    let scripts = SCRIPTS.join("\n");
    // Of the scripts' own text, so that nothing else on the page is run.
    let nonce = blake3::hash(data.as_bytes()).to_hex()[..32].to_owned();
    let mut html = String::with_capacity(data.len() + scripts.len() + (64 << 10));
    let mut rest = FRAME;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        html.push_str(before);
        match name {
            "title" => html.push_str(&escaped(title)),
            "nonce" => html.push_str(&nonce),
            "styles" => html.push_str(&STYLES.join("\n")),
            "scripts" => html.push_str(&scripts),
            "data" => html.push_str(&data),
            name => unreachable!("the frame has no place `{name}`"),
        }
        rest = after;
    }
    html.push_str(rest);
    html
}

/// JSON that can stand within a script element: nothing in it ends the element, begins a comment,
/// or ends a line for a script.
fn embedded(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

fn escaped(text: &str) -> String {
    let text = rehearsal_machine::printable(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
