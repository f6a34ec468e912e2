use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use super::problem::KNOWN_USERS;
use super::{Error, Field, Problem, Role, Script, User};
use rehearsal_machine::NodeId;

/// A message that is to become part of a script, which will number it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draft<'a> {
    /// Who says it.
    pub from: NodeId,
    /// Who hears it.
    pub to: NodeId,
    /// What is said; may be empty.
    pub text: &'a str,
}

impl Script {
    /// Makes a script from values, as if it had been read from what it prints.
    ///
    /// Names and texts that would read back as something else are an error
    /// too; the places in errors are those in the text it would print.
    pub fn new<'a>(
        users: impl IntoIterator<Item = User<'a>>,
        messages: impl IntoIterator<Item = Draft<'a>>,
    ) -> Result<Self, Error> {
        let users: Vec<User<'a>> = users.into_iter().collect();
        let mut writer = Writer { source: String::from("Users\n"), users: &users };
        for user in &users {
            // Writing into a string cannot fail.
            let _ = write!(writer.source, "{},{},", user.address, user.port);
            writer.last_field(Field::Name, user.name)?;
        }
        writer.source.push_str("Message\n");
        for message in messages {
            writer.party(Role::Sender, message.from)?;
            writer.party(Role::Receiver, message.to)?;
            writer.last_field(Field::Text, message.text)?;
        }
        Self::from_source(writer.source)
    }
}

struct Writer<'a> {
    source: String,
    users: &'a [User<'a>],
}

impl Writer<'_> {
    fn party(&mut self, role: Role, node: NodeId) -> Result<(), Error> {
        let Some(user) = self.users.get(node.index()) else {
            let known = self.users.iter().take(KNOWN_USERS);
            let problem = Problem::UnknownUser {
                role,
                name: node.to_string(),
                known: known.map(|user| user.name.to_owned()).collect(),
                users: self.users.len(),
            };
            let end = self.source.len();
            return Err(Error::at(&self.source, end..end, problem));
        };
        self.source.push_str(user.name);
        self.source.push(',');
        Ok(())
    }

    fn last_field(&mut self, field: Field, value: &str) -> Result<(), Error> {
        let start = self.source.len();
        self.source.push_str(value);
        if let Some((index, character)) = unwritable(field, value) {
            let place = start + index..start + index + character.len_utf8();
            return Err(Error::at(&self.source, place, Problem::Unwritable { field, character }));
        }
        self.source.push('\n');
        Ok(())
    }
}

/// The first character that this field, which ends its line, cannot hold.
/// A carriage return at the end would be taken for a part of the line's end.
fn unwritable(field: Field, value: &str) -> Option<(usize, char)> {
    value.char_indices().find(|&(index, character)| match character {
        '\n' => true,
        '\r' => index + 1 == value.len(),
        ',' => field == Field::Name,
        _ => false,
    })
}
