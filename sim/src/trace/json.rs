use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value of a protocol in full: a message, a command, an output, or what a
/// cell holds, as JSON text. What JSON cannot express (a map whose keys are
/// structs, a number of more than 64 bits) is one JSON string, with the value in
/// RON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Json(String);

impl Json {
    /// This value as JSON.
    pub fn of(value: &impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or_else(|_| {
            // Only a `Serialize` that refuses every format gets here without a text.
            ron::to_string(value).unwrap_or_else(|error| error.to_string()).into()
        });
        Self::from(&value)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn from_text(text: String) -> Self {
        Self(text)
    }

    pub(super) fn value(&self) -> Value {
        // The text was made of a value.
        serde_json::from_str(&self.0).expect("a value's own text")
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        Self(value.to_string())
    }
}
