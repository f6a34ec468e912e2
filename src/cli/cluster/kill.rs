use std::str::FromStr;

use rehearsal_machine::NodeId;
use rehearsal_sim::source::TimeSpan;

/// A node to be killed, and how long after all are up: `3@2s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kill {
    pub(super) node: NodeId,
    pub(super) after: TimeSpan,
}

impl FromStr for Kill {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (node, after) = text
            .split_once('@')
            .ok_or("a node's number, `@` and a span of time are needed, as in `3@2s`")?;
        let node = node.parse().ok().and_then(NodeId::new);
        let node = node.ok_or("the number of a node stands before the `@`, as in `3@2s`")?;
        let after = after.parse().map_err(|error| format!("{error}, as in `3@2s`"))?;
        Ok(Self { node, after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_is_a_node_and_a_span() {
        let kill: Kill = "3@1500ms".parse().expect("it is right");
        assert_eq!((kill.node.number(), kill.after.as_nanos()), (3, 1_500_000_000));
        for wrong in ["", "3", "0@1s", "x@1s", "3@", "3@1", "3@x"] {
            let refusal = wrong.parse::<Kill>().expect_err("it is wrong");
            assert!(refusal.ends_with("as in `3@2s`"), "{wrong:?}: {refusal}");
        }
    }
}
