use std::str::FromStr;

use rehearsal_sim::source::TimeSpan;

/// A node to be killed, and how long after all are up: `ann@2s`. A name may have an `@` itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kill {
    /// As it was said: a number or a name.
    pub(super) node: String,
    pub(super) after: TimeSpan,
}

impl FromStr for Kill {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (node, after) = text
            .rsplit_once('@')
            .ok_or("a node, `@` and a span of time are needed, as in `ann@2s`")?;
        if node.is_empty() {
            return Err("a node's name or number stands before the `@`, as in `ann@2s`".to_owned());
        }
        let after = after.parse().map_err(|error| format!("{error}, as in `ann@2s`"))?;
        Ok(Self { node: node.to_owned(), after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_is_a_node_and_a_span() {
        for node in ["3", "ann", "ann@home", "a b"] {
            let kill: Kill = format!("{node}@1500ms").parse().expect("it is right");
            assert_eq!((&*kill.node, kill.after.as_nanos()), (node, 1_500_000_000));
        }
        for wrong in ["", "3", "@1s", "3@", "3@1", "3@x"] {
            let refusal = wrong.parse::<Kill>().expect_err("it is wrong");
            assert!(refusal.ends_with("as in `ann@2s`"), "{wrong:?}: {refusal}");
        }
    }
}
