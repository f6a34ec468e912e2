//! Tables of mistakes: what is wrong in a file, and what is told of it.

use super::with;

/// A right file, and the complaint about what is wrong with another text in its place.
pub(super) struct Right {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
    pub(super) complaint: fn(&str) -> String,
}

impl Right {
    /// Each row of the table is refused at its place, with its path, in these words and with this
    /// remedy. The table has paragraphs of
    ///
    /// ```text
    /// ! what is wrong; `{}` is what was written
    /// = help: the remedy
    ///     what replaces `part`, with a `^` before what is underlined | the path
    ///     a part => what replaces it & another part => what replaces that | the path
    /// ```
    #[track_caller]
    pub(super) fn refuses(&self, part: &str, table: &str) {
        let (mut wrong, mut remedy, mut missing) = ("", "", String::new());
        for line in table.lines() {
            if let Some(words) = line.strip_prefix("! ") {
                wrong = words;
            } else if line.starts_with("= ") {
                remedy = line;
            } else if let Some((edits, path)) = line.rsplit_once(" |") {
                let (place, content) = self.edited(part, edits.trim_start());
                let written = edits.rsplit_once('^').map_or("", |(_, written)| written);
                let complaint = (self.complaint)(&content);
                for (word, is_due) in [
                    (format!("--> {}:{place}\n", self.name), true),
                    (format!("^ {}\n", wrong.replace("{}", written)), true),
                    (format!("{remedy}\n"), !remedy.is_empty()),
                    (format!("= path: {}\n", path.trim_start()), !path.is_empty()),
                ] {
                    if is_due && !complaint.contains(&word) {
                        missing += &format!("{line}\nnot `{}`:\n{complaint}\n", word.trim_end());
                    }
                }
            } else {
                assert_eq!(line, "", "a table has no such line");
                remedy = "";
            }
        }
        assert!(missing.is_empty(), "{missing}");
    }

    /// The file with these edits, and the line and column of the place that is marked in them.
    #[track_caller]
    fn edited(&self, part: &str, edits: &str) -> (String, String) {
        let mut marked = self.text.to_owned();
        for edit in edits.split(" & ") {
            let (part, by) = edit.split_once(" =>").unwrap_or((part, edit));
            let by = by.strip_prefix(' ').unwrap_or(by).replace("\\n", "\n");
            marked = with(&marked, &part.replace("\\n", "\n"), &by);
        }
        let (before, after) = marked.split_once('^').expect("a row marks a place");
        let beside = before.rsplit('\n').next().unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        (format!("{line}:{}", beside.chars().count() + 1), format!("{before}{after}"))
    }
}
