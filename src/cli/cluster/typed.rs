use std::str::FromStr;

use rehearsal_sim::source::TimeSpan;

/// A line that the owner of a node types this long after all are up: `ann@2s 3 hello`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// As it was said: a number or a name.
    pub(super) node: String,
    pub(super) after: TimeSpan,
    pub(super) line: String,
}

const REMEDY: &str = "give a node, `@`, a span of time, and what its owner types, as in \
                      `ann@2s 3 hello`";

impl FromStr for Typed {
    type Err = String;

    /// A name may have an `@` or a space itself: the span begins behind the first `@` that one
    /// follows.
    fn from_str(text: &str) -> Result<Self, String> {
        let ats = text.match_indices('@').map(|(at, _)| at).filter(|at| *at > 0);
        let found = ats.into_iter().find_map(|at| {
            let rest = &text[at + 1..];
            let (span, line) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let after = span.parse().ok()?;
            Some(Self { node: text[..at].to_owned(), after, line: line.trim().to_owned() })
        });
        let typed = found.ok_or(REMEDY)?;
        if typed.line.is_empty() {
            return Err(format!("nothing stands behind the time: {REMEDY}"));
        }
        if typed.line.contains(['\n', '\r']) {
            return Err("a command is one line: give each `--command` one".to_owned());
        }
        Ok(typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> (String, u64, String) {
        let Typed { node, after, line } = text.parse().expect("it is right");
        (node, after.as_nanos() / 1_000_000, line)
    }

    #[test]
    fn a_command_is_a_node_a_span_and_a_line() {
        let row = |node: &str, millis, line: &str| (node.to_owned(), millis, line.to_owned());
        assert_eq!(typed("ann@2s 3 hello"), row("ann", 2_000, "3 hello"));
        assert_eq!(typed("ann@home@0ms  mail x@1s you "), row("ann@home", 0, "mail x@1s you"));
        assert_eq!(typed("a b@5ms Acquire(1)"), row("a b", 5, "Acquire(1)"));
        for wrong in ["", "ann", "ann@2s", "ann@2s  ", "@2s hello", "ann@2 hello", "ann@x hello"] {
            let refusal = wrong.parse::<Typed>().expect_err("it is wrong");
            assert!(refusal.ends_with("as in `ann@2s 3 hello`"), "{wrong:?}: {refusal}");
        }
        let refusal = "ann@2s one\ntwo".parse::<Typed>().expect_err("these are two");
        assert!(refusal.starts_with("a command is one line"), "{refusal}");
    }
}
