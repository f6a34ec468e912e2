/// Does a text fit what a scenario asks for? A `*` there stands for any characters, or none.
///
/// The shortest stretch is taken for every `*`: whatever fits otherwise, fits so, too.
pub(crate) fn fits(wanted: &str, text: &str) -> bool {
    let Some((first, rest)) = wanted.split_once('*') else { return wanted == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<_> = rest.split('*').collect();
    // A split gives one part at least.
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_characters_or_none() {
        for (wanted, text) in [
            ("vote 3", "vote 3"),
            ("vote *", "vote 3"),
            ("* 3", "vote 3"),
            ("v*3", "vote 3"),
            ("*", ""),
            ("a*a*a", "aaa"),
            ("a*b*c", "a-b-b-c"),
            ("*ab", "aab"),
            ("**", "x"),
        ] {
            assert!(fits(wanted, text), "{wanted:?} {text:?}");
        }
        for (wanted, text) in [
            ("vote", "vote 3"),
            ("a*a", "a"),
            ("a*a*a", "aa"),
            ("a*b", "abc"),
            ("*x*", "abc"),
            ("", "a"),
        ] {
            assert!(!fits(wanted, text), "{wanted:?} {text:?}");
        }
    }
}
