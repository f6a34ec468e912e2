//! Repetitions as one line.
//!
//! Periodic protocols do the same again and again with other numbers: a beat, a round,
//! an echo. What two steps have in common is their *shape*: who takes the step, the cause,
//! the effects and the roles, without the numbers that stand outside quotes. A step whose
//! shape has been told some times before says nothing new, and a long row of such steps becomes
//! a line or two that count them and what they sent.

use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::{NodeId, Time};

use super::line::Line;
use super::scenes::Scene;
use super::view::View;
use crate::plan::DecisionKey;
use crate::protocol::Lane;

/// A row of a story.
#[derive(Clone, Debug)]
pub(super) enum Row {
    Scene(Scene),
    /// Steps that only repeat earlier ones.
    Folded(Folded),
    /// Steps that are left out.
    Gap(Folded),
}

/// Steps that are told as one line.
#[derive(Clone, Debug, Default)]
pub(super) struct Folded {
    count: u64,
    until: Time,
    /// How many messages of each kind they sent, and how many of them did not arrive.
    sent: BTreeMap<String, (u64, u64)>,
    /// The roles that they led to.
    pub(super) roles: Vec<(NodeId, Lane)>,
    pub(super) unseen_roles: Vec<(NodeId, Lane)>,
}

impl Row {
    /// How many lines it takes at most.
    pub(super) fn lines(&self) -> usize {
        match self {
            Self::Scene(scene) => 1 + scene.effects.len(),
            Self::Folded(_) => 2,
            Self::Gap(_) => 1,
        }
    }
}

impl Folded {
    pub(super) fn add(&mut self, scene: Scene) {
        self.count += 1;
        self.until = scene.at;
        for effect in &scene.effects {
            if let Some(DecisionKey::Message(message)) = &effect.key {
                let (sent, lost) = self.sent.entry(message.kind.to_string()).or_default();
                *sent += 1;
                *lost += u64::from(effect.words.contains("-x "));
            }
        }
        self.unseen_roles.extend(scene.unseen_roles);
        self.roles.extend(scene.roles);
        self.keep_last_roles();
    }

    pub(super) fn add_all(&mut self, other: Self) {
        self.count += other.count;
        self.until = other.until;
        for (kind, (sent, lost)) in other.sent {
            let ours = self.sent.entry(kind).or_default();
            *ours = (ours.0 + sent, ours.1 + lost);
        }
        self.unseen_roles.extend(other.unseen_roles);
        self.roles.extend(other.roles);
        self.keep_last_roles();
    }

    /// Of each node the last role counts.
    fn keep_last_roles(&mut self) {
        for roles in [&mut self.roles, &mut self.unseen_roles] {
            let last: BTreeMap<_, _> = roles.drain(..).collect();
            roles.extend(last);
        }
    }

    /// `37 events not shown, until 480`.
    pub(super) fn line_of_gap(&self) -> Line {
        let Self { count, until, .. } = self;
        let events = if *count == 1 { "event" } else { "events" };
        Line::new(format!("{count} {events} not shown, until {until}"))
    }

    /// `63 events as before, until 980`.
    pub(super) fn line_of_fold(&self) -> Line {
        Line::new(format!("{} events as before, until {}", self.count, self.until))
    }

