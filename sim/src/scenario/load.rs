use std::fmt;
use std::marker::PhantomData;
use std::path::Path as FilePath;
use std::sync::Arc;

use ron::extensions::Extensions;
use serde::de::{EnumAccess, Error as _, IgnoredAny, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Origin, Scenario, valid};
use crate::files::Files;
use crate::protocol::Protocol;
use crate::source::{Diagnostic, Path, Reason, read};

pub(super) fn parse<P: Protocol>(
    name: &str,
    source: &str,
    files: Files,
) -> Result<Scenario<P>, Diagnostic> {
    let scenario = read::<Scenario<P>>(name, source)?;
    finish(scenario, name, source, &Path::root(), files).map(|mut scenario| {
        scenario.origin.source = source.into();
        scenario
    })
}

/// Checks a scenario that stands at `within` in a file, and reads what it names.
pub(crate) fn finish<P: Protocol>(
    mut scenario: Scenario<P>,
    file: &str,
    source: &str,
    within: &Path,
    mut files: Files,
) -> Result<Scenario<P>, Diagnostic> {
    valid::scenario(&scenario).map_err(|reason| reason.locate(file, source, within))?;
    let of_protocol = within.field("protocol").field(P::NAME);
    let refused = |reason: Reason| reason.locate(file, source, &of_protocol);
    P::prepare(&mut scenario.config, scenario.nodes, &mut files).map_err(refused)?;
    valid::builds(&scenario).map_err(refused)?;
    scenario.origin = Origin {
        name: file.to_owned(),
        source: Arc::default(),
        files: files.into_read(),
        has_other_faults: false,
    };
    Ok(scenario)
}

/// The text of a file, or why there is none.
pub fn text_of(path: &FilePath) -> Result<String, Diagnostic> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| Diagnostic::new(&shown, "", 0..0, format!("cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        Diagnostic::new(&shown, &text, good..good + 1, "this is not UTF-8")
            .with_help("save the file as UTF-8")
    })
}

/// What kind of file this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A scenario.
    Scenario,
    /// A plan, with a scenario in it.
    Plan,
}

/// What a file is, as far as can be told without knowing its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The name in `protocol: NAME(..)`, whoever knows it.
    pub protocol: String,
    /// What kind of file it is.
    pub kind: FileKind,
    /// Where it names the protocol.
    pub path: Path,
}

/// Reads no more of a file than what it is about.
pub fn heading(file: &str, source: &str) -> Result<Heading, Diagnostic> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    if source.trim().is_empty() {
        return Err(Diagnostic::new(file, source, 0..0, "the file is empty")
            .with_expected("a scenario or a plan in `(` and `)`"));
    }
    let header = options.from_str::<Header>(source).map_err(|error| {
        // Reading it strictly meets the same mistake, and explains it.
        let explained = read::<Header>(file, source)
            .err()
            .unwrap_or_else(|| Diagnostic::at(file, source, &Path::root(), error.code.to_string()));
        match error.code {
            ron::Error::ExpectedStructLikeEnd if explained.path().contains("protocol") => explained
                .with_help("a configuration has parentheses of its own: `protocol: NAME((..))`"),
            _ => explained,
        }
    })?;
    let path = Path::root().field("protocol");
    let (name, kind, path) = match header {
        Header { protocol: Some(name), .. } => (Some(name), FileKind::Scenario, path),
        Header { scenario: Some(inner), .. } => {
            (inner.protocol, FileKind::Plan, Path::root().field("scenario").join(&path))
        }
        Header { .. } => (None, FileKind::Scenario, path),
    };
    match name {
        Some(Name(protocol)) => Ok(Heading { protocol, kind, path }),
        None => Err(Diagnostic::at(file, source, &Path::root(), "missing field `protocol`")
            .with_help("say which protocol this is about: `protocol: NAME((..))`")),
    }
}

#[derive(Deserialize)]
#[serde(rename = "Scenario")]
struct Header {
    #[serde(default)]
    protocol: Option<Name>,
    #[serde(default)]
    scenario: Option<Box<Self>>,
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

/// Reads `NAME((..configuration..))`, where the name has to be this protocol's.
pub(super) fn configuration<'de, P: Protocol, D: Deserializer<'de>>(
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
