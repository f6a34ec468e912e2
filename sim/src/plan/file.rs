use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use rehearsal_machine::NodeId;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::{Deserialize, Serialize};

use super::fit::{can_befall, fits, is_unique, strikes};
use super::{Decision, DecisionKey, Decisions, Rest};
use crate::case::Case;
use crate::chance::Seed;
use crate::check::Fingerprint;
use crate::engine::Options;
use crate::fault::Line;
use crate::files::Files;
use crate::network::{Network, SessionPairs};
use crate::protocol::Protocol;
use crate::scenario::{self, CommandAt, Replaced, Replacement, Synopsis, Text, Written};
use crate::source::{Diagnostic, Path, TimeSpan, locate, read, unique_map};

/// The version of the plan's format, in every plan.
pub const FORMAT: u32 = 2;

/// Everything that decides a run: the scenario with its files, the seed, and
/// the decisions that are not left to it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scenario that was run.
    pub case: Case,
    /// What chance is made from.
    pub seed: Seed,
    /// Who decides what is not listed.
    pub rest: Rest,
    /// The decisions that are listed.
    pub decisions: IndexMap<DecisionKey, Decision>,
    /// The planted bug that was selected, if one was.
    pub mutant: Option<String>,
    /// How the run failed, if it did.
    pub fails: Option<Fingerprint>,
}

/// A plan as it stands in its file. The scenario is there in its own words,
/// comments included.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename = "Plan", bound(deserialize = ""))]
struct File<P: Protocol> {
    format: u32,
    name: String,
    seed: Seed,
    #[serde(default)]
    rest: Rest,
    #[serde(default, deserialize_with = "unique_map")]
    decisions: IndexMap<DecisionKey, Decision>,
    #[serde(default)]
    network: Option<Network>,
    #[serde(default)]
    faults: Option<Vec<Line>>,
    #[serde(default = "none")]
    commands: Option<Vec<CommandAt<P>>>,
    #[serde(default)]
    absent: Option<Vec<NodeId>>,
    #[serde(default)]
    until: Option<TimeSpan>,
    #[serde(default)]
    mutant: Option<String>,
    #[serde(default)]
    fails: Option<Fingerprint>,
    #[serde(default, deserialize_with = "unique_map")]
    files: IndexMap<String, Arc<str>>,
    scenario: scenario::File<P>,
}

/// The value at this place, and the lines of comments right above it.
fn with_comments_above(source: &str, value: Range<usize>) -> &str {
    let above = source[..value.start].split_inclusive('\n').rev();
    let comments =
        above.take_while(|line| line.trim_start().starts_with("//") && line.ends_with('\n'));
    &source[value.start - comments.map(str::len).sum::<usize>()..value.end]
}

/// `Default` would ask it of the protocol.
fn none<T>() -> Option<T> {
    None
}

impl Plan {
    /// Reads a plan about this protocol from its text; `file` is the name to show.
    pub fn parse<P: Protocol>(file: &str, source: &str) -> Result<Self, Diagnostic> {
        let parsed = read::<File<P>>(file, source)?;
        let at = |name: &str, message: String| {
            Diagnostic::at(file, source, &Path::root().field(name), message)
        };
        if !(1..=FORMAT).contains(&parsed.format) {
            let message = format!("format {} is not known", parsed.format);
            return Err(at("format", message)
                .with_help(format!("this version reads formats 1 to {FORMAT}")));
        }
        if parsed.format == 1 && parsed.rest == Rest::Usual {
            let message = "in format 1 other values were usual".to_owned();
            return Err(at("rest", message).with_help(
                "write the plan anew: `rehearsal run SCENARIO --seed N --rest usual --plan FILE`",
            ));
        }
        let of_key = |key: &DecisionKey| Path::root().field("decisions").field(key.to_string());
        for (key, decision) in &parsed.decisions {
            fits(key, decision)
                .map_err(|message| Diagnostic::at(file, source, &of_key(key), message))?;
        }
        let within = Path::root().field("scenario");
        let files = Files::of_plan(file, parsed.files);
        let own_text = with_comments_above(source, locate(source, &within).unwrap_or(0..0));
        let written = Written { file, source, within: &within };
        let first = (parsed.name.as_str(), own_text);
        let mut scenario = scenario::finish(parsed.scenario, &written, first, files)?;
        let File { network, faults, commands, absent, until, .. } = parsed;
        let faults =
            faults.map(|lines| Line::faults(lines).into_iter().map(|(it, _)| it).collect());
        if network.is_some()
            || faults.is_some()
            || commands.is_some()
            || absent.is_some()
            || until.is_some()
        {
            scenario = scenario
                .replace(Replacement { network, faults, commands, absent, until })
                .map_err(|reason| reason.locate(file, source, &Path::root()))?;
        }
        let case = Case::new::<P>(scenario);
        let Synopsis { faults, network, nodes, .. } = case.synopsis();
        let sessions = SessionPairs::new(network.sessions.as_ref(), *nodes);
        for (key, decision) in &parsed.decisions {
            strikes(key, decision, faults, network, *nodes)
                .and_then(|()| can_befall(key, decision, &sessions))
                .map_err(|reason| reason.locate(file, source, &of_key(key)))?;
        }
        is_unique(parsed.decisions.keys(), faults).map_err(|key| {
            Diagnostic::at(file, source, &of_key(key), "there are two decisions about this strike")
                .with_help("remove one of the two")
        })?;
        Ok(Self {
            case,
            seed: parsed.seed,
            rest: parsed.rest,
            decisions: parsed.decisions,
            mutant: parsed.mutant,
            fails: parsed.fails,
        })
    }
}

