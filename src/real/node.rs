//! From a cluster that was read to a node of it that can run.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_sim::{Nodes, Owner as _, Protocol};
use rehearsal_tcp::disk::{Identity, Store};
use rehearsal_tcp::recording::Recorder;
use rehearsal_tcp::{Key, Limits, Metrics, NodeError, Roster, Setup, listen};

use super::{Cluster, Membership};

/// The names of the files that a node has in its folder: its store, its key, its window, and where
/// its page is. No file that the node reads or records may take their place.
pub const OWN_FILES: [&str; 6] = ["cells.log", "cells.new", "lock", "key", "page", "window.txt"];

/// How a node is started.
#[derive(Debug, Default)]
pub struct Launch<'a> {
    /// The node's key, if the cluster uses keys.
    pub key: Option<Key>,
    /// The file that records what happens to the node, if it is recorded.
    pub recording: Option<&'a Path>,
    /// Does the node begin a new life, because the state that it saved is lost?
    pub is_new_life: bool,
    /// An open listener; `None` listens at the node's address in the roster.
    pub listener: Option<TcpListener>,
}

impl<P: Protocol> Cluster<P> {
    /// All that this node needs to [`run`](rehearsal_tcp::run): its machine, and
    /// what it has saved in this folder, where its next life begins at once.
    ///
    /// Fails if there is no such node, if its address is in use, and if what it
    /// saved or recorded cannot be read. Then its folder is as it was. Whether
    /// its key is the right one, `run` finds out.
    ///
    /// # Panics
    ///
    /// If a protocol builds a node once, and refuses to do it again; without a
    /// listener, also outside a tokio runtime.
    pub fn setup(
        &self,
        me: NodeId,
        folder: &Path,
        launch: Launch<'_>,
    ) -> Result<Setup<P::Machine>, NodeError> {
        let Membership { roster, network, digest, also, amnesia, kept } = &self.membership;
        let nodes = roster.nodes();
        let member = roster.member(me).ok_or(NodeError::NotInRoster(me))?;
        let identity = Identity {
            cluster: roster.cluster().to_owned(),
            node: me,
            protocol: P::NAME.to_owned(),
        };
        let mut store = Store::open(folder, &identity).map_err(NodeError::Disk)?;
        store.storage::<P::Machine>().map_err(NodeError::Disk)?;
        if let Some(is_about) = P::Owner::is_about_peer(&self.config) {
            store.forget::<P::Machine>(is_about).map_err(NodeError::Disk)?;
        }
        if launch.is_new_life {
            store.begin_new_life().map_err(NodeError::Disk)?;
        }
        let listener = match launch.listener {
            Some(listener) => listener,
            None => listen(member.address)?,
        };
        let header = || kept.header(P::NAME, me, nodes, store.incarnation());
        let recorder = launch
            .recording
            .map(|file| Recorder::open(file, &header()))
            .transpose()
            .map_err(NodeError::Recording)?;
        let all = Nodes::all(nodes);
        let machine =
            P::build(&self.config, me, &all).expect("each node was built when the roster was read");
        // A roster with a larger one is refused.
        let max_message = u32::try_from(network.max_message).unwrap_or(u32::MAX);
        // The last step, so that no other failure costs an incarnation.
        let cells = store.begin().map_err(NodeError::Disk)?;
        Ok(Setup {
            me,
            roster: roster.clone(),
            key: launch.key,
            digest: *digest,
            compatible: also.clone(),
            amnesia: *amnesia,
            limits: Limits { max_message, ..Limits::default() },
            cells,
            recorder,
            machine,
            listener: Some(listener),
            metrics: Arc::new(Metrics::new(nodes)),
        })
    }
}

/// The node of this number or, if there is none, of this name or else of the number that follows
/// an `n`: `3`, `ann`, `n3`.
#[must_use]
pub fn node_named(roster: &Roster, text: &str) -> Option<NodeId> {
    let numbered = |digits: &str| {
        let node = digits.parse().ok().and_then(NodeId::new);
        node.filter(|node| roster.member(*node).is_some())
    };
    let named = || roster.members().find(|(_, member)| member.name == text);
    numbered(text)
        .or_else(|| named().map(|(node, _)| node))
        .or_else(|| text.strip_prefix('n').and_then(numbered))
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
    fn the_files_of_the_store_are_the_nodes_own() {
        assert!(Store::FILES.iter().all(|file| OWN_FILES.contains(file)));
    }

    #[test]
    fn a_node_is_named_by_its_number_or_its_name() {
        let roster = roster(&["ann", "1", "7", "n1"]);
        let node = |said| node_named(&roster, said).map(NodeId::number);
        assert_eq!(node("ann"), Some(1));
        assert_eq!(node("1"), Some(1), "a number is a number first");
        assert_eq!(node("7"), Some(3), "unless nobody has it");
        assert_eq!(node("n3"), Some(3));
        assert_eq!(node("n1"), Some(4), "a name is a name first");
        for nobody in ["5", "n5", "0", "n0", "n", "", "bob"] {
            assert_eq!(node(nobody), None, "{nobody}");
        }
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
