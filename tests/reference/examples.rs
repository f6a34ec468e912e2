//! Every example is read as a reader of the page would use it.

use super::{Page, pages};

/// A whole file, or fields of the first one.
pub(super) fn source(page: &Page, example: &str) -> String {
    if example.starts_with('(') { example.to_owned() } else { page.with(example) }
}

#[test]
fn every_example_of_the_reference_is_right() {
    for page in pages() {
        assert!(page.examples.len() > 2);
        for (line, example) in &page.examples {
            let read = (page.read)(&source(&page, example));
            assert!(read.is_ok(), "the example at line {line}:\n{}", read.unwrap_err());
        }
    }
}

#[test]
fn a_wrong_example_would_be_found() {
    for page in pages() {
        for (line, example) in &page.examples {
            let (first, rest) = example.trim_start_matches("(\n").split_once(':').expect("a field");
            let wrong = format!("{}x:{rest}", first.trim_start());
            let wrong = if example.starts_with('(') { format!("(\n{wrong}") } else { wrong };
            assert!((page.read)(&source(&page, &wrong)).is_err(), "line {line}");
        }
    }
}

#[test]
fn no_block_of_code_is_left_unread() {
    for page in pages() {
        let fences = page.text.lines().filter(|line| line.starts_with("```")).count();
        assert_eq!(fences, 2 * page.examples.len());
    }
}
