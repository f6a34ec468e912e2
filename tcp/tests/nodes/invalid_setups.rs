//! A node with an invalid setup does not start.

use rehearsal_machine::NodeId;
use rehearsal_tcp::{Key, Limits, NodeError, Security, Setup};

use crate::asker::Asker;
use crate::test_cluster::{Outputs, TestCluster, begin, within_a_minute};

/// Why a node whose setup was changed like this does not start.
fn error(change: impl FnOnce(&TestCluster, &mut Setup<Asker>) + 'static) -> NodeError {
    let mut error = None;
    within_a_minute(async {
        let cluster = TestCluster::new(2, Security::Keys);
        let mut setup = cluster.setup(NodeId::from_index(0), Asker);
        change(&cluster, &mut setup);
        error = begin(setup, Outputs::new()).ended().await.err();
    });
    error.expect("the node does not start")
}

#[test]
fn a_node_that_is_not_in_the_roster_does_not_start() {
    let refused = error(|_, setup| setup.me = NodeId::from_index(2));
    assert!(matches!(refused, NodeError::NotInRoster(node) if node == NodeId::from_index(2)));
}

#[test]
fn a_node_without_its_own_key_does_not_start() {
    assert!(matches!(error(|_, setup| setup.key = None), NodeError::Key));
    let others = |cluster: &TestCluster| {
        Key::open(&cluster.folder.path().join("n2.key")).expect("it is there")
    };
    assert!(matches!(
        error(move |cluster, setup| setup.key = Some(others(cluster))),
        NodeError::Key
    ));
}

#[test]
fn a_node_with_invalid_limits_does_not_start() {
    let refused = error(|_, setup| setup.limits = Limits { inbox: 0, ..Limits::default() });
    assert!(refused.to_string().contains("`inbox` must not be 0"), "{refused}");
}

#[test]
fn a_node_with_too_many_compatible_configurations_does_not_start() {
    let refused = error(|_, setup| setup.compatible = vec![[1; 32]; 9]);
    assert!(matches!(refused, NodeError::Setup(_)), "{refused}");
}