    /// What they sent, the most frequent kinds first: `41 heartbeat, 20 answer (3 lost)`.
    pub(super) fn sent(&self) -> String {
        let mut sent: Vec<_> = self.sent.iter().collect();
        sent.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        let told = sent.into_iter().map(|(kind, (count, lost))| match lost {
            0 => format!("{count} {kind}"),
            lost => format!("{count} {kind} ({lost} lost)"),
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

/// So many steps of known shapes in a row become one line.
const FOLD_FROM: usize = 10;

/// A shape is known once it was told so often; with the same numbers, once is enough.
const KNOWN_FROM: u32 = 2;

/// The same of a shape in which a role changes, whatever its numbers.
const KNOWN_WITH_ROLES_FROM: u32 = 3;

/// The same if nodes count as numbers, too: between which nodes an echo goes says no more after so many echoes.
const KNOWN_OF_ANY_NODES_FROM: u32 = 12;

/// Takes steps in their order, and makes rows of them. It takes room only for what is told.
pub(super) struct Fold<'a> {
    /// What it marks is told in any case, and so are the steps with these numbers.
    view: &'a View,
    kept: &'a BTreeSet<u64>,
    rows: Vec<Row>,
    /// How often each shape was met, with nodes and without them, and which steps.
    met: BTreeMap<String, u32>,
    steps: BTreeSet<String>,
    /// The steps of known shapes at hand; once there are enough, they are folded.
    known: Vec<Scene>,
    folded: Option<Folded>,
}

impl<'a> Fold<'a> {
    pub(super) fn new(view: &'a View, kept: &'a BTreeSet<u64>) -> Self {
        Self {
            view,
            kept,
            rows: Vec::new(),
            met: BTreeMap::new(),
            steps: BTreeSet::new(),
            known: Vec::new(),
            folded: None,
        }
    }

    pub(super) fn add(&mut self, scene: Scene) {
        let shape = told(&scene, append_without_numbers);
        let of_any_nodes = without_nodes(&shape);
        let is_new = self.steps.insert(told(&scene, String::push_str));
        let mut count = |shape| {
            let met = self.met.entry(shape).or_default();
            *met += 1;
            *met - 1
        };
        let (met, met_of_any_nodes) = (count(shape), count(of_any_nodes));
        let is_known = if scene.roles.is_empty() {
            !is_new || met >= KNOWN_FROM || met_of_any_nodes >= KNOWN_OF_ANY_NODES_FROM
        } else {
            met >= KNOWN_WITH_ROLES_FROM
        };
        let is_told = self.kept.contains(&scene.number) || is_marked(&scene, self.view);
        if !is_known || is_told {
            self.flush();
            self.rows.push(Row::Scene(scene));
        } else if let Some(folded) = &mut self.folded {
            folded.add(scene);
        } else {
            self.known.push(scene);
            if self.known.len() >= FOLD_FROM {
                let mut folded = Folded::default();
                self.known.drain(..).for_each(|scene| folded.add(scene));
                self.folded = Some(folded);
            }
        }
    }

    fn flush(&mut self) {
        self.rows.extend(self.known.drain(..).map(Row::Scene));
        self.rows.extend(self.folded.take().map(Row::Folded));
    }

    pub(super) fn end(mut self) -> Vec<Row> {
        self.flush();
        self.rows
    }
}

/// Is a step, or an effect of it, one that the view marks?
pub(super) fn is_marked(scene: &Scene, View { marked, decisive, .. }: &View) -> bool {
    if marked.is_empty() && decisive.is_empty() {
        return false;
    }
    let mut lines = std::iter::once(&scene.cause).chain(&scene.effects);
    lines.any(|line| {
        line.key.as_ref().is_some_and(|key| marked.contains(key)) || decisive.contains(&line.number)
    })
}

/// A step in one text, its lines appended in this way.
fn told(scene: &Scene, append: fn(&mut String, &str)) -> String {
    let mut told = scene.who.clone();
    for line in std::iter::once(&scene.cause).chain(&scene.effects) {
        told.push('\n');
        append(&mut told, &line.words);
        if !line.is_ordinary {
            append(&mut told, &line.fate);
        }
    }
    for (node, lane) in &scene.roles {
        told += &format!("\n{node} {lane}");
    }
    told
}

/// A shape with `n#` for each node; a mark makes it differ from every shape with nodes.
fn without_nodes(shape: &str) -> String {
    let mut without = String::from("any\n");
    let mut rest = shape;
    while let Some(start) = rest.find('n') {
        let is_word = !rest[..start].ends_with(|before: char| before.is_alphanumeric());
        let (before, after) = rest.split_at(start + 1);
        without.push_str(before);
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if is_word && digits > 0 {
            without.push('#');
            rest = &after[digits..];
        } else {
            rest = after;
        }
    }
    without + rest
}

/// Appends a text with `#` for each number; what is quoted stays, and so do nodes.
fn append_without_numbers(shape: &mut String, text: &str) {
    enum Before {
        Number,
        Name,
        Other,
    }
    let (mut is_quoted, mut is_escaped) = (false, false);
    let mut before = Before::Other;
    for letter in text.chars() {
        if letter == '"' && !is_escaped {
            is_quoted = !is_quoted;
        }
        is_escaped = letter == '\\' && !is_escaped;
        before = match before {
            Before::Number if letter.is_ascii_digit() => Before::Number,
            Before::Other if letter.is_ascii_digit() && !is_quoted => {
                shape.push('#');
                Before::Number
            }
            Before::Name if letter.is_ascii_digit() => {
                shape.push(letter);
                Before::Name
            }
            _ => {
                shape.push(letter);
                if letter.is_alphabetic() { Before::Name } else { Before::Other }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_numbers(text: &str) -> String {
        let mut shape = String::new();
        append_without_numbers(&mut shape, text);
        shape
    }

    #[test]
    fn a_shape_keeps_nodes_and_what_is_quoted() {
        let texts = [
            ("<- n12  data 17", "<- n12  data #"),
            ("-> n2  accept 3.n1 as 12", "-> n2  accept #.n1 as #"),
            ("data n1#41 [3-17]", "data n1## [#-#]"),
            ("data \".. number 8\" as 19", "data \".. number 8\" as #"),
            ("says \"a \\\" 7\" 7", "says \"a \\\" 7\" #"),
            ("Decided(3, -44)", "Decided(#, -#)"),
            ("phase2 1.5s", "phase2 #.#s"),
        ];
        for (text, expected) in texts {
            assert_eq!(without_numbers(text), expected);
        }
    }
}
