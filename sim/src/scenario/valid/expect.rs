//! Expectations come due before the run ends, and combinations of properties mean something.

use std::fmt::Debug;

use super::bounds::each_once;
use crate::check::Expect;
use crate::predicate::Predicate;
use crate::scenario::Conditions;
use crate::source::{Path, Reason, TimeSpan};

/// What is expected at this place in the list. `property_names` are those of the
/// protocol; `has_lasting` says whether a fault outlives the calm; `is_of_world` tells properties of the world from those of every
/// node, where that can be known.
pub(in crate::scenario) fn expectation<T: Debug>(
    conditions: &Conditions,
    place: usize,
    expect: &Expect<T>,
    has_lasting: bool,
    property_names: &[&str],
    is_of_world: &dyn Fn(&T) -> Option<bool>,
) -> Result<(), Reason> {
    let path = Path::root().field("expect").index(place);
    match expect {
        Expect::Eventually { within, .. } => eventually(conditions, *within, &path)?,
        Expect::LeadsTo { within, .. } => leads_to(conditions, *within, &path)?,
        Expect::Always(_) | Expect::Reaches(_) | Expect::Sometimes(_) | Expect::AtEnd(_) => {}
    }
    let core = conditions.calm_for.as_ref().filter(|_| expect.is_liveness());
    let nodes = match (core, expect.asked()) {
        (None, None) => conditions.nodes,
        (Some(nodes), None) => nodes.len() as u32,
        (None, Some(of)) => of.len() as u32,
        (Some(core), Some(of)) => of.iter().filter(|node| core.contains(node)).count() as u32,
    };
    let check = Check { nodes, property_names, is_of_world };
    asked(conditions, expect, has_lasting, &check, &path)?;
    match expect {
        Expect::Always(what) => check.of_world(what, None, &path.field("Always")),
        Expect::Eventually { what, .. } => {
            check.of_world(what, None, &path.field("Eventually").field("what"))
        }
        Expect::LeadsTo { from, to, .. } => {
            let path = path.field("LeadsTo");
            check.of_world(from, None, &path.field("from"))?;
            check.of_world(to, None, &path.field("to"))
        }
        Expect::Reaches(what) => check.of_world(what, None, &path.field("Reaches")),
        Expect::Sometimes(what) => check.of_world(what, None, &path.field("Sometimes")),
        Expect::AtEnd(what) => check.of_world(what, None, &path.field("AtEnd")),
    }
}

fn eventually(conditions: &Conditions, within: TimeSpan, path: &Path) -> Result<(), Reason> {
    let Some(calm_at) = conditions.calm_at else {
        return Err(Reason::new("`Eventually` counts from the calm, and there is none")
            .at(path.clone())
            .help(
                "the calm ends all disturbances, cuts and pauses, too: to ask for something while \
                 they go on, write `LeadsTo`, or give a `calm_at` and mark the faults that outlive \
                 it with `lasting: true`",
            ));
    };
    let deadline = TimeSpan::from_nanos(calm_at.as_nanos().saturating_add(within.as_nanos()));
    if deadline <= conditions.until {
        return Ok(());
    }
    let help = format!("calm is at {calm_at}: set `until` to {deadline} or later");
    Err(never_due(conditions, &path.field("Eventually"), help))
}

fn leads_to(conditions: &Conditions, within: TimeSpan, path: &Path) -> Result<(), Reason> {
    let from = conditions.calm_at.unwrap_or(TimeSpan::ZERO);
    let deadline = TimeSpan::from_nanos(from.as_nanos().saturating_add(within.as_nanos()));
    if deadline < conditions.until {
        return Ok(());
    }
    let since = match conditions.calm_at {
        Some(calm_at) => format!("calm is at {calm_at}"),
        None => format!("it may take {within}"),
    };
    let help = format!("{since}: set `until` to later than {deadline}");
    Err(never_due(conditions, &path.field("LeadsTo"), help))
}

