use std::net::IpAddr;
use std::num::NonZeroU16;

use rehearsal_protocol::script::{Draft, Error, Field, Problem, Role, Script, User};

use super::{node, two_users};

fn refused(source: &str) -> Error {
    Script::parse(source).expect_err(source)
}

/// The script is refused at this line, column and length, with these words.
#[track_caller]
fn check(source: &str, place: (usize, usize, usize), words: &str) -> Problem {
    let error = refused(source);
    assert_eq!((error.line(), error.column(), error.length()), place, "{error}");
    assert_eq!(error.message(), words);
    assert!(!error.help().is_empty());
    error.problem().clone()
}

#[test]
fn an_empty_file() {
    for source in ["", "\n", "\r\n\n"] {
        assert_eq!(check(source, (1, 1, 0), "the script is empty"), Problem::EmptyFile);
    }
}

#[test]
fn a_missing_users_header() {
    let words = "the script does not start with the line `Users`";
    check("10.0.0.1,1,a\nMessage\n", (1, 1, 12), words);
    check("users\n", (1, 1, 5), words);
    assert_eq!(check("Users \n", (1, 1, 6), words), Problem::MissingUsersHeader);
}

#[test]
fn a_byte_order_mark() {
    let words = "an invisible byte order mark before `Users`";
    assert_eq!(check("\u{feff}Users\n", (1, 1, 1), words), Problem::ByteOrderMark);
}

#[test]
fn a_name_with_a_character_that_no_reader_can_see() {
    for (character, escape) in [('\t', r"\t"), ('\u{1b}', r"\u{1b}"), ('\u{202e}', r"\u{202e}")] {
        let words =
            format!("the user's name has the character `{escape}`, which no reader can see");
        let problem =
            check(&format!("Users\n10.0.0.1,1,a{character}b\nMessage\n"), (2, 13, 1), &words);
        assert_eq!(problem, Problem::HiddenCharacter { character });
    }
}

#[test]
fn a_missing_message_header() {
    let words = "the script ends before the line `Message`";
    check("Users", (1, 6, 0), words);
    check("Users\r\n10.0.0.1,1,ä\r\n\r\n", (2, 13, 0), words);
    assert_eq!(check("Users\n10.0.0.1,1,a", (2, 13, 0), words), Problem::MissingMessageHeader);
}

#[test]
fn a_misspelt_message_header_is_taken_for_a_user() {
    check("Users\n10.0.0.1,1,a\nMessages\na,b,x\n", (3, 9, 0), "the line ends before the port");
    let error = refused("Users\n10.0.0.1,1,a\na,b,x\n");
    assert!(error.help().contains("`Message`"));
    assert_eq!(error.message(), "`a` is no IP address");
}

#[test]
fn no_users() {
    assert_eq!(check("Users\nMessage\n", (2, 1, 7), "the script has no users"), Problem::NoUsers);
}

#[test]
fn a_missing_field() {
    let missing = |field| Problem::MissingField { field };
    let words = "the line ends before the name";
    assert_eq!(check("Users\n10.0.0.1,1\n", (2, 11, 0), words), missing(Field::Name));
    let words = "the line ends before the receiver";
    assert_eq!(check(&two_users("a\n"), (5, 2, 0), words), missing(Field::Receiver));
    let words = "the line ends before the text";
    assert_eq!(check(&two_users("a,b\r\n"), (5, 4, 0), words), missing(Field::Text));
}

#[test]
fn an_extra_field_of_a_user() {
    let words = "the line goes on after the user's name";
    assert_eq!(check("Users\n10.0.0.1,1,a,bcd\n", (2, 14, 3), words), Problem::ExtraField);
    check("Users\n10.0.0.1,1,a,\n", (2, 14, 0), words);
}

#[test]
fn a_bad_address() {
    let words = "`10.0.2.256` is no IP address";
    let problem = check("Users\n10.0.2.256,1,a\n", (2, 1, 10), words);
    assert_eq!(problem, Problem::BadAddress { found: "10.0.2.256".to_owned() });
    check("Users\n,1,a\n", (2, 1, 0), "`` is no IP address");
    check("Users\n 10.0.0.1,1,a\n", (2, 1, 9), "` 10.0.0.1` is no IP address");
}

#[test]
fn a_bad_port() {
    for port in ["0", "65536", "99999999999", "x", "+1", "-1", " 1", "1 ", "1.0", "", "١"] {
        let place = (2, 10, port.chars().count());
        let words = format!("`{port}` is no port");
        let problem = check(&format!("Users\n10.0.0.1,{port},a\n"), place, &words);
        assert_eq!(problem, Problem::BadPort { found: port.to_owned() });
    }
}

#[test]
fn an_empty_name() {
    let words = "the user's name is empty";
    assert_eq!(check("Users\n10.0.0.1,1,\nMessage\n", (2, 12, 0), words), Problem::EmptyName);
}

#[test]
fn a_name_taken_twice() {
    let source = "Users\n10.0.0.1,1,b\n10.0.0.1,2,äö\n10.0.0.1,3,äö\n";
    let problem = check(source, (4, 12, 2), "two users are called `äö`");
    assert_eq!(problem, Problem::NameTaken { name: "äö".to_owned(), line: 3 });
}

#[test]
fn an_address_taken_twice() {
    let source = "Users\n10.0.0.1,80,a\n10.0.0.1,0080,b\n";
    let problem = check(source, (3, 1, 13), "two users listen on address 10.0.0.1, port 80");
    let (address, port) = (IpAddr::from([10, 0, 0, 1]), NonZeroU16::new(80).unwrap());
    assert_eq!(problem, Problem::AddressTaken { address, port, line: 2 });
}

