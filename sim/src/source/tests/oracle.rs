//! The `ron` crate as the oracle: what it reads is read alike, what it refuses is refused.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::path::Path;
use std::sync::LazyLock;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;
use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::de::{DeserializeOwned, EnumAccess, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::source::read;

/// Every kind of type that serde knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rich {
    signed: (i8, i16, i32, i64),
    unsigned: (u8, u16, u32, u64),
    floats: (f32, f64),
    truth: bool,
    letter: char,
    text: String,
    r#type: (),
    nothing: Nothing,
    wrapped: Wrapped,
    pair: Pair,
    #[expect(clippy::option_option, reason = "a file may say `Some(None)`")]
    maybe: Option<Option<u8>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    optional: Option<Wrapped>,
    choices: Vec<Choice>,
    by_text: BTreeMap<String, u8>,
    by_letter: BTreeMap<char, Choice>,
    by_pair: BTreeMap<(u8, bool), String>,
    untagged: Vec<Untagged>,
    tagged: Vec<Tagged>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Nothing;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(Vec<u16>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pair(i64, String);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Choice {
    Unit,
    One(u32),
    Two(u8, char),
    Fields { first: bool, second: Option<String> },
    Nested(Box<Self>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
    Choice(Choice),
    Text(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Small { size: u8 },
    Large { choice: Choice, name: String },
}

fn choice() -> impl Strategy<Value = Choice> {
    let leaf = prop_oneof![
        Just(Choice::Unit),
        any::<u32>().prop_map(Choice::One),
        any::<(u8, char)>().prop_map(|(number, letter)| Choice::Two(number, letter)),
        any::<(bool, Option<String>)>()
            .prop_map(|(first, second)| Choice::Fields { first, second }),
    ];
    leaf.prop_recursive(3, 3, 1, |inner| inner.prop_map(|inner| Choice::Nested(Box::new(inner))))
}

prop_compose! {
    fn rich()(
        signed in any::<(i8, i16, i32, i64)>(),
        unsigned in any::<(u8, u16, u32, u64)>(),
        floats in any::<(f32, f64)>(),
        (truth, letter, text) in any::<(bool, char, String)>(),
        wrapped in vec(any::<u16>(), 0..3),
        pair in any::<(i64, String)>(),
        maybe in any::<Option<u8>>(),
        optional in any::<Option<[u16; 2]>>(),
        choices in vec(choice(), 0..4),
        by_text in btree_map(any::<String>(), any::<u8>(), 0..3),
        by_letter in btree_map(any::<char>(), choice(), 0..3),
        by_pair in btree_map(any::<(u8, bool)>(), any::<String>(), 0..3),
        untagged in vec(prop_oneof![
            any::<u8>().prop_map(Untagged::Number),
            choice().prop_map(Untagged::Choice),
            any::<String>().prop_map(Untagged::Text),
        ], 0..3),
        tagged in vec(prop_oneof![
            any::<u8>().prop_map(|size| Tagged::Small { size }),
            (choice(), any::<String>()).prop_map(|(choice, name)| Tagged::Large { choice, name }),
        ], 0..2),
    ) -> Rich {
        Rich {
            signed, unsigned, floats, truth, letter, text, r#type: (), nothing: Nothing,
            wrapped: Wrapped(wrapped), pair: Pair(pair.0, pair.1), maybe: maybe.map(Some),
            optional: optional.map(|numbers| Wrapped(numbers.to_vec())), choices, by_text,
            by_letter, by_pair, untagged, tagged,
        }
    }
}

/// The ways in which `ron` can write a value.
fn style() -> impl Strategy<Value = PrettyConfig> {
    let switches = any::<(bool, bool, bool, bool, bool)>();
    (switches, 0_usize..5).prop_map(|((names, escapes, compact, suffixes, implicit), depth)| {
        let extensions = if implicit { Extensions::IMPLICIT_SOME } else { Extensions::empty() };
        PrettyConfig::new()
            .struct_names(names)
            .escape_strings(escapes)
            .compact_arrays(compact)
            .number_suffixes(suffixes)
            .depth_limit(depth)
            .extensions(extensions)
    })
}

fn oracle() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

/// Whether both readers make the same of a text.
fn agree<T: DeserializeOwned + Debug>(text: &str) -> Result<(), TestCaseError> {
    match (read::<T>("x.ron", text), oracle().from_str::<T>(text)) {
        (Ok(ours), Ok(theirs)) => prop_assert_eq!(format!("{ours:?}"), format!("{theirs:?}")),
        (Ok(ours), Err(theirs)) => prop_assert!(false, "{text}\n{ours:?}, but {theirs}"),
        (Err(_), Ok(_)) if is_beyond_us(text) => {}
        (Err(ours), Ok(theirs)) => prop_assert!(false, "{theirs:?}, but {ours}"),
        (Err(_), Err(_)) => {}
    }
    Ok(())
}

/// What `ron` reads and we refuse: a range written `1..5`, and `Some` before a value without
/// parentheses, which it skips.
fn is_beyond_us(text: &str) -> bool {
    let is_bare = |after: &str| !after.trim_start().starts_with('(');
    text.contains("..") || text.split("Some").skip(1).any(is_bare)
}

/// Some bytes of a text replaced, inserted, removed or doubled.
fn mutated() -> impl Strategy<Value = Vec<(Index, String, u8)>> {
    let piece = prop_oneof![
        4 => "[(){}\\[\\],:\"'#rb_.+\\-0-9a-fnxi/* \n]",
        1 => prop::sample::select(vec!["Some(", "None", "true", "r#", "//", "/*", "*/", "\\u{41}", "()", "1.5", "-1", "0x1F", "u8", "Some", "\\x41"]).prop_map(str::to_owned),
    ];
    vec((any::<Index>(), piece, 0_u8..4), 1..4)
}

fn mutate(text: &str, mutations: Vec<(Index, String, u8)>) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (place, piece, kind) in mutations {
        let place = place.index(text.len().max(1)).min(text.len());
        let end = (place + 1 + piece.len()).min(text.len());
        match kind {
            0 => drop(text.splice(place..end.min(place + 1), piece.chars())),
            1 => drop(text.splice(place..place, piece.chars())),
            2 => drop(text.drain(place..end)),
            _ => drop(text.splice(place..place, text[place..end].to_vec())),
        }
    }
    text.into_iter().collect()
}

/// Any value, as far as RON tells what it is.
#[derive(Debug)]
#[expect(dead_code, reason = "what is in it is compared as text")]
enum Any {
    Unit,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Char(char),
    Text(String),
    Bytes(Vec<u8>),
    None,
    Some(Box<Self>),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor)
    }
}

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Any;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Any, E> {
        Ok(Any::Unit)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Any, E> {
        Ok(Any::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Any, E> {
        Ok(Any::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Any, E> {
        Ok(Any::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Any, E> {
        Ok(Any::Float(value))
    }

    fn visit_char<E>(self, value: char) -> Result<Any, E> {
        Ok(Any::Char(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Any, E> {
        Ok(Any::Text(value.to_owned()))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Any, E> {
        Ok(Any::Bytes(value.to_vec()))
    }

    fn visit_none<E>(self) -> Result<Any, E> {
        Ok(Any::None)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Any, D::Error> {
        Any::deserialize(inner).map(Box::new).map(Any::Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Any, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Any::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Any, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Any::Map(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Any, A::Error> {
        Err(serde::de::Error::custom("RON does not say that a value is an enum's"))
    }
}

/// The texts of all scenarios that come along.
static SCENARIOS: LazyLock<Vec<String>> = LazyLock::new(|| {
    fn add(folder: &Path, texts: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                add(&path, texts);
            } else if path.extension().is_some_and(|extension| extension == "ron") {
                texts.push(std::fs::read_to_string(path).expect("it is text"));
            }
        }
    }
    let mut texts = Vec::new();
    add(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios"), &mut texts);
    texts.sort();
    texts
});

#[test]
fn every_scenario_that_comes_along_is_read_alike() {
    assert!(SCENARIOS.len() > 20, "they have moved");
    for text in SCENARIOS.iter() {
        let ours = read::<Any>("x.ron", text).expect("it is valid");
        let theirs: Any = oracle().from_str(text).expect("it is valid");
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    }
}

const NUMBER: &str = "[-+]?(0[box])?[0-9]{0,4}[0-9a-fA-F_]{0,4}(\\.[0-9_]{0,3})?([eE][-+]?[0-9_]{0,3})?(u8|i8|u16|i64|u64|f32|f64|)|[-+]?(inf|NaN)(f32|f64|)|b'.{1,4}'|b'\\\\(x[0-9a-f]{0,3}|[0nq\\\\'u])'|[0-9]{18,21}";
const QUOTED: &str = "b?r?#{0,2}\"([a-zé\"#\\\\ \n]|\\\\[\"'\\\\nrt0xuq]|\\\\x[0-9a-f]{0,3}|\\\\xc3\\\\xa9|\\\\u\\{[0-9a-f]{0,7}\\}|\\\\\r?\n)*\"?#{0,2}|'(.|\\\\.|\\\\x[0-9a-f]{2}|\\\\u\\{[0-9a-f]{1,6}\\}|''|.{2})'?";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_is_read_back_as_the_oracle_reads_it(value in rich(), style in style()) {
        let text = oracle().to_string_pretty(&value, style).expect("it can be written");
        let ours = read::<Rich>("x.ron", &text);
        prop_assert_eq!(ours.as_ref().ok(), Some(&value), "{:?}", ours.as_ref().err());
        agree::<Rich>(&text)?;
        agree::<Any>(&text)?;
    }

    #[test]
    fn a_value_with_a_mistake_is_refused_if_the_oracle_refuses_it(
        value in rich(), style in style(), mutations in mutated(),
    ) {
        let text = oracle().to_string_pretty(&value, style).expect("it can be written");
        let text = mutate(&text, mutations);
        agree::<Rich>(&text)?;
        agree::<Any>(&text)?;
    }

    #[test]
    fn a_scenario_with_a_mistake_is_refused_if_the_oracle_refuses_it(
        scenario in any::<Index>(), mutations in mutated(),
    ) {
        agree::<Any>(&mutate(scenario.get::<String>(&SCENARIOS), mutations))?;
    }

    #[test]
    fn a_number_is_what_the_oracle_says(text in NUMBER) {
        agree::<i8>(&text)?;
        agree::<i16>(&text)?;
        agree::<i64>(&text)?;
        agree::<u8>(&text)?;
        agree::<u64>(&text)?;
        agree::<f32>(&text)?;
        agree::<f64>(&text)?;
        agree::<Any>(&text)?;
    }

    #[test]
    fn a_string_or_a_character_is_what_the_oracle_says(text in QUOTED) {
        agree::<String>(&text)?;
        agree::<char>(&text)?;
        agree::<Any>(&text)?;
    }
}