fn never_due(conditions: &Conditions, path: &Path, help: String) -> Reason {
    Reason::new(format!("the run ends at {}, before this is due", conditions.until))
        .at(path.field("within"))
        .help(help)
}

/// The nodes that liveness asks: where a fault outlives the calm, a line says of which nodes
/// it holds all the same.
fn asked<T: Debug>(
    conditions: &Conditions,
    expect: &Expect<T>,
    has_lasting: bool,
    check: &Check<'_, T>,
    path: &Path,
) -> Result<(), Reason> {
    let name = match expect {
        Expect::Eventually { .. } => "Eventually",
        Expect::LeadsTo { .. } => "LeadsTo",
        _ => return Ok(()),
    };
    let asks_nodes = expect.predicates().any(|predicate| check.asks_nodes(predicate));
    let path = path.field(name);
    match expect.asked() {
        None if has_lasting && asks_nodes => {
            let all: Vec<_> = (1..=conditions.nodes.min(3)).map(|node| node.to_string()).collect();
            Err(Reason::new("a fault outlives the calm: which nodes is this asked of?")
                .at(path)
                .help(format!("name them, all of them if so: `of: [{}]`", all.join(", "))))
        }
        Some(_) if !asks_nodes => Err(Reason::new("this is about the world and asks no node")
            .at(path.field("of"))
            .help("leave `of` out")),
        Some([]) => Err(Reason::new("this asks no node")
            .at(path.field("of"))
            .help("name a node, or leave `of` out")),
        Some(nodes) => {
            let path = path.field("of");
            each_once(nodes, conditions.nodes, &path)?;
            let is_outside =
                |node| conditions.calm_for.as_ref().is_some_and(|it| !it.contains(node));
            match nodes.iter().position(is_outside) {
                Some(place) => Err(Reason::new("the calm is not for this node")
                    .at(path.index(place))
                    .help("liveness is asked of the nodes of `calm_for`: leave it out")),
                None => Ok(()),
            }
        }
        None => Ok(()),
    }
}

/// Where the quantifier of a bare property of every node would be open.
#[derive(Clone, Copy)]
enum Open {
    Not,
    Any,
}

struct Check<'a, T> {
    /// How many nodes there are to ask about.
    nodes: u32,
    property_names: &'a [&'a str],
    is_of_world: &'a dyn Fn(&T) -> Option<bool>,
}

