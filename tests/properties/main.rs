//! Every property of every shipped protocol is true in one world and false in
//! another: a property that cannot fail, or cannot hold, says nothing.

mod chat;
mod deadlock;
mod election;
mod script;

use std::fs;
use std::path::Path;

use rehearsal::Exit;
use rehearsal::shipped::cli;

/// A stock scenario, perhaps changed in places. What it expects is left out.
struct World {
    name: &'static str,
    text: String,
    /// A bug that is planted in its nodes.
    bug: Option<&'static str>,
}

/// The world of this stock scenario.
fn stock(name: &'static str) -> World {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    let text = fs::read_to_string(path.with_extension("ron")).expect("a stock scenario");
    let (text, _) = text.rsplit_once("expect: [").expect("it expects something");
    World { name, text: text.to_owned(), bug: None }
}

impl World {
    /// The same with this in place of that, which it must have.
    #[track_caller]
    fn with(self, old: &str, new: &str) -> Self {
        assert!(self.text.contains(old), "{} has no `{old}`", self.name);
        Self { text: self.text.replacen(old, new, 1), ..self }
    }

    /// The same with this bug planted in its nodes.
    fn bug(self, name: &'static str) -> Self {
        Self { bug: Some(name), ..self }
    }

    /// Is this a build that can plant its bug?
    fn is_possible(&self) -> bool {
        self.bug.is_none() || cfg!(feature = "mutants")
    }

    /// The same with one more fault, or with the first.
    #[track_caller]
    fn fault(self, fault: &str) -> Self {
        if self.text.contains("faults: [") {
            self.with("faults: [", &format!("faults: [{fault}, "))
        } else {
            self.with("network: (", &format!("faults: [{fault}], network: ("))
        }
    }

    /// The same, in which a node forgets at this time, in milliseconds, all that it has saved.
    #[track_caller]
    fn wiped(self, node: u32, at: u32) -> Self {
        let wiped = format!("Bounce(node: {node}, down: \"1ms\", disk: Wiped)");
        self.fault(&format!("(at: \"{at}ms\", do: {wiped})"))
    }

    /// How a run ends that expects this, and what is printed.
    fn run(&self, expect: &str) -> (Exit, String) {
        let stock = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let folder = tempfile::tempdir().expect("a folder");
        let (group, _) = self.name.split_once('/').expect("it lies in a folder");
        for entry in fs::read_dir(stock.join(group)).expect("it can be read") {
            let path = entry.expect("it can be read").path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                let name = path.file_name().expect("a file has a name");
                fs::copy(&path, folder.path().join(name)).expect("room");
            }
        }
        let file = folder.path().join("world.ron");
        fs::write(&file, format!("{}expect: [{expect}])", self.text)).expect("room");
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let file = file.display().to_string();
        let bug = self.bug.map(|name| ["--mutant", name]);
        let arguments = ["rehearsal", "run", file.as_str()];
        let arguments = arguments.into_iter().chain(bug.into_iter().flatten());
        let exit = cli().run(arguments, &mut out, &mut err);
        let text = [out, err].concat();
        (exit, String::from_utf8(text).expect("what is printed is UTF-8"))
    }
}

/// An expectation, a world in which it holds, one in which it does not, and why.
type Row = (&'static str, World, World, &'static str);

/// Each expectation holds in the one world and fails in the other for the reason
/// that is given; together they are about all properties of the protocol.
#[track_caller]
fn assert_true_and_false(rows: &[Row]) {
    for (expect, holds_in, fails_in, reason) in rows {
        let (exit, text) = holds_in.run(expect);
        assert_eq!(exit, Exit::Held, "{expect} in {}:\n{text}", holds_in.name);
        if !fails_in.is_possible() {
            continue;
        }
        let (exit, text) = fails_in.run(expect);
        assert_eq!(exit, Exit::Violated, "{expect} in {}:\n{text}", fails_in.name);
        // Nothing else is expected. A long line is broken, perhaps within the reason.
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, failure) = words.split_once("FAIL ").expect("a violation is told");
        assert!(failure.contains(&format!(": {reason}")), "not `{reason}`:\n{text}");
        let (_, detail) = failure.split_once(&format!("{reason}, at ")).expect("it has a time");
        let detail = detail.split(" stuck ").next().and_then(|text| text.split(" plan: ").next());
        let is_node = |word: &str| {
            let number = word.trim_end_matches([',', ':', ')', ']']).strip_prefix('n');
            number.is_some_and(|number| number.parse::<u32>().is_ok())
        };
        let names_nodes = detail.is_some_and(|detail| detail.split([' ', '[', '#']).any(is_node));
        // That no node is as it should be names none.
        assert!(names_nodes || *reason == "no phantom is found", "no node is named:\n{text}");
    }
    let (_, refusal) = rows[0].1.run("Always(Qqq)");
    let (_, known) = refusal.split_once("expected: ").expect("it lists what it knows");
    let known = known.lines().next().unwrap_or_default();
    for property in known.split('`').skip(1).step_by(2) {
        let is_about = |row: &Row| {
            let (_, inner) = row.0.split_once('(').expect("an expectation has a property");
            let inner = inner.strip_prefix("what: ").unwrap_or(inner);
            inner.split(['(', ')', ',']).next() == Some(property)
        };
        assert!(rows.iter().any(is_about), "no row is about `{property}`");
    }
}
