//! The text of a scenario that was made in code: what a file would say.

use ron::ser::PrettyConfig;
use serde::{Serialize, Serializer};

use super::File;
use crate::protocol::Protocol;
use crate::source::Reason;

/// A text that reads back as the same scenario.
pub(super) fn of<P>(file: &File<P>) -> Result<String, Reason>
where
    P: Protocol<Config: Serialize, Property: Serialize>,
{
    let style = PrettyConfig::new().struct_names(false).escape_strings(false).depth_limit(2);
    ron::Options::default().to_string_pretty(file, style).map_err(|error| {
        Reason::new(format!("the scenario cannot be written as text: {error}"))
            .help("correct how its values are serialized, or use `build_without_text`")
    })
}

/// For `serialize_with`: `NAME((..configuration..))`.
pub(super) fn configuration<P, S>(config: &P::Config, serializer: S) -> Result<S::Ok, S::Error>
where
    P: Protocol<Config: Serialize>,
    S: Serializer,
{
    serializer.serialize_newtype_variant("protocol", 0, P::NAME, config)
}

/// The same for a field that may be left out.
#[expect(clippy::ref_option, reason = "serde asks by reference")]
pub(super) fn upgrade<P, S>(config: &Option<P::Config>, serializer: S) -> Result<S::Ok, S::Error>
where
    P: Protocol<Config: Serialize>,
    S: Serializer,
{
    match config {
        Some(config) => configuration::<P, S>(config, serializer),
        None => serializer.serialize_none(),
    }
}