impl<T: Debug> Check<'_, T> {
    /// Is a part of it about one node, or does it count nodes?
    fn asks_nodes(&self, predicate: &Predicate<T>) -> bool {
        match predicate {
            Predicate::Property(property) => (self.is_of_world)(property) != Some(true),
            Predicate::Not(part) => self.asks_nodes(part),
            Predicate::All(parts) | Predicate::Any(parts) => {
                parts.iter().any(|part| self.asks_nodes(part))
            }
            Predicate::Every(_) | Predicate::AtLeast(..) | Predicate::AtMost(..) => true,
            Predicate::Quiet => false,
        }
    }

    fn of_world(
        &self,
        predicate: &Predicate<T>,
        within: Option<Open>,
        path: &Path,
    ) -> Result<(), Reason> {
        self.is_name_free(predicate, path)?;
        match predicate {
            Predicate::Property(property) => match within {
                Some(within) if (self.is_of_world)(property) == Some(false) => {
                    Err(ambiguous(property, within).at(path.clone()))
                }
                _ => Ok(()),
            },
            Predicate::Not(part) => self.of_world(part, Some(Open::Not), &path.field("Not")),
            Predicate::All(parts) => each(parts, "All", "holds always", path, |part, path| {
                self.of_world(part, within, path)
            }),
            Predicate::Any(parts) => each(parts, "Any", "never holds", path, |part, path| {
                self.of_world(part, Some(Open::Any), path)
            }),
            Predicate::Every(of) => self.of_node(of, &path.field("Every")),
            Predicate::AtLeast(nodes, of) => {
                let path = path.field("AtLeast");
                let wrong = match nodes {
                    0 => Some("no node at least: this holds always"),
                    nodes if *nodes > self.nodes => Some("more nodes than there are to ask about"),
                    _ => None,
                };
                self.is_count(wrong, 1..=self.nodes, &path)?;
                self.of_node(of, &path.index(1))
            }
            Predicate::AtMost(nodes, of) => {
                let path = path.field("AtMost");
                let wrong =
                    (*nodes >= self.nodes).then_some("all nodes at most: this holds always");
                self.is_count(wrong, 0..=self.nodes - 1, &path)?;
                self.of_node(of, &path.index(1))
            }
            Predicate::Quiet => Ok(()),
        }
    }

    /// What is said of one node.
    fn of_node(&self, predicate: &Predicate<T>, path: &Path) -> Result<(), Reason> {
        self.is_name_free(predicate, path)?;
        match predicate {
            Predicate::Property(property) if (self.is_of_world)(property) == Some(true) => {
                Err(about_world(predicate, path))
            }
            Predicate::Property(_) => Ok(()),
            Predicate::Not(part) => self.of_node(part, &path.field("Not")),
            Predicate::All(parts) => {
                each(parts, "All", "holds always", path, |part, path| self.of_node(part, path))
            }
            Predicate::Any(parts) => {
                each(parts, "Any", "never holds", path, |part, path| self.of_node(part, path))
            }
            Predicate::Every(_)
            | Predicate::AtLeast(..)
            | Predicate::AtMost(..)
            | Predicate::Quiet => Err(about_world(predicate, path)),
        }
    }

    /// A plan has the scenario as text, where a combination with the name of a
    /// property would be read as the property.
    fn is_name_free(&self, predicate: &Predicate<T>, path: &Path) -> Result<(), Reason> {
        match predicate.combination_name() {
            Some(name) if self.property_names.contains(&name) => {
                Err(Reason::new(format!("`{name}` is the name of a property of this protocol"))
                    .at(path.clone())
                    .help(
                        "rename the property: no scenario of the protocol can have the combination",
                    ))
            }
            _ => Ok(()),
        }
    }

    fn is_count(
        &self,
        wrong: Option<&str>,
        right: std::ops::RangeInclusive<u32>,
        path: &Path,
    ) -> Result<(), Reason> {
        let Some(wrong) = wrong else { return Ok(()) };
        let (least, most) = right.into_inner();
        Err(Reason::new(wrong)
            .at(path.index(0))
            .help(format!("there are {} nodes to ask about: give {least} to {most}", self.nodes)))
    }
}

fn each<T>(
    parts: &[Predicate<T>],
    name: &str,
    what_nothing_does: &str,
    path: &Path,
    check: impl Fn(&Predicate<T>, &Path) -> Result<(), Reason>,
) -> Result<(), Reason> {
    let path = path.field(name);
    if parts.is_empty() {
        return Err(Reason::new(format!("`{name}` of nothing {what_nothing_does}"))
            .at(path)
            .help("list one property at least"));
    }
    parts.iter().enumerate().try_for_each(|(place, part)| check(part, &path.index(place)))
}

fn ambiguous<T: Debug>(property: &T, within: Open) -> Reason {
    let message = format!("`{property:?}` is a property of every node: say of how many nodes");
    Reason::new(message).help(match within {
        Open::Not => format!(
            "`Every({property:?})` if it must not hold of all nodes; `AtMost(0, {property:?})` \
             without `Not` if it may hold of none"
        ),
        Open::Any => format!(
            "`Every({property:?})` if it must hold of all nodes; `Every(Any([..]))` if of each \
             node something must hold"
        ),
    })
}

fn about_world<T: Debug>(predicate: &Predicate<T>, path: &Path) -> Reason {
    Reason::new(format!("`{predicate:?}` is about the world, and here one node is asked about"))
        .at(path.clone())
        .help("combine it outside of `Every`, `AtLeast` and `AtMost`")
}
