//! What the owner of a real node types.

use std::fmt;
use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_protocol::chat::{Command, GroupName};
use rehearsal_sim::Reason;
use rehearsal_sim::source::{closest, one_of, read_line};

const ORDERS: [&str; 5] = ["/task", "/done", "/suspect", "/join", "/leave"];

pub(super) fn command(line: &str) -> Result<Command, Reason> {
    let line = line.trim();
    match line.chars().next() {
        Some('/') => order(line),
        Some('#') => {
            let (group, text) = cut(&line[1..]);
            let group = group_name(group, "#lunch hello")?;
            if text.is_empty() {
                return Err(nothing_to_tell(&group, "as in `#lunch hello`"));
            }
            Ok(Command::SayIn { group, text: text.into() })
        }
        Some(first) if first.is_ascii_digit() => {
            let (to, text) = addressed(line, "3 hello")?;
            Ok(Command::Say { to, text: text.into() })
        }
        Some(first) if first.is_alphabetic() => {
            read_line(line).map_err(|reason| Reason::new(reason.to_string()).help(REMEDY))
        }
        Some(_) => Err(Reason::new("this says nothing to anybody").help(REMEDY)),
        None => Err(Reason::new("there is nothing on the line").help(REMEDY)),
    }
}

const REMEDY: &str = "begin with the recipient: `3 hello` or `#lunch hello`; or give an order: \
                      `/task 3 sweep`, `/done`, `/suspect`, `/join lunch`, `/leave lunch`";

fn order(line: &str) -> Result<Command, Reason> {
    let (name, rest) = cut(line);
    match name {
        "/task" => {
            let (to, what) = addressed(rest, "/task 3 sweep")?;
            Ok(Command::Assign { to, what: what.into() })
        }
        "/done" | "/suspect" if !rest.is_empty() => {
            Err(Reason::new(format!("nothing stands behind `{name}`"))
                .help(format!("leave out `{rest}`")))
        }
        "/join" => Ok(Command::Join(group_name(rest, "/join lunch")?)),
        "/leave" => Ok(Command::Leave(group_name(rest, "/leave lunch")?)),
        "/done" => Ok(Command::Finish),
        "/suspect" => Ok(Command::Suspect),
        unknown => {
            let help = match closest(unknown, &ORDERS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("orders are {}", one_of(&ORDERS).unwrap_or_default()),
            };
            Err(Reason::new(format!("there is no order `{unknown}`")).help(help))
        }
    }
}

/// The recipient, and the text.
fn addressed<'line>(text: &'line str, example: &str) -> Result<(NodeId, &'line str), Reason> {
    let help = format!("as in `{example}`");
    let (number, rest) = cut(text);
    let node = number.parse().ok().and_then(NodeId::new).ok_or_else(|| {
        let message = match number {
            "" => "this has no recipient".to_owned(),
            _ => format!("`{number}` is nobody's number"),
        };
        Reason::new(message).help(help.clone())
    })?;
    if rest.is_empty() {
        return Err(nothing_to_tell(&node, &help));
    }
    Ok((node, rest))
}

/// The group of this name, before which there may be a `#`.
fn group_name(name: &str, example: &str) -> Result<GroupName, Reason> {
    GroupName::try_from(Arc::from(name.strip_prefix('#').unwrap_or(name)))
        .map_err(|error| Reason::new(error.to_string()).help(format!("as in `{example}`")))
}

fn nothing_to_tell(reader: &impl fmt::Display, help: &str) -> Reason {
    Reason::new(format!("there is nothing to tell {reader}")).help(help)
}

/// The first word, and what comes behind it.
fn cut(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(number: u32) -> NodeId {
        NodeId::new(number).expect("nodes count from 1")
    }

    fn refusal(line: &str) -> String {
        command(line).expect_err("a wrong line").to_string()
    }

    #[test]
    fn a_number_and_a_text_tell_that_user_something() {
        let said = Command::Say { to: node(3), text: "hello there, (you)".into() };
        assert_eq!(command("  3   hello there, (you) \r\n"), Ok(said));
    }

    #[test]
    fn orders_begin_with_a_slash() {
        let task = Command::Assign { to: node(3), what: "sweep the yard".into() };
        assert_eq!(command("/task 3 sweep the yard"), Ok(task));
        assert_eq!(command("/done"), Ok(Command::Finish));
        assert_eq!(command(" /suspect"), Ok(Command::Suspect));
    }

    #[test]
    fn a_group_is_written_with_a_hash() {
        let lunch = || GroupName::try_from(Arc::from("lunch")).expect("a word");
        let said = Command::SayIn { group: lunch(), text: "at noon?".into() };
        assert_eq!(command("#lunch  at noon?"), Ok(said));
        assert_eq!(command("/join lunch"), Ok(Command::Join(lunch())));
        assert_eq!(command("/join #lunch"), Ok(Command::Join(lunch())));
        assert_eq!(command("/leave lunch"), Ok(Command::Leave(lunch())));
        let said = Command::SayIn { group: lunch(), text: "hello".into() };
        assert_eq!(command("SayIn(group: \"lunch\", text: \"hello\")"), Ok(said));
    }

    #[test]
    fn a_word_begins_a_command_as_files_write_it() {
        let said = Command::Say { to: node(1), text: "hello".into() };
        assert_eq!(command("Say(to: 1, text: \"hello\")"), Ok(said));
        assert_eq!(command("Suspect"), Ok(Command::Suspect));
    }

    #[test]
    fn what_means_nothing_is_refused_with_what_would_mean_something() {
        let rows = [
            ("", "there is nothing on the line (begin with the recipient"),
            ("?!", "this says nothing to anybody (begin with the recipient"),
            ("hello you", "begin with the recipient: `3 hello`"),
            ("3", "there is nothing to tell n3 (as in `3 hello`)"),
            ("0 hello", "`0` is nobody's number (as in `3 hello`)"),
            ("3: hello", "`3:` is nobody's number (as in `3 hello`)"),
            ("99999999999 hello", "`99999999999` is nobody's number"),
            ("/task", "this has no recipient (as in `/task 3 sweep`)"),
            ("/task sweep", "`sweep` is nobody's number (as in `/task 3 sweep`)"),
            ("/task 3", "there is nothing to tell n3 (as in `/task 3 sweep`)"),
            ("/done 3", "nothing stands behind `/done` (leave out `3`)"),
            ("/tsak 3 x", "there is no order `/tsak` (did you mean `/task`?)"),
            ("/go", "there is no order `/go` (orders are `/task`, `/done`, `/suspect`, `/join` or"),
            (
                "/join",
                "a group needs a name: write one word, such as `lunch` (as in `/join lunch`)",
            ),
            ("/join the club", "the name of a group has no ' '"),
            ("# hello", "a group needs a name"),
            ("#lunch", "there is nothing to tell #lunch (as in `#lunch hello`)"),
            ("Join(\"a b\")", "the name of a group has no ' '"),
            ("Sya(to: 1)", "unknown variant `Sya` (did you mean `Say`?)"),
        ];
        for (line, told) in rows {
            let refusal = refusal(line);
            assert!(refusal.contains(told), "{line:?} is refused with {refusal}");
        }
    }
}
