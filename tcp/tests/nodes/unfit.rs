//! Nodes that cannot be do not begin.

use rehearsal_machine::NodeId;
use rehearsal_tcp::{Key, Limits, NodeError, Security, Setup};

use crate::asker::Asker;
use crate::test_cluster::{Heard, TestCluster, begin, within_a_minute};

/// Why the first of two nodes does not begin whose setup was changed like this.
fn refusal(change: impl FnOnce(&TestCluster, &mut Setup<Asker>) + 'static) -> NodeError {
    let mut refusal = None;
    within_a_minute(async {
        let cluster = TestCluster::new(2, Security::Keys);
        let mut setup = cluster.setup(NodeId::from_index(0), Asker);
        change(&cluster, &mut setup);
        refusal = begin(setup, Heard::new()).ended().await.err();
    });
    refusal.expect("it does not begin")
}

#[test]
fn a_node_that_is_no_member_does_not_begin() {
    let refused = refusal(|_, setup| setup.me = NodeId::from_index(2));
    assert!(matches!(refused, NodeError::NotInRoster(node) if node == NodeId::from_index(2)));
}

#[test]
fn a_node_without_its_own_key_does_not_begin() {
    assert!(matches!(refusal(|_, setup| setup.key = None), NodeError::Key));
    let others = |cluster: &TestCluster| {
        Key::open(&cluster.folder.path().join("n2.key")).expect("it is there")
    };
    assert!(matches!(
        refusal(move |cluster, setup| setup.key = Some(others(cluster))),
        NodeError::Key
    ));
}

#[test]
fn a_node_with_limits_that_cannot_be_does_not_begin() {
    let refused = refusal(|_, setup| setup.limits = Limits { inbox: 0, ..Limits::default() });
    assert!(refused.to_string().contains("`inbox` must not be 0"), "{refused}");
}

#[test]
fn a_node_that_is_to_let_in_more_configurations_than_it_can_name_does_not_begin() {
    let refused = refusal(|_, setup| setup.compatible = vec![[1; 32]; 9]);
    assert!(matches!(refused, NodeError::Setup(_)), "{refused}");
}
