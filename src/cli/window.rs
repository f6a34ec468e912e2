//! What of a window is new to who has seen it before.

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
    match now.strip_prefix(before) {
        Some([]) => Change::None,
        Some(added) => Change::Added(added),
        None => Change::Anew(now),
    }
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
}
