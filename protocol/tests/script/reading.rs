use std::net::{IpAddr, Ipv6Addr};

use rehearsal_protocol::script::{Entry, Number, Script};

use super::{PAPER_39, PAPER_50, naive_projection, node, number, two_users};

fn texts(script: &Script) -> Vec<&str> {
    script.messages().map(|entry| entry.text).collect()
}

#[test]
fn the_papers_scripts_are_read() {
    for (source, messages) in [(PAPER_39, 39), (PAPER_50, 50)] {
        let script = Script::parse(source).unwrap();
        assert_eq!((script.user_count(), script.message_count()), (6, messages));
        assert_eq!((script.users().len(), script.messages().len()), (6, messages));
        assert_eq!(script.to_string(), source);
        assert_eq!(Script::parse_bytes(source.as_bytes()).unwrap(), script);
    }
}

#[test]
fn the_user_on_the_third_line_is_node_3() {
    let script = Script::parse(PAPER_50).unwrap();
    let user = script.user(node(3)).unwrap();
    assert_eq!(user.address, IpAddr::from([10, 0, 2, 15]));
    assert_eq!((user.port.get(), user.name), (2883, "user3"));
    assert_eq!(script.users().nth(2), Some(user));
    assert_eq!(script.user(node(7)), None);
    assert_eq!(script.user(node(u32::MAX)), None);
}

#[test]
fn a_message_is_found_by_its_number() {
    let script = Script::parse(PAPER_50).unwrap();
    let text = "Hi from user1 to user4 with message number 50";
    let last = Entry { number: number(50), from: node(1), to: node(4), text };
    assert_eq!(script.message(number(50)), Some(last));
    assert_eq!(script.messages().next_back(), Some(last));
    assert_eq!(script.message(number(51)), None);
    assert_eq!(script.message(number(u32::MAX)), None);
    assert_eq!(Number::new(0), None);
    assert_eq!(number(50).to_string(), "50");
}

#[test]
fn a_projection_is_the_nodes_own_messages_in_script_order() {
    let script = Script::parse(PAPER_39).unwrap();
    let of_user_1: Vec<u32> = script.projection(node(1)).iter().map(|step| step.get()).collect();
    assert_eq!(of_user_1, [1, 12, 18, 25, 30, 31, 34, 36, 37, 39]);
    for k in 1..=6 {
        assert_eq!(script.projection(node(k)), naive_projection(&script, node(k)));
    }
}

#[test]
fn a_stranger_has_no_steps() {
    let script = Script::parse(PAPER_39).unwrap();
    assert!(script.projection(node(7)).is_empty());
    assert!(script.projection(node(8)).is_empty());
    assert!(script.projection(node(u32::MAX)).is_empty());
}

#[test]
fn a_comma_in_the_text_is_text() {
    let script = Script::parse(&two_users("a,b,one, two,,three\n")).unwrap();
    assert_eq!(texts(&script), ["one, two,,three"]);
}

#[test]
fn a_text_may_be_empty() {
    assert_eq!(texts(&Script::parse(&two_users("a,b,\n")).unwrap()), [""]);
    assert_eq!(texts(&Script::parse(&two_users("a,b,")).unwrap()), [""]);
}

#[test]
fn a_script_may_have_no_messages() {
    for source in [two_users(""), two_users("").trim_end().to_owned()] {
        let script = Script::parse(&source).unwrap();
        assert_eq!(script.message_count(), 0);
        assert!(script.projection(node(1)).is_empty());
    }
}

#[test]
fn blank_lines_at_the_end_are_accepted_and_kept() {
    let source = two_users("a,b,x\n\n\r\n\n");
    let script = Script::parse(&source).unwrap();
    assert_eq!(texts(&script), ["x"]);
    assert_eq!(script.to_string(), source);
}

#[test]
fn windows_line_ends_are_accepted_and_kept() {
    let source = PAPER_50.replace('\n', "\r\n");
    let script = Script::parse(&source).unwrap();
    assert_eq!(script.to_string(), source);
    assert!(script.messages().eq(Script::parse(PAPER_50).unwrap().messages()));
    assert!(script.users().eq(Script::parse(PAPER_50).unwrap().users()));
}

#[test]
fn a_carriage_return_that_ends_no_line_is_text() {
    let source = two_users("a,b,x\ry\nb,a,z\r\r\na,b,end\r");
    assert_eq!(texts(&Script::parse(&source).unwrap()), ["x\ry", "z\r", "end\r"]);
}

#[test]
fn blanks_around_a_field_belong_to_it() {
    let source = "Users\n10.0.0.1,1, a\n10.0.0.1,2,a\nMessage\n a,a, x \n";
    let script = Script::parse(source).unwrap();
    assert_eq!(script.users().map(|user| user.name).collect::<Vec<_>>(), [" a", "a"]);
    assert_eq!(texts(&script), [" x "]);
}

#[test]
fn a_user_may_be_called_like_a_header() {
    let source = "Users\n10.0.0.1,1,Message\n10.0.0.1,2,Users\nMessage\nMessage,Users,Message\n";
    assert_eq!(texts(&Script::parse(source).unwrap()), ["Message"]);
}

#[test]
fn an_address_may_be_of_version_6() {
    let script = Script::parse("Users\n::1,65535,a\nMessage\n").unwrap();
    assert_eq!(script.user(node(1)).unwrap().address, IpAddr::from(Ipv6Addr::LOCALHOST));
}

#[test]
fn users_on_one_port_of_two_addresses_or_the_reverse_are_distinct() {
    let source = "Users\n10.0.0.1,1,a\n10.0.0.2,1,b\n10.0.0.1,2,c\nMessage\n";
    assert_eq!(Script::parse(source).unwrap().user_count(), 3);
}

#[test]
fn a_script_shows_its_size_for_debugging() {
    assert_eq!(format!("{:?}", Script::parse(PAPER_50)), "Ok(Script(6 users, 50 messages))");
}