#[test]
fn an_unknown_sender_or_receiver() {
    let unknown = |role| Problem::UnknownUser {
        role,
        name: "cc".to_owned(),
        known: vec!["a".to_owned(), "b".to_owned()],
        users: 2,
    };
    let words = "the sender `cc` is not one of the users";
    assert_eq!(check(&two_users("a,b,x\ncc,a,x\n"), (6, 1, 2), words), unknown(Role::Sender));
    let words = "the receiver `cc` is not one of the users";
    assert_eq!(check(&two_users("a,b,x\na,cc,x\n"), (6, 3, 2), words), unknown(Role::Receiver));
    assert_eq!(refused(&two_users("cc,b,x")).help(), "the users are `a`, `b`");
}

#[test]
fn only_the_first_of_many_users_are_listed() {
    let users: Vec<String> = (1..=1000).map(|k| format!("10.0.0.1,{k},u{k}\n")).collect();
    let help = refused(&format!("Users\n{}Message\nx,u1,\n", users.concat())).help();
    assert!(help.starts_with("the first of the 1000 users are `u1`, `u2`"), "{help}");
    assert!(help.ends_with("`u12`"), "{help}");
}

#[test]
fn a_message_to_oneself() {
    let words = "`b` writes to itself";
    let problem = check(&two_users("a,b,x\nb,b,x\n"), (6, 3, 1), words);
    assert_eq!(problem, Problem::SelfMessage { name: "b".to_owned() });
}

#[cfg(feature = "mutants")]
#[test]
fn the_planted_bug_lets_a_message_to_oneself_through_as_one_step() {
    let source = two_users("a,b,x\nb,b,x\n");
    let (script, reached) =
        rehearsal_machine::mutant::with("SelfMessage", || Script::parse(&source));
    assert!(reached);
    assert_eq!(script.unwrap().projection(node(2)), super::numbers(&[1, 2]));
}

#[test]
fn a_blank_line_inside() {
    let words = "a blank line inside the script";
    check("\nUsers\n", (1, 1, 0), words);
    check("Users\n\r\n10.0.0.1,1,a\nMessage\n", (2, 1, 0), words);
    assert_eq!(check(&two_users("\na,b,x\n"), (5, 1, 0), words), Problem::BlankLine);
}

#[test]
fn bytes_that_are_not_utf_8() {
    let mut bytes = two_users("a,b,ä").into_bytes();
    bytes.extend(b"\xff, and more\n");
    let error = Script::parse_bytes(&bytes).unwrap_err();
    assert_eq!((error.line(), error.column(), error.length()), (5, 6, 1));
    assert_eq!(error.problem(), &Problem::NotUtf8);
    assert_eq!(error.message(), "a byte that is not UTF-8");

    let cut_short = Script::parse_bytes(b"Users\n\xe2\x82").unwrap_err();
    assert_eq!((cut_short.line(), cut_short.column()), (2, 1));
}

#[test]
fn an_error_prints_its_place_the_problem_and_the_help() {
    assert_eq!(
        refused("Users\n10.0.0.1,0,a\n").to_string(),
        "line 2, column 10: `0` is no port; a port is a whole number from 1 to 65535"
    );
}

#[test]
fn a_found_text_is_quoted_on_one_line_and_not_at_length() {
    let found = format!("\r{}", "x".repeat(100));
    let message = refused(&format!("Users\n{found},1,a\n")).message();
    assert_eq!(message, format!("`\\r{}...` is no IP address", "x".repeat(39)));
}

#[test]
fn values_that_the_format_cannot_hold_are_refused_where_they_would_stand() {
    let user = |name| User { address: [10, 0, 0, 1].into(), port: NonZeroU16::MIN, name };
    for (name, column, character) in [("a,b", 13, ','), ("ä\nb", 13, '\n'), ("ab\r", 14, '\r')] {
        let error = Script::new([user(name)], []).unwrap_err();
        assert_eq!((error.line(), error.column(), error.length()), (2, column, 1), "{error}");
        assert_eq!(error.problem(), &Problem::Unwritable { field: Field::Name, character });
    }

    let users = [user("a"), User { port: NonZeroU16::MAX, ..user("b") }];
    for (text, column, character) in [("x\ny", 6, '\n'), ("x\r\ny", 7, '\n'), ("x\r", 6, '\r')] {
        let message = Draft { from: node(1), to: node(2), text };
        let error = Script::new(users, [message]).unwrap_err();
        assert_eq!((error.line(), error.column(), error.length()), (5, column, 1), "{error}");
        assert_eq!(error.problem(), &Problem::Unwritable { field: Field::Text, character });
    }
}

#[test]
fn values_are_checked_as_a_text_is() {
    let user = |name| User { address: [10, 0, 0, 1].into(), port: NonZeroU16::MIN, name };
    assert_eq!(Script::new([], []).unwrap_err().problem(), &Problem::NoUsers);
    let empty = Script::new([user("")], []).unwrap_err();
    assert_eq!((empty.problem(), empty.line()), (&Problem::EmptyName, 2));

    let stranger = Draft { from: node(1), to: node(2), text: "" };
    let error = Script::new([user("a")], [stranger]).unwrap_err();
    assert_eq!((error.line(), error.column(), error.length()), (4, 3, 0));
    assert_eq!(error.message(), "the receiver `n2` is not one of the users");

    let oneself = Draft { to: node(1), ..stranger };
    let error = Script::new([user("a")], [oneself]).unwrap_err();
    assert_eq!(error.problem(), &Problem::SelfMessage { name: "a".to_owned() });
}
