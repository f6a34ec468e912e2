use proptest::prelude::*;

use super::*;
use crate::source::{Path, locate};

fn found(path: &Path) -> &'static str {
    locate(VALID, path).map_or("nothing", |range| &VALID[range])
}

fn fault(index: usize) -> Path {
    Path::root().field("faults").index(index)
}

#[test]
fn fields_keys_elements_and_variants_are_stepped_into() {
    let root = Path::root();
    assert_eq!(found(&root.field("claim")), "r#\"Nothing \"breaks\".\"#");
    assert_eq!(found(&root.field("network").field("loss")), "\"3/100\"");
    assert_eq!(found(&fault(0)), "(at: \"0ms\", do: Crash(4))");
    assert_eq!(found(&fault(0).field("do")), "Crash(4)");
    assert_eq!(found(&fault(0).field("do").field("Crash")), "4");
    let partition = fault(1).field("do").field("Partition");
    assert_eq!(found(&partition), "[[1, 2], [3]]");
    assert_eq!(found(&partition.index(0)), "[1, 2]");
    assert_eq!(found(&partition.index(1).index(0)), "3");
    assert_eq!(found(&fault(2).field("do").field("Slow").field("by")), "\"500us\"");
    assert_eq!(found(&fault(3).field("do").field("Swap").index(1)), "2");
    assert_eq!(found(&fault(4).field("do").field("Lose")), "Lose");
    assert_eq!(found(&root.field("configs").field("größe")), "1");
    assert_eq!(found(&root.field("configs").field("it\"s, (here)")), "2");
    assert_eq!(found(&root.field("until")), "Some(\"3s\")");
    assert_eq!(found(&root.field("wrapped").index(1)), "8");
    assert_eq!(found(&root.field("wrapped").index(0)), "7");
    assert_eq!(found(&root.field("pair").index(0)), "1");
}

#[test]
fn a_path_that_leads_nowhere_ends_at_the_deepest_value() {
    assert_eq!(found(&Path::root().field("pair").index(5).field("x")), "(1, true)");
    assert_eq!(found(&fault(9)), found(&Path::root().field("faults")));
    assert!(found(&Path::root().field("nothing")).starts_with("Everything("));
    assert_eq!(locate("  // nothing\n", &Path::root()), None);
}

#[test]
fn a_path_prints_as_a_person_writes_it() {
    let path = fault(0).field("do").field("Partition").index(1).index(0);
    assert_eq!(path.to_string(), "faults[0].do.Partition[1][0]");
    assert_eq!(Path::root().to_string(), "");
}

/// A value whose RON text can be found again by a path.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Leaf(i64),
    Text(String),
    List(Vec<Self>),
    Pair(Box<(Self, Self)>),
    Named(Vec<(String, Self)>),
    Keyed(Vec<(String, Self)>),
    Variant(Box<Self>),
    Optional(Box<Self>),
}

/// Comments, strings and separators that a careless walker would stumble over.
const BLANKS: [&str; 4] = ["", " ", "/* ) /* , */ \" */", "// ' ]\n"];

impl Tree {
    /// Appends its text, and notes the path and text of every value in it.
    fn write(&self, path: &Path, text: &mut String, notes: &mut Vec<(Path, String)>) {
        let blank = BLANKS[(text.len() + notes.len()) % BLANKS.len()];
        text.push_str(blank);
        let start = text.len();
        let note = notes.len();
        notes.push((path.clone(), String::new()));
        match self {
            Self::Leaf(number) => text.push_str(&number.to_string()),
            Self::Text(content) => text.push_str(&ron::to_string(content).expect("a string")),
            Self::List(values) => {
                text.push('[');
                for (index, value) in values.iter().enumerate() {
                    value.write(&path.index(index), text, notes);
                    text.push(',');
                }
                text.push(']');
            }
            Self::Pair(values) => {
                text.push('(');
                values.0.write(&path.index(0), text, notes);
                text.push(',');
                values.1.write(&path.index(1), text, notes);
                text.push(')');
            }
            Self::Named(fields) => {
                text.push_str("Struct(");
                for (name, value) in fields {
                    text.push_str(name);
                    text.push(':');
                    value.write(&path.field(name.as_str()), text, notes);
                    text.push(',');
                }
                text.push(')');
            }
            Self::Keyed(entries) => {
                text.push('{');
                for (key, value) in entries {
                    text.push_str(&ron::to_string(key).expect("a string"));
                    text.push(':');
                    value.write(&path.field(key.as_str()), text, notes);
                    text.push(',');
                }
                text.push('}');
            }
            Self::Variant(value) => {
                text.push_str("Variant(");
                value.write(&path.field("Variant"), text, notes);
                text.push(')');
            }
            Self::Optional(value) => {
                text.push_str("Some(");
                let mut inner = Vec::new();
                value.write(path, text, &mut inner);
                notes.extend(inner.into_iter().skip(1));
                text.push(')');
            }
        }
        notes[note].1 = text[start..].to_owned();
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![any::<i64>().prop_map(Tree::Leaf), ".{0,6}".prop_map(Tree::Text)];
    let named = |name: &'static str, inner: BoxedStrategy<Tree>| {
        prop::collection::btree_map(name, inner, 0..4).prop_map(|map| map.into_iter().collect())
    };
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Tree::List),
            (inner.clone(), inner.clone()).prop_map(|pair| Tree::Pair(Box::new(pair))),
            named("[a-z_]{1,4}", inner.clone().boxed()).prop_map(Tree::Named),
            named("[ -~é]{0,4}", inner.clone().boxed()).prop_map(Tree::Keyed),
            inner.clone().prop_map(|value| Tree::Variant(Box::new(value))),
            inner.prop_map(|value| Tree::Optional(Box::new(value))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_of_a_valid_text_is_found_by_its_path(tree in tree()) {
        let (mut text, mut notes) = (String::new(), Vec::new());
        tree.write(&Path::root(), &mut text, &mut notes);
        prop_assert!(ron::from_str::<ron::Value>(&text).is_ok(), "{}", text);
        for (path, value) in notes {
            let range = locate(&text, &path);
            prop_assert_eq!(range.map(|range| &text[range]), Some(value.as_str()), "{} in {}", path, text);
        }
    }
}
