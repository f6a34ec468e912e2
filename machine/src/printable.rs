use alloc::borrow::Cow;
use alloc::string::String;

/// The text as it can be shown to a person: on one line, with nothing that a
/// terminal obeys or an editor hides.
///
/// A [hidden character](is_hidden) is written as the escape that Rust and RON
/// have for it: `\n`, `\u{1b}`, `\u{202e}`. Everything else stays, backslashes
/// included: this is for reading, not for reading back.
///
/// ```
/// # use rehearsal_machine::printable;
/// assert_eq!(printable("Zoë says \u{1b}[2J\nbye"), "Zoë says \\u{1b}[2J\\nbye");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return text.into();
    }
    let mut shown = String::with_capacity(2 * text.len());
    for character in text.chars() {
        if is_hidden(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown.into()
}

/// Is this a character that a reader cannot see, though it changes what is
/// seen? Names with such a character are refused.
///
/// These are the control characters, tabs and ends of lines included; the
/// separators of lines and paragraphs; what sets the direction of writing, by
/// which a text can be shown in another order than it has; and characters of no
/// width that mean nothing. Joiners (U+200C, U+200D) and combining marks are
/// none: there are scripts that need them.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    // The list is fixed, so that what is shown does not depend on the compiler's Unicode tables.
    match character {
        ' '..='~' => false,
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_one_line_and_no_order_to_a_terminal() {
        assert_eq!(printable("a\tb\r\nc\u{85}\u{2028}"), "a\\tb\\r\\nc\\u{85}\\u{2028}");
        assert_eq!(printable("\u{1b}]0;x\u{7}\u{9b}2J"), "\\u{1b}]0;x\\u{7}\\u{9b}2J");
    }

    #[test]
    fn what_turns_the_direction_of_writing_is_shown() {
        for mark in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}".chars() {
            assert!(is_hidden(mark) && printable(mark.encode_utf8(&mut [0; 4])).is_ascii());
        }
    }

    #[test]
    fn characters_of_no_width_that_mean_nothing_are_shown() {
        for mark in "\u{ad}\u{180e}\u{200b}\u{2060}\u{206f}\u{feff}\u{fff9}\u{e0041}".chars() {
            assert!(is_hidden(mark), "{}", mark.escape_unicode());
        }
    }

    #[test]
    fn words_of_all_scripts_stay_as_they_are() {
        for text in ["Zoë \\n", "日本語", "می\u{200c}خواهم", "👩\u{200d}🔬", "e\u{301}"]
        {
            assert!(matches!(printable(text), Cow::Borrowed(shown) if shown == text));
        }
    }
}
