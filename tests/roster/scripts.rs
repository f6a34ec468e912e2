use std::path::Path;

use rehearsal::machine::NodeId;
use rehearsal::real::{self, Cluster, RosterText};
use rehearsal::shipped::chat::follow_script;
use rehearsal::shipped::{Chat, ROSTER_FORMAT};
use rehearsal::sim::{Diagnostic, Owner as _};
use rehearsal::tcp::Security;

use super::{Folder, GOOD, SCRIPT};

/// The users of a script's header, or of a roster.
fn header(path: &Path, insecure: bool) -> Result<RosterText, Diagnostic> {
    RosterText::open_as(path, &[ROSTER_FORMAT], insecure)
}

/// A roster whose users follow a script.
pub(super) fn following_script(roster: &Path, script: &Path) -> Result<Cluster<Chat>, Diagnostic> {
    header(roster, true)?.read_with_script(script, Some(follow_script))
}

fn refusal(script: &str, insecure: bool) -> String {
    let folder = Folder::with(&[("s.txt", script)]);
    let refused = header(&folder.path("s.txt"), insecure);
    folder.shown(&refused.expect_err("a refusal"))
}

#[test]
fn a_scripts_header_is_a_roster_of_users_who_chat() {
    let folder = Folder::with(&[("s.txt", SCRIPT)]);
    let path = folder.path("s.txt");
    assert_eq!(header(&path, true).unwrap().heading().unwrap().protocol, "Chat");
    let opened = header(&path, true).unwrap().read::<Chat>().expect("a right script");
    let members: Vec<_> = opened.membership.roster.members().map(|(_, member)| member).collect();
    let names = ["user1", "user2", "the \"3rd\" \\ user"];
    assert_eq!(members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), names);
    let addresses: Vec<_> = members.iter().map(|member| member.address.to_string()).collect();
    assert_eq!(addresses, ["127.0.0.1:2881", "127.0.0.1:2882", "[::1]:2881"]);
    assert_eq!(opened.membership.roster.security(), Security::Insecure);
    assert_eq!(Chat::demands(&opened.config, NodeId::from_index(0)), None);
}

#[test]
fn users_can_be_made_to_follow_the_script_that_introduces_them() {
    let folder = Folder::with(&[("s.txt", SCRIPT)]);
    let path = folder.path("s.txt");
    let opened = following_script(&path, &path).expect("a right script");
    let demanded = |config, index| Chat::demands(config, NodeId::from_index(index));
    assert_eq!(demanded(&opened.config, 0), Some(vec!["hello to you".to_owned()]));
    let again = real::reopen::<Chat>(&opened.membership.kept, Some(follow_script))
        .expect("what was kept is right");
    assert_eq!(demanded(&again.config, 1), Some(vec!["hello".to_owned()]));
    let (again, opened) = (again.membership, opened.membership);
    assert_eq!((again.digest, again.kept), (opened.digest, opened.kept));
}

#[test]
fn a_script_is_no_roster_unless_its_users_may_do_without_keys() {
    let refusal = refusal(SCRIPT, false);
    assert!(refusal.contains("--> s.txt:1:1"), "{refusal}");
    assert!(refusal.contains("^^^^^ a script has no keys"), "{refusal}");
    assert!(refusal.contains("= help: say `--insecure` to run"), "{refusal}");
}

#[test]
fn users_of_other_machines_are_refused_where_they_stand() {
    let refusal = refusal(&SCRIPT.replace("127.0.0.1,2882", "10.0.2.15,2882"), true);
    assert!(refusal.contains("--> s.txt:3:1"), "{refusal}");
    assert!(refusal.contains("^^^^^^^^^ this can be reached from other machines"), "{refusal}");
    assert!(refusal.contains("= help: use 127.0.0.1 for all users"), "{refusal}");
}

#[test]
fn a_wrong_script_is_refused_as_one() {
    let refusal = refusal("Users\n127.0.0.1,0,user1\nMessage\n", true);
    assert!(refusal.contains("--> s.txt:2:11"), "{refusal}");
}

#[test]
fn mistakes_of_a_script_that_is_named_elsewhere_are_shown_in_it() {
    let folder = Folder::with(&[("x.ron", GOOD), ("s.txt", "Users\n")]);
    let open = |script: &Path| {
        let refused = following_script(&folder.path("x.ron"), script);
        folder.shown(&refused.err().expect("a refusal"))
    };
    let wrong = open(&folder.path("s.txt"));
    assert!(wrong.contains("--> s.txt:1:6"), "{wrong}");
    let absent = open(&folder.path("nowhere.txt"));
    assert!(absent.contains("cannot read `nowhere.txt`"), "{absent}");
}

#[test]
fn a_script_of_other_users_does_not_fit_the_roster() {
    let two = SCRIPT.replace("::1,2881,the \"3rd\" \\ user\n", "");
    let folder = Folder::with(&[("x.ron", GOOD), ("s.txt", &two)]);
    let refused = following_script(&folder.path("x.ron"), &folder.path("s.txt"));
    let refusal = folder.shown(&refused.err().expect("a refusal"));
    assert!(refusal.contains("--> x.ron:3:"), "{refusal}");
    assert!(refusal.contains("the script has 2 users, and there are 3 nodes"), "{refusal}");
}

#[test]
fn nodes_of_a_protocol_without_scripts_cannot_follow_one() {
    let folder = Folder::with(&[("x.ron", GOOD), ("s.txt", SCRIPT)]);
    let roster = RosterText::open(&folder.path("x.ron")).expect("it can be read");
    let refused = roster.read_with_script::<Chat>(&folder.path("s.txt"), None);
    let refusal = folder.shown(&refused.err().expect("a refusal"));
    assert!(refusal.contains("--> x.ron:3:"), "{refusal}");
    assert!(refusal.contains("`Chat` cannot follow a script"), "{refusal}");
}

/// What is refused of the roster that was made of a script is shown in the script.
#[test]
fn a_roster_made_of_a_script_is_refused_where_the_script_says_it() {
    let named = SCRIPT.replace("2882,user2", "2882, ").replace("user2,hello", " ,hello");
    let folder = Folder::with(&[("s.txt", &named.replace("user2,user1", " ,user1"))]);
    let refused = header(&folder.path("s.txt"), true).expect("a right script").read::<Chat>();
    let refusal = folder.shown(&refused.err().expect("a refusal"));
    assert!(refusal.contains("--> s.txt:3:1\n"), "{refusal}");
    assert!(refusal.contains("3 | 127.0.0.1,2882,"), "{refusal}");
    assert!(refusal.contains("^ an empty name\n"), "{refusal}");
    assert!(refusal.contains("= help: give a word"), "{refusal}");
}
