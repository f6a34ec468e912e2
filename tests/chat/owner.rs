//! What a chat's owners type, and what they are to see in the end.

use rehearsal::real::FollowScript;
use rehearsal::shipped::chat::{self, Setting};
use rehearsal::shipped::{self, Chat, Script};
use rehearsal::sim::source::{Path, read_line};
use rehearsal::sim::{CommandOf, Files, Look as _, Nodes, Owner as _, Protocol, Reason};

use crate::support::{chat as scenario, node};

const SCRIPT: &str = "Users
127.0.0.1,2881,user1
127.0.0.1,2882,user2
Message
user1,user2,hello
user2,user1,hello to you
user1,user2,good bye
";

const FREE: &str = "(resend: \"20ms\", election: (form: Paper(
    answer_wait: \"20ms\", coordinator_wait: \"120ms\"), initial_leader: 2))";

fn network() -> rehearsal::sim::network::Network {
    read_line("(delay: Fixed(\"5ms\"))").expect("a right network")
}

/// The configuration, its users following the script in `file`.
fn following<P: Protocol>(
    follow_script: FollowScript<P>,
    config: &str,
    file: &str,
) -> Result<P::Config, Reason> {
    let mut config: P::Config = read_line(config).expect("a right configuration");
    follow_script(&mut config, file)?;
    let mut files = Files::embedded([("ours.txt".to_owned(), SCRIPT.into())]);
    P::prepare(&mut config, &Nodes::all(2), &network(), &mut files)?;
    Ok(config)
}

fn demands<P: Protocol>(config: &P::Config) -> [Option<Vec<String>>; 2] {
    [1, 2].map(|number| P::Owner::demands(config, node(number)))
}

#[test]
fn a_typed_line_is_a_command_of_the_node() {
    let scenario = scenario("expect: []");
    let line = |text| Chat::line(scenario.config(), text);
    let said = CommandOf::<Chat>::Say { to: node(3), text: "hello there".into() };
    assert_eq!(line("3 hello there"), Ok(said));
    assert_eq!(line("Finish"), Ok(CommandOf::<Chat>::Finish));
    assert!(line("hello").is_err());
}

#[test]
fn users_who_chat_freely_are_to_see_nothing_in_particular() {
    assert_eq!(Chat::demands(scenario("expect: []").config(), node(1)), None);
}

#[test]
fn users_who_are_made_to_follow_a_script_are_to_see_what_it_sends_them() {
    let config = following::<Chat>(chat::follow_script, FREE, "ours.txt").expect("a right script");
    let (one, two) = (vec!["hello to you".to_owned()], vec!["hello".to_owned(), "good bye".into()]);
    assert_eq!(demands::<Chat>(&config), [Some(one), Some(two)]);
}

#[test]
fn users_who_follow_a_script_can_be_given_another_one() {
    let script = "(form: AsPrinted, script: \"theirs.txt\", resend: \"5ms\")";
    let config =
        following::<Script>(shipped::follow_script, script, "ours.txt").expect("a right script");
    assert_eq!(demands::<Script>(&config)[0], Some(vec!["hello to you".to_owned()]));
    assert!(Script::describe(&config).starts_with("as printed, ours.txt, "));
    let chat = FREE.replace("(resend", &format!("(mode: Script({script}), resend"));
    let config = following::<Chat>(chat::follow_script, &chat, "ours.txt").expect("a right script");
    assert!(config.to_string().starts_with("as printed, ours.txt, resend 5ms"), "{config}");
}

#[test]
fn a_script_that_is_not_there_is_the_settings_mistake() {
    let refusal =
        following::<Chat>(chat::follow_script, FREE, "nowhere.txt").expect_err("no such file");
    let path = Path::root().field("mode").field("Script").field("script");
    assert!(refusal.to_string().starts_with(&format!("{path}: `nowhere.txt`")), "{refusal}");
}

#[test]
fn a_chat_that_follows_a_script_says_its_messages_again_as_it_did_others() {
    let config: Setting =
        following::<Chat>(chat::follow_script, FREE, "ours.txt").expect("a right script");
    assert!(config.to_string().starts_with("repaired, ours.txt, resend 20ms"), "{config}");
}
