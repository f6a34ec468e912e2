use rehearsal::machine::NodeId;
use rehearsal::real::{self, Cluster, Membership, RosterText};
use rehearsal::shipped::{Chat, Script};
use rehearsal::sim::network::Fifo;
use rehearsal::sim::scenario::FileKind;
use rehearsal::tcp::Security;

use super::{Folder, GOOD, opened, with};

#[test]
fn a_roster_says_who_there_is_and_what_they_run() {
    let Cluster { config, membership } = opened(GOOD);
    let Membership { roster, network, also, .. } = membership;
    assert_eq!(
        (roster.cluster(), roster.nodes(), roster.security()),
        ("friends", 3, Security::Keys)
    );
    let ann = roster.member(NodeId::from_index(0)).expect("a first node");
    assert_eq!((ann.name.as_str(), ann.address), ("ann", ([192, 0, 2, 1], 2881).into()));
    assert_eq!(ann.key.map(|key| key.to_string()), Some(format!("ed25519:{}", "1".repeat(64))));
    assert!(config.to_string().starts_with("5 tries of 100ms, election paper"), "{config}");
    assert_eq!((network.max_message, also.len()), (65_536, 0));
}

#[test]
fn every_link_is_presumed_to_keep_the_order() {
    assert_eq!(opened(GOOD).membership.network.fifo, Fifo::All);
    let said = with(GOOD, "\"50ms\"))", "\"50ms\"), fifo: All)");
    assert_eq!(opened(&said).membership.network.fifo, Fifo::All);
}

#[test]
fn without_keys_a_roster_stays_within_one_machine() {
    let text = "(cluster: \"x\", insecure: true, network: (delay: Fixed(\"1ms\")),
        protocol: Chat((resend: \"10ms\", election: (form: Hardened(answer_wait: \"3ms\",
            coordinator_wait: \"9ms\", heartbeat: \"5ms\", leader_wait: \"20ms\")))),
        nodes: [(name: \"a\", address: \"127.0.0.1:1\"), (name: \"b\", address: \"[::1]:1\")])";
    assert_eq!(opened(text).membership.roster.security(), Security::Insecure);
}

#[test]
fn nodes_of_other_configurations_can_be_let_in() {
    let other = format!("    also: [\"{}\"],\n)", "0A".repeat(32));
    let text = format!("{}{other}", GOOD.trim_end().strip_suffix(')').expect("its end"));
    assert_eq!(opened(&text).membership.also, [[10; 32]]);
}

#[test]
fn a_rosters_heading_names_its_protocol() {
    let folder = Folder::with(&[("x.ron", GOOD)]);
    let written = RosterText::open(&folder.path("x.ron")).expect("it can be read");
    let heading = written.heading().expect("a right heading");
    assert_eq!((heading.protocol.as_str(), heading.kind), ("Chat", FileKind::Roster));
    assert_eq!(written.source(), GOOD);
}

#[test]
fn files_of_a_roster_lie_beside_it_and_are_kept_with_it() {
    let protocol = "protocol: Script((form: Repaired, script: \"s.txt\", resend: \"100ms\"))";
    let start = GOOD.find("protocol").expect("it is there");
    let end = GOOD.find(",\n    nodes").expect("it is there");
    let text = format!("{}{protocol}{}", &GOOD[..start], &GOOD[end..]);
    let folder = Folder::with(&[("x.ron", &text), ("s.txt", super::SCRIPT)]);
    let opened = real::open::<Script>(&folder.path("x.ron")).expect("a right one").membership;
    assert_eq!(opened.kept.files, [("s.txt".to_owned(), super::SCRIPT.into())]);
    let again =
        real::reopen::<Script>(&opened.kept, None).expect("what was kept is right").membership;
    assert_eq!((again.digest, &again.roster), (opened.digest, &opened.roster));
    assert_eq!(again.kept, opened.kept);
}

#[test]
fn a_roster_is_about_the_protocol_that_it_names() {
    let folder = Folder::with(&[("x.ron", GOOD)]);
    let refused = real::open::<Script>(&folder.path("x.ron")).err();
    assert!(refused.is_some_and(|it| it.message() == "this is about `Chat`, not about `Script`"));
    assert!(real::open::<Chat>(&folder.path("x.ron")).is_ok());
}
