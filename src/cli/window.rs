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

/// How a window came out of an earlier one: the earlier one loses its first `drop` lines, keeps
/// the next `keep`, and loses the rest; then the lines of `add` follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edit<'a> {
    pub(super) drop: usize,
    pub(super) keep: usize,
    pub(super) add: &'a [String],
}

pub(super) fn edit<'a>(before: &[String], now: &'a [String]) -> Edit<'a> {
    if let Change::Added(add) = change(before, now) {
        let keep = now.len() - add.len();
        return Edit { drop: before.len() - keep, keep, add };
    }
    let keep = before.iter().zip(now).take_while(|(one, other)| one == other).count();
    Edit { drop: 0, keep, add: &now[keep..] }
}

/// Makes this edit. A part that the window does not have is left out.
pub(super) fn apply(window: &mut Vec<String>, drop: usize, keep: usize, add: Vec<String>) {
    window.drain(..drop.min(window.len()));
    window.truncate(keep);
    window.extend(add);
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

    #[test]
    fn an_edit_says_what_was_added_and_makes_the_new_window_of_the_old_one() {
        let lines = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for (before, now, drop, keep) in [
            ("", "a b", 0, 0),
            ("a b", "a b c", 0, 2),
            ("a b c d", "b c d e", 1, 3),
            ("a b c", "a x", 0, 1),
            ("a b", "", 0, 0),
            ("a b", "x", 0, 0),
        ] {
            let (before, now) = (lines(before), lines(now));
            let edit = edit(&before, &now);
            assert_eq!((edit.drop, edit.keep), (drop, keep), "{before:?} {now:?}");
            let mut made = before.clone();
            apply(&mut made, edit.drop, edit.keep, edit.add.to_vec());
            assert_eq!(made, now);
        }
        let mut window = lines("a");
        apply(&mut window, 7, 9, lines("b"));
        assert_eq!(window, ["b"], "a part that is not there");
    }
}
