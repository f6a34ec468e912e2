use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::source::{Path, Segment, locate};

/// Texts made of what RON is made of, so that most get past the first token.
fn almost_ron() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[(){}\\[\\],:\"'#r/*b\\\\ \n\r\t-]",
        2 => prop::sample::select(vec!["claim", "nodes", "faults", "do", "Some(", "r#\"", "//", "/*", "\"c\"", "Crash", "4", "#![", "\r\n", "ä"]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn valid_with_a_byte_changed() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0_u8..3);
    vec(change, 1..4).prop_map(|changes| {
        let mut bytes = VALID.as_bytes().to_vec();
        for (place, byte, kind) in changes {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = byte & 0x7f,
                1 => bytes.insert(place, byte & 0x7f),
                _ => drop(bytes.remove(place)),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn any_path() -> impl Strategy<Value = Path> {
    let name = prop::sample::select(vec!["claim", "nodes", "faults", "do", "Some", "Crash", ""]);
    let segment = prop_oneof![
        name.prop_map(|name| Segment::Field(name.to_owned())),
        (0_usize..3).prop_map(Segment::Index),
    ];
    vec(segment, 0..6).prop_map(|segments| {
        segments.into_iter().fold(Path::root(), |path, segment| match segment {
            Segment::Field(name) => path.field(name),
            Segment::Index(index) => path.index(index),
        })
    })
}

/// Reads a text that may well be wrong; if it is, its diagnostic must hold together.
fn check(source: &str) -> Result<(), TestCaseError> {
    if let Err(found) = read::<Everything>("x.ron", source) {
        prop_assert!(source.get(found.span()).is_some());
        let (line, column) = found.line_column();
        let rendered = found.render();
        let first_line = rendered.lines().next().unwrap_or_default();
        prop_assert!(first_line.ends_with(&format!("x.ron:{line}:{column}")), "{}", rendered);
        prop_assert!(rendered.contains('^'), "{}", rendered);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(source in ".*") {
        check(&source)?;
    }

    #[test]
    fn any_text_that_looks_like_ron_is_read_or_refused(source in almost_ron()) {
        check(&source)?;
        check(&format!("(claim: \"c\", nodes: 3, {source}"))?;
    }

    #[test]
    fn a_valid_file_with_bytes_changed_is_read_or_refused(source in valid_with_a_byte_changed()) {
        check(&source)?;
    }

    #[test]
    fn any_path_in_any_text_is_located_within_it(source in almost_ron(), path in any_path()) {
        if let Some(range) = locate(&source, &path) {
            prop_assert!(source.get(range).is_some());
        }
    }

    #[test]
    fn any_span_of_any_text_can_be_shown(source in almost_ron(), start in 0_usize..99, end in 0_usize..99) {
        let found = Diagnostic::new("x.ron", &source, start..end, "here");
        let (line, column) = found.line_column();
        let place = format!("x.ron:{line}:{column}");
        prop_assert!(found.render().lines().next().is_some_and(|first| first.ends_with(&place)));
    }
}

#[test]
fn brackets_nested_very_deeply_are_refused_and_located() {
    let deep = format!("(claim: {}", "[(".repeat(50_000));
    assert!(mistake(&deep).message().len() < 200);
    let path = (0..200).fold(Path::root().field("claim"), |path, _| path.index(0));
    assert!(locate(&deep, &path).is_some());
    for text in [
        format!("(lax: (depth: 1, width: {}", "(".repeat(100_000)),
        format!("(lax: (depth: 1, width: {}{}))", "(".repeat(100_000), ")".repeat(100_000)),
    ] {
        assert_eq!(mistake(&text).message(), "this is nested too deeply");
    }
}

/// Nested as deeply as a file says.
#[derive(Debug, Deserialize, PartialEq)]
enum Nest {
    In(Box<Self>),
    Fields { inner: Box<Self> },
    List(Vec<Self>),
    End,
}

#[test]
fn a_type_that_nests_in_itself_is_read_up_to_a_bound() {
    for (open, close) in [("In(", ")"), ("Fields(inner: ", ")"), ("List([", "])")] {
        let nested = |depth: usize| format!("{}End{}", open.repeat(depth), close.repeat(depth));
        let mut read_back = read::<Nest>("x.ron", &nested(60)).expect("it is not too deep");
        for _ in 0..60 {
            read_back = match read_back {
                Nest::In(inner) | Nest::Fields { inner } => *inner,
                Nest::List(mut inner) => inner.remove(0),
                Nest::End => panic!("too early"),
            };
        }
        assert_eq!(read_back, Nest::End);
        for depth in [200, 100_000] {
            let found = read::<Nest>("x.ron", &nested(depth)).expect_err("it is too deep");
            assert_eq!(found.message(), "this is nested too deeply");
        }
    }
}
