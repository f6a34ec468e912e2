//! Nodes that cannot be do not begin.

use rehearsal_machine::NodeId;
use rehearsal_tcp::{Failure, Key, Limits, Security, Setup};

use crate::asker::Asker;
use crate::bed::{Bed, Heard, begin, within_a_minute};

/// Why the first of two nodes does not begin whose setup was changed like this.
fn refusal(change: impl FnOnce(&Bed, &mut Setup<Asker>) + 'static) -> Failure {
    let mut refusal = None;
    within_a_minute(async {
        let bed = Bed::new(2, Security::Keys);
        let mut setup = bed.setup(NodeId::from_index(0), Asker);
        change(&bed, &mut setup);
        refusal = begin(setup, Heard::new()).ended().await.err();
    });
    refusal.expect("it does not begin")
}

#[test]
fn a_node_that_is_no_member_does_not_begin() {
    let refused = refusal(|_, setup| setup.me = NodeId::from_index(2));
    assert!(matches!(refused, Failure::NoMember(node) if node == NodeId::from_index(2)));
}

#[test]
fn a_node_without_its_own_key_does_not_begin() {
    assert!(matches!(refusal(|_, setup| setup.key = None), Failure::Key));
    let others = |bed: &Bed| Key::open(&bed.folder.path().join("n2.key")).expect("it is there");
    assert!(matches!(refusal(move |bed, setup| setup.key = Some(others(bed))), Failure::Key));
}

#[test]
fn a_node_with_limits_that_cannot_be_does_not_begin() {
    let refused = refusal(|_, setup| setup.limits = Limits { inbox: 0, ..Limits::default() });
    assert!(refused.to_string().contains("`inbox` must not be 0"), "{refused}");
}

#[test]
fn a_node_that_is_to_let_in_more_configurations_than_it_can_name_does_not_begin() {
    let refused = refusal(|_, setup| setup.also = vec![[1; 32]; 9]);
    assert!(matches!(refused, Failure::Setup(_)), "{refused}");
}
