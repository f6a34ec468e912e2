use std::fmt::{self, Display};
use std::hash::Hash;
use std::marker::PhantomData;

use indexmap::IndexMap;
use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, Visitor,
};

use super::diagnostic::Diagnostic;
use super::reader::Reader;
use super::reason::Reason;

/// Reads a value from a RON text; `file` is the name to show in a diagnostic.
///
/// `Some(x)` may be written `x`, a range only as a struct, and the only
/// attribute is `#![enable(implicit_some)]`, which changes nothing. Everything
/// in the text has to mean something: a field that the type ignores is refused,
/// whether or not it denies unknown fields, and so is anything after the value.
/// At most 128 values may be nested in one another.
///
/// A type that refuses its value with [`serde::de::Error::custom`] may tell
/// two things: the first line of the text is the message, the rest is help.
pub fn read<T: DeserializeOwned>(file: &str, source: &str) -> Result<T, Diagnostic> {
    let mut reader = Reader::new(source);
    let value = read_all(file, &mut reader)?;
    reader.ignored(file).map_or(Ok(value), Err)
}

/// The same, of a type that looks at a part of the file only: it may ignore fields.
pub(crate) fn read_part<T: DeserializeOwned>(file: &str, source: &str) -> Result<T, Diagnostic> {
    read_all(file, &mut Reader::new(source))
}

fn read_all<T: DeserializeOwned>(file: &str, reader: &mut Reader<'_>) -> Result<T, Diagnostic> {
    let value = reader.begin().and_then(|()| T::deserialize(&mut *reader));
    let value = value.and_then(|value| reader.end().map(|()| value));
    value.map_err(|mistake| reader.explain(file, mistake))
}

/// Reads a value from one line, such as one that a person has typed, where
/// nobody needs to be shown a place in a file.
pub fn read_line<T: DeserializeOwned>(line: &str) -> Result<T, Reason> {
    if line.trim().is_empty() {
        return Err(Reason::new("there is nothing on the line"));
    }
    read("", line).map_err(|diagnostic| {
        let message = match diagnostic.path() {
            "" => diagnostic.message().to_owned(),
            path => format!("{path}: {}", diagnostic.message()),
        };
        let expected = diagnostic.expected().map(|expected| format!("expected {expected}"));
        match diagnostic.help().map(str::to_owned).or(expected) {
            Some(help) => Reason::new(message).help(help),
            None => Reason::new(message),
        }
    })
}

/// Reads a map in the order of the file and refuses a key that appears twice.
///
/// For `#[serde(deserialize_with = "unique_map")]`; the map's own
/// deserialisation would silently keep the last value.
pub fn unique_map<'de, D, K, V>(deserializer: D) -> Result<IndexMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Display + Eq + Hash,
    V: Deserialize<'de>,
{
    deserializer.deserialize_map(UniqueMap(PhantomData))
}

struct UniqueMap<K, V>(PhantomData<(K, V)>);

impl<'de, K, V> Visitor<'de> for UniqueMap<K, V>
where
    K: Deserialize<'de> + Display + Eq + Hash,
    V: Deserialize<'de>,
{
    type Value = IndexMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut map = IndexMap::new();
        while let Some(key) = access.next_key_seed(NewKey(&map))? {
            map.insert(key, access.next_value()?);
        }
        Ok(map)
    }
}

/// Refuses a key while it is being read, when the reader still knows where it stands.
struct NewKey<'map, K, V>(&'map IndexMap<K, V>);

impl<'de, K: Deserialize<'de> + Display + Eq + Hash, V> DeserializeSeed<'de> for NewKey<'_, K, V> {
    type Value = K;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K, D::Error> {
        let key = K::deserialize(deserializer)?;
        if self.0.contains_key(&key) {
            return Err(D::Error::custom(format_args!("duplicate key `{key}`")));
        }
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    enum Ask {
        Say { to: u8 },
        Stop,
    }

    fn refusal(line: &str) -> String {
        read_line::<Ask>(line).expect_err("a wrong line").to_string()
    }

    #[test]
    fn a_line_is_a_value_as_files_write_it() {
        assert_eq!(read_line(" Say(to: 1)\n"), Ok(Ask::Say { to: 1 }));
        assert_eq!(read_line("Stop"), Ok(Ask::Stop));
    }

    #[test]
    fn a_wrong_line_is_told_in_one_line_with_a_remedy() {
        assert_eq!(refusal("Stpo"), "unknown variant `Stpo` (did you mean `Stop`?)");
        assert_eq!(refusal("hello"), "unknown variant `hello` (expected `Say` or `Stop`)");
        assert_eq!(refusal("Say(to: x)"), "Say.to: wrong type of value (expected an integer)");
        assert_eq!(refusal("Stop, Stop"), "something follows after the end of the value");
        assert_eq!(refusal("  "), "there is nothing on the line");
    }
}
