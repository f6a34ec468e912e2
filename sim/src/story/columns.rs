//! Texts in columns of a terminal, where a wide character takes two of them
//! (Unicode Standard Annex 11).

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How many columns the text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text with spaces after it, up to this many columns.
pub(super) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{:1$}", "", columns.saturating_sub(width(text)))
}

/// The text, cut where it would take more columns than this, which are two at least.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut used = 0;
    let fits = |character: &char| {
        used += character.width().unwrap_or(0);
        used <= columns - 2
    };
    text.chars().take_while(fits).collect::<String>() + ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_character_takes_two_columns_and_a_combining_mark_none() {
        assert_eq!((width("日本"), width("Zoe\u{308}")), (4, 3));
        assert_eq!(padded("日本", 6), "日本  ");
        assert_eq!(padded("long", 2), "long");
    }

    #[test]
    fn what_is_cut_fits() {
        assert_eq!(cut("日本語です", 10), "日本語です");
        assert_eq!(cut("日本語です", 9), "日本語..");
        assert_eq!(cut("abcdef", 5), "abc..");
    }
}
