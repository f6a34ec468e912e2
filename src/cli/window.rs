//! What is new in a window since it was last shown.

/// How a window came out of an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change<'a> {
    /// Not at all.
    None,
    /// These lines were added.
    Added(&'a [String]),
    /// It is another one.
    Anew(&'a [String]),
}

pub(super) fn change<'a>(before: &[String], now: &'a [String]) -> Change<'a> {
    match now.strip_prefix(before).or_else(|| moved_on(before, now)) {
        Some([]) => Change::None,
        Some(added) => Change::Added(added),
        None => Change::Anew(now),
    }
}

/// A full window loses its oldest lines to new ones: what was added, if at least
/// half of what was shown is still there. With less it may be a coincidence.
fn moved_on<'a>(before: &[String], now: &'a [String]) -> Option<&'a [String]> {
    let is_full = now.len() >= before.len();
    (1..=before.len() / 2).filter(|_| is_full).find_map(|gone| now.strip_prefix(&before[gone..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_added_are_told_from_a_window_that_is_another_one() {
        let lines = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let (old, more, other) = (lines("a b"), lines("a b c d"), lines("a x c"));
        assert_eq!(change(&old, &old), Change::None);
        assert_eq!(change(&old, &more), Change::Added(&more[2..]));
        assert_eq!(change(&[], &more), Change::Added(&more));
        assert_eq!(change(&old, &other), Change::Anew(&other));
        assert_eq!(change(&more, &old), Change::Anew(&old));
    }

    #[test]
    fn of_a_full_window_only_what_is_new_is_added_though_old_lines_are_gone() {
        let lines = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let (full, later, much_later) = (lines("a b c d"), lines("b c d e"), lines("d e f g"));
        assert_eq!(change(&full, &later), Change::Added(&later[3..]));
        assert_eq!(change(&full, &much_later), Change::Anew(&much_later));
        assert_eq!(
            change(&full, &later[..3]),
            Change::Anew(&later[..3]),
            "lines are gone, none is new"
        );
        let same = lines("a a a");
        assert_eq!(change(&same, &same), Change::None);
    }
}
