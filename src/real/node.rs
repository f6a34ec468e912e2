//! From a cluster that was read to a node of it that can run.

use std::path::Path;
use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_sim::{Nodes, Protocol};
use rehearsal_tcp::disk::{Cells, Identity};
use rehearsal_tcp::recording::Recorder;
use rehearsal_tcp::{Key, Limits, Metrics, NodeError, Roster, Setup};

use super::{Cluster, Membership};

impl<P: Protocol> Cluster<P> {
    /// All that this node needs to [`run`](rehearsal_tcp::run): its machine, and
    /// what it has saved in this folder, where its next life begins at once.
    /// All that happens to it is noted in the file `recording`, if one is named.
    ///
    /// Fails if there is no such node, and if what it saved or recorded cannot
    /// be read; if its key is the right one, `run` finds out.
    ///
    /// # Panics
    ///
    /// If a protocol builds a node once, and refuses to do it again.
    pub fn setup(
        &self,
        me: NodeId,
        folder: &Path,
        key: Option<Key>,
        recording: Option<&Path>,
    ) -> Result<Setup<P::Machine>, NodeError> {
        let Membership { roster, network, digest, also, kept } = &self.membership;
        let nodes = roster.nodes();
        roster.member(me).ok_or(NodeError::NotInRoster(me))?;
        let identity = Identity {
            cluster: roster.cluster().to_owned(),
            node: me,
            protocol: P::NAME.to_owned(),
        };
        let cells = Cells::open(folder, &identity).map_err(NodeError::Disk)?;
        let header = || kept.header(P::NAME, me, nodes, cells.incarnation());
        let recorder = recording
            .map(|file| Recorder::open(file, &header()))
            .transpose()
            .map_err(NodeError::Recording)?;
        let all = Nodes::all(nodes);
        let machine =
            P::build(&self.config, me, &all).expect("each node was built when the roster was read");
        // A roster with a larger one is refused.
        let max_message = u32::try_from(network.max_message).unwrap_or(u32::MAX);
        Ok(Setup {
            me,
            roster: roster.clone(),
            key,
            digest: *digest,
            compatible: also.clone(),
            limits: Limits { max_message, ..Limits::default() },
            cells,
            recorder,
            machine,
            listener: None,
            metrics: Arc::new(Metrics::new(nodes)),
        })
    }
}

/// The node of this number or, if there is none, of this name.
#[must_use]
pub fn node_named(roster: &Roster, text: &str) -> Option<NodeId> {
    let number = text.parse().ok().and_then(NodeId::new);
    number
        .filter(|node| roster.member(*node).is_some())
        .or_else(|| roster.members().find(|(_, member)| member.name == text).map(|(node, _)| node))
}

/// What a node's folder is called: by its name, as far as that can be a file's.
/// No two nodes of a roster have the same one.
#[must_use]
pub fn folder_name(roster: &Roster, node: NodeId) -> String {
    let Some(member) = roster.member(node) else { return node.to_string() };
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
    let plain: String = member
        .name
        .chars()
        .map(|letter| if is_plain(letter) { letter } else { '-' })
        .take(64)
        .collect();
    // Of those that begin like this each has its own number.
    let is_like_a_changed_one = plain
        .strip_prefix('n')
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    if plain == member.name && !plain.starts_with(['.', '-']) && !is_like_a_changed_one {
        plain
    } else {
        format!("{node}-{plain}")
    }
}

#[cfg(test)]
mod tests {
    use rehearsal_tcp::{Member, Security};

    use super::*;

    fn roster(names: &[&str]) -> Roster {
        let members = (1..).zip(names).map(|(port, name)| Member {
            name: (*name).to_owned(),
            address: ([127, 0, 0, 1], port).into(),
            key: None,
        });
        Roster::new("test", members.collect(), Security::Insecure).expect("it is sound")
    }

    #[test]
    fn a_node_is_named_by_its_number_or_its_name() {
        let roster = roster(&["ann", "1", "7"]);
        let node = |said| node_named(&roster, said).map(NodeId::number);
        assert_eq!(node("ann"), Some(1));
        assert_eq!(node("1"), Some(1), "a number is a number first");
        assert_eq!(node("7"), Some(3), "unless nobody has it");
        assert_eq!((node("4"), node("0"), node("bob")), (None, None, None));
    }

    #[test]
    fn a_folder_has_its_nodes_name_unless_that_leads_elsewhere() {
        let names = ["user1", "a/b", "..", "Zoë", "-x", "a-b", "n2-a-b", "n-2", "nan-1"];
        let roster = roster(&names);
        let folders = roster.members().map(|(node, _)| folder_name(&roster, node));
        let expected =
            ["user1", "n2-a-b", "n3-..", "Zoë", "n5--x", "a-b", "n7-n2-a-b", "n-2", "nan-1"];
        assert_eq!(folders.collect::<Vec<_>>(), expected);
    }
}
