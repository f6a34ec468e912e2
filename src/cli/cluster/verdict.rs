//! Are the windows as they have to be?

use rehearsal_machine::printable;

/// What there is to say at the end.
pub(super) struct Verdict {
    pub(super) text: String,
    /// Nothing is demanded that is not so.
    pub(super) is_right: bool,
}

/// A line for each node: its window is right, or how it differs, or nothing is demanded of it.
pub(super) fn of(
    names: &[String],
    windows: &[Vec<String>],
    demands: &[Option<Vec<String>>],
) -> Verdict {
    let mut verdict = Verdict { text: String::new(), is_right: true };
    for ((name, window), demand) in names.iter().zip(windows).zip(demands) {
        let lines = count(window.len());
        verdict.text += &match demand {
            None => format!("      {name}: {lines}; nothing is demanded of it\n"),
            Some(demand) if demand == window => format!("ok    {name}: {lines}, as demanded\n"),
            Some(demand) => {
                verdict.is_right = false;
                format!("FAIL  {name}: {lines} of {}{}\n", demand.len(), difference(window, demand))
            }
        };
    }
    let (shown, all) = (demands.iter().flatten().count(), demands.len());
    verdict.text += &match (verdict.is_right, shown) {
        (_, 0) => "      nothing is demanded of any window\n".to_owned(),
        (true, shown) if shown == all => format!("ok    all {all} windows are right\n"),
        (true, shown) => {
            format!("ok    all {shown} windows of which something is demanded are right\n")
        }
        (false, _) => "FAIL  not all windows are right\n".to_owned(),
    };
    verdict
}

fn count(lines: usize) -> String {
    if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") }
}

/// The first line in which they differ.
fn difference(window: &[String], demand: &[String]) -> String {
    let alike = window.iter().zip(demand).take_while(|(shown, meant)| shown == meant).count();
    let line = |lines: &[String]| lines.get(alike).map(|line| printable(line).into_owned());
    let number = alike + 1;
    match (line(window), line(demand)) {
        (Some(shown), Some(meant)) => {
            format!("; line {number} is to be\n      - {meant}\n      + {shown}")
        }
        (None, Some(meant)) => format!("; line {number} is missing\n      - {meant}"),
        (Some(shown), None) => format!("; line {number} is too many\n      + {shown}"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn said(window: &str, demand: Option<&str>) -> (String, bool) {
        let verdict = of(&["ann".to_owned()], &[lines(window)], &[demand.map(lines)]);
        (verdict.text.lines().rev().skip(1).last().unwrap_or_default().to_owned(), verdict.is_right)
    }

    #[test]
    fn a_window_is_right_only_if_every_line_is() {
        let rows = [
            ("a b", Some("a b"), "ok    ann: 2 lines, as demanded", true),
            ("a", Some("a b"), "FAIL  ann: 1 line of 2; line 2 is missing", false),
            ("a b b", Some("a b"), "FAIL  ann: 3 lines of 2; line 3 is too many", false),
            ("b a", Some("a b"), "FAIL  ann: 2 lines of 2; line 1 is to be", false),
            ("a", None, "      ann: 1 line; nothing is demanded of it", true),
        ];
        for (window, demand, text, is_right) in rows {
            assert_eq!(said(window, demand), (text.to_owned(), is_right));
        }
    }

    #[test]
    fn one_wrong_window_makes_the_whole_wrong() {
        let names = ["ann".to_owned(), "ben".to_owned()];
        let right = Some(lines("x"));
        let verdict = of(&names, &[lines("x"), lines("")], &[right.clone(), right.clone()]);
        assert!(!verdict.is_right);
        assert!(verdict.text.ends_with("FAIL  not all windows are right\n"), "{}", verdict.text);
        let verdict = of(&names, &[lines("x"), lines("x")], &[right.clone(), right]);
        assert!(verdict.text.ends_with("ok    all 2 windows are right\n"), "{}", verdict.text);
    }
}
