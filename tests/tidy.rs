//! House rules that no compiler checks.

use std::fs;
use std::path::{Path, PathBuf};

/// A file with more lines has a second reason to change.
const MOST_LINES: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the project, without what builds and versions leave.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    paths.sort();
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !matches!(
            name.as_ref(),
            "target" | ".git" | "node_modules" | "rehearsal-failures" | "proptest-regressions"
        )
    };
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    paths.into_iter().filter(is_ours).flat_map(below).collect()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).expect("it is below the root").to_string_lossy().into_owned()
}

fn texts(extensions: &[&str]) -> Vec<(String, String)> {
    let has_extension = |path: &PathBuf| {
        path.extension().is_some_and(|found| extensions.iter().any(|e| found == *e))
    };
    let paths = files(root()).into_iter().filter(has_extension);
    paths.map(|path| (relative(&path), fs::read_to_string(&path).expect("it is text"))).collect()
}

/// Files of these kinds that have a line which the rule is against.
fn against(extensions: &[&str], rule: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in texts(extensions) {
        for (number, line) in (1..).zip(text.lines()) {
            if rule(&path, line) {
                found.push(format!("{path}:{number}: {line}"));
            }
        }
    }
    found
}

#[test]
fn no_source_file_has_grown_a_second_reason_to_change() {
    let long: Vec<_> = texts(&["rs", "js", "css", "html"])
        .into_iter()
        .filter(|(_, text)| text.lines().count() > MOST_LINES)
        .map(|(path, text)| format!("{path}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "over {MOST_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn every_scenario_has_a_snapshot_and_every_snapshot_a_scenario() {
    let names = |folder: &str, extension: &str| -> Vec<String> {
        let all = files(&root().join(folder)).into_iter();
        let wanted = all.filter(|path| path.extension().is_some_and(|found| found == extension));
        wanted.map(|path| relative(&path.with_extension("")).replacen(folder, "", 1)).collect()
    };
    assert_eq!(names("scenarios", "ron"), names("snapshots", "snap"));
}

#[test]
fn every_scenario_opens_with_a_comment_and_its_claim() {
    for (path, text) in
        texts(&["ron"]).into_iter().filter(|(path, _)| path.starts_with("scenarios"))
    {
        let mut lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
        let claim = (lines.next(), lines.next());
        assert!(text.starts_with("//"), "{path} says nothing before it begins");
        // A plan has its scenario inside.
        let is_plan = path.starts_with("scenarios/regressions");
        assert!(
            is_plan
                || claim.0 == Some("(") && claim.1.is_some_and(|line| line.starts_with("claim: ")),
            "{path}"
        );
    }
}

/// A scenario that waits in vain for what it is to show passes without a meaning.
#[test]
fn no_story_tells_of_something_never_true_but_the_one_that_shows_how_that_looks() {
    let vacuous = against(&["snap"], |path, line| {
        path != "snapshots/faults/sometimes.snap" && line.trim_start().starts_with("never ")
    });
    assert!(vacuous.is_empty(), "{}", vacuous.join("\n"));
    let shown = against(&["snap"], |_, line| line.trim_start().starts_with("never "));
    assert_eq!(shown.len(), 1, "`never true: ..` is told in other words: {shown:?}");
}

#[test]
fn a_stories_lines_fit_a_terminal() {
    let long =
        against(&["snap"], |_, line| line.chars().count() > 80 && !line.starts_with("digest"));
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn no_line_ends_in_blanks() {
    let blank =
        against(&["rs", "ron", "toml", "md", "snap", "js", "css", "html", "sh"], |_, line| {
            line != line.trim_end()
        });
    assert!(blank.is_empty(), "{}", blank.join("\n"));
}

/// What clippy bans by type it bans everywhere; what is only banned in places is here.
#[test]
fn the_pure_crates_neither_print_nor_wait_nor_spawn() {
    let banned = [
        "println!",
        "eprintln!",
        "print!(",
        "std::thread::",
        "std::net",
        "async fn",
        "as f32",
        "as f64",
    ];
    let found = against(&["rs"], |path, line| {
        let is_pure =
            ["machine/src", "protocol/src", "sim/src"].iter().any(|pure| path.starts_with(pure));
        let is_test = path.contains("test") || path.contains("laws") || path.contains("golden");
        // Whole runs side by side are no part of a run.
        let is_pure = is_pure && path != "sim/src/parallel.rs";
        let code = line.split("//").next().unwrap_or_default();
        is_pure && !is_test && banned.iter().any(|word| code.contains(word))
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn machines_are_no_std_and_depend_on_the_kernel_and_serde_alone() {
    for (folder, expected) in
        [("machine", &["serde"][..]), ("protocol", &["rehearsal-machine", "serde"])]
    {
        let read = |path: &str| fs::read_to_string(root().join(folder).join(path));
        assert!(read("src/lib.rs").expect("a crate").contains("#![no_std]"), "{folder}");
        let manifest = read("Cargo.toml").expect("a manifest");
        let dependencies = manifest.split("[dependencies]").nth(1).expect("a section");
        let dependencies = dependencies.trim_start().lines().take_while(|line| !line.is_empty());
        let names = dependencies.map(|line| line.split(['.', ' ']).next().unwrap_or_default());
        assert_eq!(names.collect::<Vec<_>>(), expected, "{folder}");
    }
}

#[test]
fn without_its_features_the_facade_is_the_kernel_and_the_simulator() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    let dependencies = manifest.split("\n[dependencies]\n").nth(1).expect("a section");
    let needed = dependencies.lines().take_while(|line| !line.is_empty());
    let needed = needed.filter(|line| !line.contains("optional = true"));
    let names = needed.map(|line| line.split(['.', ' ']).next().unwrap_or_default());
    assert_eq!(names.collect::<Vec<_>>(), ["rehearsal-machine", "rehearsal-sim"]);
}

#[test]
fn the_command_line_and_real_nodes_know_no_protocol_that_comes_along() {
    let found = against(&["rs"], |path, line| {
        let is_generic = path.starts_with("src/cli/") || path.starts_with("src/real/");
        let code = line.split("//").next().unwrap_or_default();
        is_generic && ["shipped", "rehearsal_protocol"].iter().any(|word| code.contains(word))
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn there_is_one_clippy_toml() {
    let found: Vec<_> = files(root()).iter().map(|path| relative(path)).collect();
    let found: Vec<_> = found.iter().filter(|path| path.ends_with("clippy.toml")).collect();
    assert_eq!(found, ["clippy.toml"], "a nearer one silently replaces the root's");
}

#[test]
fn nothing_is_left_undone_or_switched_off() {
    // Spelt apart, so that this file passes its own test.
    let banned = [
        ["todo", "!("],
        ["unimpl", "emented!("],
        ["dbg", "!("],
        ["#[ig", "nore"],
        ["thread::", "sleep("],
    ];
    let found = against(&["rs"], |_, line| banned.iter().any(|word| line.contains(&word.concat())));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Plain modern English, in what users and readers see.
#[test]
fn no_page_or_comment_is_written_in_old_words() {
    let banned = ["whom", "whoever", "whomever", "shall", "for ever"];
    let quoted = ["\"what shall I do?\"", "`Whom` is `Target`"];
    let found = against(&["rs", "md", "ron"], |path, line| {
        let line = quoted
            .iter()
            .fold(line.to_lowercase(), |line, words| line.replace(&words.to_lowercase(), ""));
        // A phrase of two words is one of two words in a row.
        let words: Vec<_> = line.split(|letter: char| !letter.is_alphanumeric()).collect();
        let is_old = |word: &str| banned.contains(&word);
        let pairs = words.windows(2).any(|pair| is_old(&pair.join(" ")));
        !path.contains("tests") && (pairs || words.iter().any(|word| is_old(word)))
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}
