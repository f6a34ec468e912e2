//! What README.md shows is what happens.

use std::path::Path;

#[expect(dead_code, reason = "cargo runs its `main`")]
#[path = "../../examples/ping_pong.rs"]
mod ping_pong;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).expect("a file of the project can be read")
}

/// The block of this language in the page, counted from 0.
fn block(page: &str, language: &str, which: usize) -> String {
    super::blocks(&read(page), language).swap_remove(which).1
}

/// The excerpt, whose `...` stand for lines left out, is in the whole, in order.
#[track_caller]
fn is_excerpt(excerpt: &str, whole: &str) {
    let mut rest = whole;
    for part in excerpt.split("...\n") {
        let at = rest.find(part).unwrap_or_else(|| panic!("not in the story:\n{part}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn the_failing_story_is_the_snapshots() {
    let story = block("README.md", "text", 0);
    is_excerpt(&story, &read("snapshots/script/first-ack-lost-as-printed.snap"));
}

#[test]
fn the_machine_is_the_examples() {
    let machine = block("README.md", "rust", 0);
    assert!(read("examples/ping_pong.rs").contains(machine.trim_end()), "{machine}");
    let scenarios = super::blocks(&read("README.md"), "ron").into_iter();
    assert!(scenarios.map(|(_, scenario)| scenario).eq([read("examples/ping_pong.ron")]));
}

#[test]
fn the_machine_fails_as_shown() {
    // The hunt before it has two blocks, which the tests of the command line compare.
    is_excerpt(&block("README.md", "text", 3), &ping_pong::story());
}

#[test]
fn the_guide_shows_the_program_that_is_tested_in_at_most_100_lines() {
    let program = read("tests/reference/your_own.rs");
    assert_eq!(block("docs/your-own.md", "rust", 0), program);
    assert!(program.lines().count() <= 100);
}
