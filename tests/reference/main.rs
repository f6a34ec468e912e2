//! The reference in `docs/` is right and complete: every example in it is read,
//! and whatever the loader knows is in it.

mod complete;
mod examples;
mod hearer;
mod readme;
mod traces;
mod your_own;

use std::path::Path;

use rehearsal::real::{self, Kept};
use rehearsal::shipped::{Chat, Deadlock, Election, Ordering, Script};
use rehearsal::sim::{Diagnostic, Files, Plan, Protocol, Scenario};

/// A page of the reference.
struct Page {
    text: String,
    /// Its examples, in their order, each with the line at which it begins.
    examples: Vec<(usize, String)>,
    read: fn(&str) -> Result<(), Box<Diagnostic>>,
}

/// All of them.
fn pages() -> [Page; 7] {
    [scenarios(), elections(), deadlocks(), orderings(), chats(), plans(), rosters()]
}

fn scenarios() -> Page {
    Page::new("scenario.md", |text| {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/faults/x.ron");
        scenario::<Script>(text, Files::beside(&beside))
    })
}

fn elections() -> Page {
    Page::new("election.md", |text| scenario::<Election>(text, Files::none()))
}

fn deadlocks() -> Page {
    Page::new("deadlock.md", |text| scenario::<Deadlock>(text, Files::none()))
}

fn orderings() -> Page {
    Page::new("ordering.md", |text| scenario::<Ordering>(text, Files::none()))
}

fn chats() -> Page {
    Page::new("chat.md", |text| scenario::<Chat>(text, Files::none()))
}

fn scenario<P: Protocol>(text: &str, files: Files) -> Result<(), Box<Diagnostic>> {
    Scenario::<P>::parse("example.ron", text, files).map(|_| ()).map_err(Box::new)
}

fn plans() -> Page {
    Page::new("plan.md", |text| {
        Plan::parse::<Script>("plan.md", text).map(|_| ()).map_err(Box::new)
    })
}

fn rosters() -> Page {
    Page::new("roster.md", |text| {
        let name = "roster.md".to_owned();
        let kept = Kept { name, source: text.into(), files: Vec::new(), script: None };
        real::reopen::<Chat>(&kept, None).map(|_| ()).map_err(Box::new)
    })
}

impl Page {
    fn new(name: &str, read: fn(&str) -> Result<(), Box<Diagnostic>>) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
        let text = std::fs::read_to_string(path).expect("the page can be read");
        let examples = blocks(&text, "ron");
        Self { text, examples, read }
    }

    /// The page's first example, a whole file, with these fields added or in
    /// place of its own.
    fn with(&self, fields: &str) -> String {
        let whole = &self.examples[0].1;
        let body = whole.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let mut kept = fields_at(body.expect("a whole file"), "    ");
        let given = fields_at(fields, "");
        kept.retain(|(name, _)| given.iter().all(|(other, _)| other != name));
        let all = kept.into_iter().chain(given);
        format!("({}\n)", all.map(|(_, text)| text).collect::<String>())
    }

    /// The part of the page below this heading, to the next one of any level.
    #[track_caller]
    fn section(&self, heading: &str) -> &str {
        let start = self.text.find(&format!("\n{heading}\n"));
        let below = &self.text[start.unwrap_or_else(|| panic!("no heading `{heading}`")) + 1..];
        let below = &below[heading.len()..];
        below.find("\n#").map_or(below, |end| &below[..end])
    }
}

/// The blocks of code in this language without their fences, each with the line of its fence.
fn blocks(page: &str, language: &str) -> Vec<(usize, String)> {
    let fence = format!("```{language}\n");
    let block = |(at, _)| {
        let code = page[at + fence.len()..].split("```").next().unwrap_or_default();
        (page[..at].matches('\n').count() + 1, code.to_owned())
    };
    page.match_indices(&fence).map(block).collect()
}

/// The fields that begin at this indentation, each with its lines.
fn fields_at(text: &str, indentation: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let name = line.strip_prefix(indentation).and_then(|rest| rest.split_once(':'));
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        if let Some((name, _)) = name.filter(|(name, _)| is_name(name)) {
            fields.push((name.to_owned(), String::new()));
        }
        if let Some((_, text)) = fields.last_mut() {
            *text += "\n";
            *text += line;
        }
    }
    fields
}