// Here, because a plan has a case, which the engine does not know.
impl Options {
    /// As this plan has it, nothing but verdict and digest kept.
    #[must_use]
    pub fn plan(plan: &Plan) -> Self {
        let decisions = Decisions::listed(plan.decisions.clone(), plan.rest);
        Self { seed: plan.seed, decisions, mutant: plan.mutant.clone(), ..Self::seed(0) }
    }
}

impl Plan {
    /// The text that [`Plan::parse`] reads. Refused if there is none, which can
    /// only be so where the scenario was [built in code](crate::Scenario::builder).
    pub fn text(&self) -> Result<String, NoText> {
        match self.case.origin().text {
            Text::None => Err(NoText::BuiltWithoutText),
            Text::Read(_) => Ok(self.to_string()),
            Text::Made(_) => match self.case.check_text() {
                Ok(()) => Ok(self.to_string()),
                Err(diagnostic) => Err(NoText::Unreadable(diagnostic)),
            },
        }
    }
}

/// Why a plan has no text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoText {
    /// The scenario was built in code, without one.
    BuiltWithoutText,
    /// The scenario was built in code, and what its values are serialized as
    /// cannot be read.
    Unreadable(Diagnostic),
}

impl fmt::Display for NoText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltWithoutText => f.write_str(
                "the scenario was built by `build_without_text`, and a plan would have to embed \
                 its text (derive `Serialize` for the configuration and the property, and use \
                 `build`)",
            ),
            Self::Unreadable(diagnostic) => write!(
                f,
                "the scenario was built in code, and its text cannot be read: correct how its \
                 values are serialized\n{diagnostic}"
            ),
        }
    }
}

impl std::error::Error for NoText {}

/// The text that [`Plan::parse`] reads, if [there is one](Plan::text); of a
/// scenario without a text it says so.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.case.origin();
        let Replaced { network, faults, commands, absent, until } = &origin.replaced;
        let synopsis = self.case.synopsis();
        let head = ron(&Head {
            format: FORMAT,
            name: &origin.name,
            seed: self.seed,
            rest: self.rest,
            decisions: &self.decisions,
            network: network.as_ref().map(|_| &synopsis.network),
            faults: faults.then(|| synopsis.faults.iter().cloned().map(Line::from).collect()),
            absent: absent.as_deref(),
            until: *until,
            mutant: self.mutant.as_deref(),
            fails: self.fails.as_ref(),
            files: &origin.files,
        });
        // The scenario goes in as it was written: a value made of it would lose its comments.
        let open = head.trim_end().trim_end_matches(')');
        writeln!(f, "// Everything that decides one run. Edit it at will.\n{}", open.trim_end())?;
        if let Some(commands) = commands {
            writeln!(f, "    commands: [")?;
            commands.iter().try_for_each(|command| writeln!(f, "        {command},"))?;
            writeln!(f, "    ],")?;
        }
        match &origin.text {
            Text::Read(text) | Text::Made(text) => {
                writeln!(f, "    scenario:\n{}\n)", text.trim_end())
            }
            Text::None => writeln!(f, "    // The scenario: {}\n)", NoText::BuiltWithoutText),
        }
    }
}

/// A plan's file without the scenario, which ends it.
#[derive(Serialize)]
struct Head<'a> {
    format: u32,
    name: &'a str,
    seed: Seed,
    rest: Rest,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    decisions: &'a IndexMap<DecisionKey, Decision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<&'a Network>,
    #[serde(skip_serializing_if = "Option::is_none")]
    faults: Option<Vec<Line>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    absent: Option<&'a [NodeId]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<TimeSpan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mutant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fails: Option<&'a Fingerprint>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    files: &'a IndexMap<String, Arc<str>>,
}

fn ron(head: &Head<'_>) -> String {
    let style = PrettyConfig::new().struct_names(false).escape_strings(false).depth_limit(3);
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME)
        .to_string_pretty(head, style)
        // Only our own plain structs, maps and strings are written here.
        .expect("a plan's parts can be written")
}
