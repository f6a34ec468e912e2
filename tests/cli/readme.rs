//! The hunt in the README is what the program prints.

use rehearsal::Exit;

use super::Folder;

/// The blocks of text behind a heading of the README.
fn shown(heading: &str) -> Vec<&'static str> {
    let readme = include_str!("../../README.md");
    let section = readme.split(heading).nth(1).expect("the heading is there");
    let section = section.split("\n## ").next().unwrap_or_default();
    let blocks = section.split("```text\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default()).collect()
}

/// Every line of the block, in its order; `...` stands for any number of lines.
#[track_caller]
fn assert_shows(block: &str, printed: &str) {
    let mut lines = printed.lines();
    for part in block.split("...\n") {
        let mut part = part.lines();
        if let Some(first) = part.next() {
            assert!(lines.any(|line| line == first), "`{first}` is not printed here:\n{printed}");
        }
        for shown in part {
            assert_eq!(lines.next(), Some(shown), "in:\n{printed}");
        }
    }
}

#[test]
fn the_hunt_of_the_readme_is_what_is_printed() {
    let folder = Folder::new()
        .file("lunch.ron", include_str!("../../scenarios/script/lunch.ron"))
        .file("lunch.txt", include_str!("../../scenarios/script/lunch.txt"));
    let blocks = shown("\n## Find a bug, and see its cause\n");
    let swept = folder.ends("sweep ./lunch.ron", Exit::Violated);
    // The place of a plan says where its scenario lies.
    let names_plan = |line: &&str| !line.contains("again: ");
    let without_plans = |text: &str| {
        text.lines().filter(names_plan).map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_eq!(without_plans(blocks[0]), without_plans(&swept));
    folder.ends("run ./lunch.ron --seed 4 --plan ./p.ron", Exit::Violated);
    assert_shows(blocks[1], &folder.ends("shrink ./p.ron", Exit::Held));
}
