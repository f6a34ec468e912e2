use std::net::IpAddr;
use std::num::NonZeroU16;

use proptest::prelude::*;
use proptest::sample::Index;
use rehearsal_machine::{NodeId, is_hidden};
use rehearsal_protocol::script::{Draft, Error, Script, User};

use super::{PAPER_50, naive_projection, node};

/// A script's values: every name once, every address once, nobody writes to itself.
#[derive(Clone, Debug)]
struct Values {
    users: Vec<(IpAddr, NonZeroU16, String)>,
    messages: Vec<(NodeId, NodeId, String)>,
}

impl Values {
    fn script(&self) -> Result<Script, Error> {
        let users = self.users.iter();
        let messages = self.messages.iter();
        Script::new(
            users.map(|(address, port, name)| User { address: *address, port: *port, name }),
            messages.map(|(from, to, text)| Draft { from: *from, to: *to, text }),
        )
    }
}

fn values() -> impl Strategy<Value = Values> {
    let name = "[^,\r\n]{1,6}".prop_filter("it can be seen", |name| !name.contains(is_hidden));
    let names = prop::collection::btree_set(name, 2..8);
    let ports = prop::collection::btree_set(any::<NonZeroU16>(), 8);
    let message = (any::<Index>(), any::<Index>(), "([^\n]{0,20}[^\r\n])?");
    let messages = prop::collection::vec(message, 0..40);
    (names, ports, any::<IpAddr>(), messages).prop_map(|(names, ports, address, messages)| {
        let users: Vec<_> =
            names.into_iter().zip(ports).map(|(name, port)| (address, port, name)).collect();
        let messages = messages.into_iter().map(|(from, step, text)| {
            let from = from.index(users.len());
            let to = (from + 1 + step.index(users.len() - 1)) % users.len();
            (NodeId::from_index(from), NodeId::from_index(to), text)
        });
        let messages = messages.collect();
        Values { users, messages }
    })
}

/// A valid source with LF or CRLF ends, and with or without the last one.
fn source() -> impl Strategy<Value = String> {
    (values(), any::<bool>(), prop::sample::select(vec!["", "\n", "\r\n", "\n\r\n\n"])).prop_map(
        |(values, windows, end)| {
            let printed = values.script().unwrap().to_string();
            let body = printed.trim_end_matches('\n');
            let body = if windows { body.replace('\n', "\r\n") } else { body.to_owned() };
            body + end
        },
    )
}

#[derive(Clone, Debug)]
enum Edit {
    Delete(Index),
    Insert(Index, u8),
    Replace(Index, u8),
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Insert(place, byte) => bytes.insert(place.index(bytes.len() + 1), *byte),
            _ if bytes.is_empty() => {}
            Self::Delete(place) => drop(bytes.remove(place.index(bytes.len()))),
            Self::Replace(place, byte) => {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    let byte = || prop_oneof![any::<u8>(), prop::sample::select(b",\n\r1uM".to_vec())];
    prop_oneof![
        any::<Index>().prop_map(Edit::Delete),
        (any::<Index>(), byte()).prop_map(|(place, byte)| Edit::Insert(place, byte)),
        (any::<Index>(), byte()).prop_map(|(place, byte)| Edit::Replace(place, byte)),
    ]
}

/// What must hold of any bytes: a script that prints as it was read, or an
/// error with a place inside the text.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    match Script::parse_bytes(bytes) {
        Ok(script) => {
            prop_assert_eq!(script.to_string().into_bytes(), bytes);
            check_contents(&script)?;
        }
        Err(error) => {
            let text = String::from_utf8_lossy(bytes);
            let line = text.split('\n').nth(error.line() - 1);
            let width = line.expect("the line exists").chars().count();
            prop_assert!(error.column() - 1 + error.length() <= width, "{}", error);
            prop_assert!(!error.message().contains('\n'));
            prop_assert!(!error.help().contains('\n'));
        }
    }
    Ok(())
}

fn check_contents(script: &Script) -> Result<(), TestCaseError> {
    for (index, entry) in script.messages().enumerate() {
        prop_assert_eq!(entry.number.index(), index);
        prop_assert_eq!(script.message(entry.number), Some(entry));
        prop_assert_ne!(entry.from, entry.to);
        prop_assert!(script.user(entry.from).is_some() && script.user(entry.to).is_some());
    }
    for index in 0..=script.user_count() {
        let node = NodeId::from_index(index);
        prop_assert_eq!(script.projection(node), naive_projection(script, node));
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_a_script_or_an_error_with_a_place(text in any::<String>()) {
        check(text.as_bytes())?;
    }

    #[test]
    fn any_bytes_are_a_script_or_an_error_with_a_place(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        check(&bytes)?;
    }

    #[test]
    fn any_lines_of_the_right_words_are_a_script_or_an_error_with_a_place(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "Users\n", "Message\n", "10.0.0.1,1,a\n", "10.0.0.1,2,b\n", "::1,1,c\n", "a,b,x\n",
                "b,a,\n", "a", "\n", "\r", "\r\n", ",", "ä", "\u{feff}", "0",
            ]),
            0..12,
        ),
    ) {
        check(words.concat().as_bytes())?;
    }

    #[test]
    fn a_damaged_script_is_a_script_or_an_error_with_a_place(
        source in source(),
        edits in prop::collection::vec(edit(), 1..6),
    ) {
        let mut bytes = source.into_bytes();
        for edit in &edits {
            edit.apply(&mut bytes);
        }
        check(&bytes)?;
    }

    #[test]
    fn a_damaged_script_of_the_paper_is_a_script_or_an_error_with_a_place(edit in edit()) {
        let mut bytes = PAPER_50.as_bytes().to_vec();
        edit.apply(&mut bytes);
        check(&bytes)?;
    }

    #[test]
    fn a_script_prints_byte_for_byte_as_it_was_read(source in source()) {
        let script = Script::parse(&source).unwrap();
        prop_assert_eq!(script.to_string(), source);
        check_contents(&script)?;
    }

    #[test]
    fn a_script_made_from_values_holds_them_and_reads_back_the_same(values in values()) {
        let script = values.script().unwrap();
        prop_assert_eq!(&Script::parse(&script.to_string()).unwrap(), &script);

        prop_assert_eq!(script.user_count(), values.users.len());
        for (user, (address, port, name)) in script.users().zip(&values.users) {
            prop_assert_eq!(user, User { address: *address, port: *port, name });
        }
        prop_assert_eq!(script.message_count(), values.messages.len());
        for (entry, (from, to, text)) in script.messages().zip(&values.messages) {
            prop_assert_eq!((entry.from, entry.to, entry.text), (*from, *to, text.as_str()));
        }
    }

    #[test]
    fn any_permutation_of_its_steps_may_become_a_nodes_order(
        (order, original) in values().prop_flat_map(|values| {
            let script = values.script().unwrap();
            (Just(script.projection(node(1)).to_vec()).prop_shuffle(), Just(script))
        }),
    ) {
        let script = original.clone().reordered(node(1), &order).unwrap();
        prop_assert_eq!(script.projection(node(1)), &order);
        prop_assert_eq!(script.to_string(), original.to_string());
        prop_assert_eq!(script == original, order == original.projection(node(1)));
    }
}
