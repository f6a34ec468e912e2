//! A script file that is wrong is refused with its place and a remedy.

use rehearsal::Exit;

use super::{Folder, LOSSY, PAPER, with};

/// Two users, and one message from the first to the second.
const GOOD: &str = "Users\n10.0.2.15,2881,ann\n10.0.2.15,2882,bob\nMessage\nann,bob,hello\n";

/// The complaint about a script, which must be the same whether it is checked
/// or a scenario names it.
#[track_caller]
fn complaint(script: impl AsRef<[u8]>) -> String {
    let scenario = with(&with(LOSSY, "nodes: 6", "nodes: 2"), "paper-50.txt", "chat.txt");
    let folder = Folder::new().file("chat.txt", script).file("chat.ron", scenario);
    let checked = folder.refused("script check ./chat.txt");
    assert_eq!(folder.refused("run ./chat.ron"), checked);
    assert_eq!(folder.refused("check ./chat.ron"), checked);
    checked
}

/// Place, what is wrong, and the remedy.
#[track_caller]
fn is_told(script: impl AsRef<[u8]>, place: &str, wrong: &str, remedy: &str) {
    let complaint = complaint(script);
    let first = complaint.lines().next().unwrap_or_default();
    assert!(first.ends_with(&format!("--> chat.txt:{place}")), "{complaint}");
    assert!(complaint.contains(&format!("^ {wrong}\n")), "{complaint}");
    assert!(complaint.contains(&format!("= help: {remedy}")), "{complaint}");
}

#[test]
fn an_unknown_user_is_underlined_and_the_known_ones_are_named() {
    assert_eq!(
        complaint(with(GOOD, "ann,bob,hello", "ann,rob,hello")),
        r"
 --> chat.txt:5:5
  |
5 | ann,rob,hello
  |     ^^^ the receiver `rob` is not one of the users
  |
  = help: the users are `ann`, `bob`
"
        .trim_start_matches('\n')
    );
    let known = "the users are `ann`, `bob`";
    let wrong = "the sender `rob` is not one of the users";
    is_told(with(GOOD, "ann,bob,hello", "rob,bob,hello"), "5:1", wrong, known);
}

#[test]
fn a_message_to_oneself_is_refused() {
    let wrong = "`ann` writes to itself";
    let remedy = "a user that waits for itself never stops waiting; name another receiver";
    is_told(with(GOOD, "ann,bob,hello", "ann,ann,hello"), "5:5", wrong, remedy);
}

#[test]
fn a_bad_ip_address_is_refused() {
    let wrong = "`10.0.2.256` is no IP address";
    let remedy = "an IP address is like `10.0.2.15` or `::1`; the line `Message` ends the users";
    is_told(with(GOOD, "10.0.2.15,2882", "10.0.2.256,2882"), "3:1", wrong, remedy);
}

#[test]
fn a_bad_port_is_refused() {
    for port in ["0", "65536", "x", ""] {
        let complaint = complaint(with(GOOD, "2882", port));
        assert!(complaint.starts_with(" --> chat.txt:3:11\n"), "{complaint}");
        assert!(complaint.contains(&format!("^ `{port}` is no port\n")), "{complaint}");
        assert!(complaint.contains("= help: a port is a whole number from 1 to 65535"));
    }
}

#[test]
fn a_user_listed_twice_is_refused() {
    let remedy = "give every user its own name; line 2 has the same";
    is_told(with(GOOD, "2882,bob", "2882,ann"), "3:16", "two users are called `ann`", remedy);
    let wrong = "two users listen on address 10.0.2.15, port 2881";
    let remedy = "give every user its own address or port; line 2 has the same";
    is_told(with(GOOD, "2882", "2881"), "3:1", wrong, remedy);
}

#[test]
fn a_missing_header_is_missed_where_it_should_be() {
    let wrong = "the script does not start with the line `Users`";
    is_told(with(GOOD, "Users\n", ""), "1:1", wrong, "the first line is `Users`, and nothing else");
    let users_only = GOOD.split_once("Message").expect("two parts").0;
    let wrong = "the script ends before the line `Message`";
    let remedy = "the line `Message` ends the users, even if no message follows";
    is_told(users_only, "3:19", wrong, remedy);
    let remedy = "an IP address is like `10.0.2.15` or `::1`; the line `Message` ends the users";
    is_told(with(GOOD, "Message\n", ""), "4:1", "`ann` is no IP address", remedy);
}

#[test]
fn a_missing_field_is_missed_at_the_end_of_its_line() {
    let user = "a user is a line `address,port,name`; the line `Message` ends the users";
    is_told(with(GOOD, ",2882,bob", ""), "3:10", "the line ends before the port", user);
    is_told(with(GOOD, ",bob\n", "\n"), "3:15", "the line ends before the name", user);
    let message = "a message is a line `sender,receiver,text`";
    is_told(with(GOOD, ",bob,hello", ""), "5:4", "the line ends before the receiver", message);
    is_told(with(GOOD, ",hello", ""), "5:8", "the line ends before the text", message);
}

#[test]
fn a_byte_that_is_not_utf_8_is_refused() {
    let latin_1: Vec<u8> = GOOD.bytes().map(|b| if b == b'h' { 0xe4 } else { b }).collect();
    let folder = Folder::new().file("chat.txt", &latin_1);
    let complaint = folder.refused("script check ./chat.txt");
    assert!(complaint.starts_with(" --> chat.txt:5:9\n"), "{complaint}");
    assert!(complaint.contains("help: save the file as UTF-8"), "{complaint}");
    folder.write("chat.ron", with(LOSSY, "paper-50.txt", "chat.txt"));
    assert!(folder.refused("run ./chat.ron").starts_with(" --> chat.txt:5:9\n"));
}

#[test]
fn an_empty_file_is_refused() {
    let remedy = "a script is the line `Users`, the users, the line `Message`, the messages";
    is_told("", "1:1", "the script is empty", remedy);
    is_told("\n\n", "1:1", "the script is empty", remedy);
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let complaint = Folder::new().refused("script check ./chat.txt");
    assert!(complaint.contains("chat.txt:1:1"), "{complaint}");
    assert!(complaint.contains("cannot read `chat.txt`: No such file"), "{complaint}");
}

#[test]
fn a_comma_in_the_text_is_text() {
    let folder = Folder::new().file("chat.txt", with(GOOD, "hello", "well, hello, bob"));
    let out = folder.ends("script check ./chat.txt", Exit::Held);
    assert_eq!(out, "ok    chat.txt: 2 users, 1 messages\n");
    let scenario = with(&with(LOSSY, "nodes: 6", "nodes: 2"), "paper-50.txt", "chat.txt");
    folder.write("chat.ron", scenario);
    assert!(folder.ends("run ./chat.ron", Exit::Held).contains("\n  well, hello, bob\n"));
}

#[test]
fn other_line_ends_and_a_missing_last_one_make_the_same_script() {
    let scenario = with(LOSSY, "10/100", "0/100");
    let folder = Folder::with_paper().file("x.ron", scenario);
    let usual = folder.ends("run ./x.ron --json", Exit::Held);
    for script in [PAPER.replace('\n', "\r\n"), PAPER.trim_end().to_owned()] {
        folder.write("paper-50.txt", &script);
        let checked = folder.ends("script check ./paper-50.txt", Exit::Held);
        assert_eq!(checked, "ok    paper-50.txt: 6 users, 50 messages\n");
        assert_eq!(folder.ends("run ./x.ron --json", Exit::Held), usual);
    }
}
