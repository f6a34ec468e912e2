use std::fmt;
use std::marker::PhantomData;

use serde::de::{EnumAccess, Error as _, IgnoredAny, MapAccess, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{File, Origin, Scenario, Text};
use crate::files::Files;
use crate::protocol::Protocol;
use crate::source::{Diagnostic, Path, attributes, closest, read, read_part};

pub(super) fn parse<P: Protocol>(
    name: &str,
    source: &str,
    files: Files,
) -> Result<Scenario<P>, Diagnostic> {
    if let Some(attributes) = attributes(source) {
        // A plan has the scenario in it, where attributes cannot stand.
        return Err(Diagnostic::new(name, source, attributes, "a scenario has no attributes")
            .with_help("leave them out: `Some(x)` may be written `x` without them"));
    }
    let written = Written { file: name, source, within: &Path::root() };
    finish(read(name, source)?, &written, (name, source), files)
}

/// Where a scenario stands that is being read.
pub(crate) struct Written<'a> {
    pub(crate) file: &'a str,
    pub(crate) source: &'a str,
    /// The place of the scenario in the file.
    pub(crate) within: &'a Path,
}

/// Checks a scenario, and reads the files it names. `first` is the name and text
/// of the scenario's own file, from which a plan once took it.
pub(crate) fn finish<P: Protocol>(
    scenario: File<P>,
    written: &Written<'_>,
    first: (&str, &str),
    files: Files,
) -> Result<Scenario<P>, Diagnostic> {
    let Written { file, source, within } = written;
    let origin =
        Origin { name: first.0.to_owned(), text: Text::Read(first.1.into()), ..Origin::default() };
    Scenario::checked(scenario.into_parts(), files, origin)
        .map_err(|reason| reason.locate(file, source, within))
}

/// What kind of file this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A scenario.
    Scenario,
    /// A plan, with a scenario in it.
    Plan,
    /// A roster: the nodes of a real cluster, known by the field `cluster`.
    Roster,
}

/// What a file is, as far as can be told without knowing its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The name in `protocol: NAME(..)`, known or not.
    pub protocol: String,
    /// What kind of file it is.
    pub kind: FileKind,
    /// Where it names the protocol.
    pub path: Path,
}

/// Reads no more of a file than what it is about.
pub fn heading(file: &str, source: &str) -> Result<Heading, Diagnostic> {
    if source.trim().is_empty() {
        return Err(Diagnostic::new(file, source, 0..0, "the file is empty")
            .with_expected("a scenario, a plan or a roster in `(` and `)`"));
    }
    let header = read_part::<Header>(file, source)?;
    let path = Path::root().field("protocol");
    let (name, kind, path) = match header {
        Header { protocol: Some(name), cluster: Some(_), .. } => {
            (Some(name), FileKind::Roster, path)
        }
        Header { protocol: Some(name), .. } => (Some(name), FileKind::Scenario, path),
        Header { scenario: Some(inner), .. } => {
            (inner.protocol, FileKind::Plan, Path::root().field("scenario").join(&path))
        }
        Header { .. } => (None, FileKind::Scenario, path),
    };
    match name {
        Some(Name(protocol)) => Ok(Heading { protocol, kind, path }),
        None => Err(missing_protocol(file, source)),
    }
}

/// Names the misspelt field, if there is one.
fn missing_protocol(file: &str, source: &str) -> Diagnostic {
    let names = read_part::<FieldNames>(file, source).map_or_else(|_| Vec::new(), |names| names.0);
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let (at, help) = match closest("protocol", &names) {
        Some(name) => (Path::root().field(name), format!("did you mean `protocol` by `{name}`?")),
        None => {
            (Path::root(), "say which protocol this is about: `protocol: NAME((..))`".to_owned())
        }
    };
    Diagnostic::at(file, source, &at, "missing field `protocol`").with_help(help)
}

/// The names of all fields, known or not.
struct FieldNames(Vec<String>);

impl<'de> Deserialize<'de> for FieldNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamesVisitor;
        impl<'de> Visitor<'de> for NamesVisitor {
            type Value = FieldNames;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("named fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<FieldNames, A::Error> {
                let mut names = Vec::new();
                while let Some((name, IgnoredAny)) = fields.next_entry()? {
                    names.push(name);
                }
                Ok(FieldNames(names))
            }
        }
        deserializer.deserialize_struct("Scenario", &[], NamesVisitor)
    }
}

#[derive(Deserialize)]
#[serde(rename = "Scenario")]
struct Header {
    #[serde(default)]
    protocol: Option<Name>,
    #[serde(default)]
    scenario: Option<Box<Self>>,
    #[serde(default)]
    cluster: Option<IgnoredAny>,
}

struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a protocol's name and configuration, `NAME((..))`")
            }

            fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Name, A::Error> {
                let (name, content) = data.variant::<Identifier>()?;
                content.newtype_variant::<IgnoredAny>()?;
                Ok(Name(name.0))
            }
        }
        deserializer.deserialize_enum("protocol", &[], NameVisitor)
    }
}

/// A name that stands for itself, as a variant's does.
struct Identifier(String);

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdentifierVisitor;
        impl Visitor<'_> for IdentifierVisitor {
            type Value = Identifier;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a protocol's name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Identifier, E> {
                Ok(Identifier(name.to_owned()))
            }
        }
        deserializer.deserialize_identifier(IdentifierVisitor)
    }
}

/// Reads `NAME((..configuration..))`, where the name has to be this protocol's,
/// for a field that has to do with `deserialize_with`.
pub fn configuration<'de, P: Protocol, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<P::Config, D::Error> {
    struct ConfigurationVisitor<P>(PhantomData<P>);
    impl<'de, P: Protocol> Visitor<'de> for ConfigurationVisitor<P> {
        type Value = P::Config;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "`{}((..))`", P::NAME)
        }

        fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<P::Config, A::Error> {
            let (name, content) = data.variant::<Identifier>()?;
            if name.0 != P::NAME {
                return Err(A::Error::custom(format_args!(
                    "this is about `{}`, not about `{}`",
                    name.0,
                    P::NAME
                )));
            }
            content.newtype_variant()
        }
    }
    deserializer.deserialize_enum("protocol", &[], ConfigurationVisitor::<P>(PhantomData))
}

/// The same for a second configuration, in a field that may be left out.
pub(super) fn upgrade<'de, P: Protocol, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<P::Config>, D::Error> {
    configuration::<P, D>(deserializer).map(Some)
}
