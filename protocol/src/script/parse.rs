use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;
use core::num::NonZeroU16;
use core::str;

use super::piece::{Fault, Lines, Piece};
use super::problem::KNOWN_USERS;
use super::steps::Steps;
use super::{Error, Field, MessageRecord, Problem, Role, Script, UserRecord};
use rehearsal_machine::{NodeId, is_hidden, mutant};

const USERS_HEADER: &str = "Users";
const MESSAGE_HEADER: &str = "Message";

impl Script {
    /// Reads a script from its text, in time linear in its length.
    pub fn parse(source: &str) -> Result<Self, Error> {
        Self::from_source(source.to_owned())
    }

    /// Reads a script from a file's bytes, which must be UTF-8.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, Error> {
        check_size(bytes.len())?;
        let source = str::from_utf8(bytes).map_err(|error| {
            let (valid, _) = bytes.split_at(error.valid_up_to());
            Error::not_utf8(str::from_utf8(valid).unwrap_or_default())
        })?;
        Self::parse(source)
    }

    pub(super) fn from_source(source: String) -> Result<Self, Error> {
        check_size(source.len())?;
        let (users, messages) =
            read(&source).map_err(|(place, problem)| Error::at(&source, place, problem))?;
        let steps = Steps::new(users.len(), &messages);
        Ok(Self { source: source.into(), users: users.into(), messages: messages.into(), steps })
    }
}

fn check_size(bytes: usize) -> Result<(), Error> {
    match u32::try_from(bytes) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::at("", 0..0, Problem::TooLarge)),
    }
}

fn read(source: &str) -> Result<(Vec<UserRecord>, Vec<MessageRecord>), Fault> {
    let mut lines = Lines::of(source);
    let mut reader =
        Reader { source, users: Vec::new(), names: BTreeMap::new(), addresses: BTreeMap::new() };
    let end = lines.end();

    let header = lines.next().ok_or((0..0, Problem::EmptyFile))?;
    if header.text.starts_with('\u{feff}') {
        return Err((0..'\u{feff}'.len_utf8(), Problem::ByteOrderMark));
    }
    if header.not_blank()?.text != USERS_HEADER {
        return Err(header.fault(Problem::MissingUsersHeader));
    }
    loop {
        let line = lines.next().ok_or((end..end, Problem::MissingMessageHeader))?.not_blank()?;
        if line.text == MESSAGE_HEADER {
            if reader.users.is_empty() {
                return Err(line.fault(Problem::NoUsers));
            }
            break;
        }
        reader.user(line)?;
    }
    let mut messages = Vec::new();
    for line in lines {
        messages.push(reader.message(line.not_blank()?)?);
    }
    Ok((reader.users, messages))
}

/// What was read so far, with the look-ups that later lines need.
struct Reader<'a> {
    source: &'a str,
    users: Vec<UserRecord>,
    names: BTreeMap<&'a str, NodeId>,
    addresses: BTreeMap<(IpAddr, NonZeroU16), NodeId>,
}

impl<'a> Reader<'a> {
    fn user(&mut self, line: Piece<'a>) -> Result<(), Fault> {
        let (address, rest) = line.cut(Field::Port)?;
        let (port, rest) = rest.cut(Field::Name)?;
        let name = match rest.split() {
            None => rest,
            Some((_, extra)) => return Err(extra.fault(Problem::ExtraField)),
        };
        let listens = (read_address(address)?, read_port(port)?);
        if name.text.is_empty() {
            return Err(name.fault(Problem::EmptyName));
        }
        if let Some((start, character)) = name.text.char_indices().find(|(_, it)| is_hidden(*it)) {
            let start = name.start + start;
            let place = start..start + character.len_utf8();
            return Err((place, Problem::HiddenCharacter { character }));
        }

        let node = NodeId::from_index(self.users.len());
        if let Some(&first) = self.names.get(name.text) {
            let problem = Problem::NameTaken { name: name.text.to_owned(), line: line_of(first) };
            return Err(name.fault(problem));
        }
        if let Some(&first) = self.addresses.get(&listens) {
            let problem =
                Problem::AddressTaken { address: listens.0, port: listens.1, line: line_of(first) };
            return Err((address.start..port.end(), problem));
        }
        self.names.insert(name.text, node);
        self.addresses.insert(listens, node);
        self.users.push(UserRecord { address: listens.0, port: listens.1, name: name.span() });
        Ok(())
    }

    fn message(&self, line: Piece<'a>) -> Result<MessageRecord, Fault> {
        let (sender, rest) = line.cut(Field::Receiver)?;
        let (receiver, text) = rest.cut(Field::Text)?;
        let from = self.party(sender, Role::Sender)?;
        let to = self.party(receiver, Role::Receiver)?;
        if from == to && !mutant!(SelfMessage) {
            let problem = Problem::SelfMessage { name: receiver.text.to_owned() };
            return Err(receiver.fault(problem));
        }
        Ok(MessageRecord { from, to, text: text.span() })
    }

    fn party(&self, name: Piece<'_>, role: Role) -> Result<NodeId, Fault> {
        self.names.get(name.text).copied().ok_or_else(|| {
            let known = self.users.iter().take(KNOWN_USERS);
            name.fault(Problem::UnknownUser {
                role,
                name: name.text.to_owned(),
                known: known.map(|user| user.name.of(self.source).to_owned()).collect(),
                users: self.users.len(),
            })
        })
    }
}

/// The line that introduces a user: the header is line 1, and no line is blank.
fn line_of(node: NodeId) -> usize {
    node.index() + 2
}

fn read_address(piece: Piece<'_>) -> Result<IpAddr, Fault> {
    piece.text.parse().map_err(|_| {
        let problem = Problem::BadAddress { found: piece.text.to_owned() };
        piece.fault(problem)
    })
}

/// Digits only: `u16::from_str` would let a plus sign through.
fn read_port(piece: Piece<'_>) -> Result<NonZeroU16, Fault> {
    Some(piece.text)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| piece.fault(Problem::BadPort { found: piece.text.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_32_bits_cannot_address_is_too_large() {
        assert!(check_size(u32::MAX as usize).is_ok());
        let error = check_size(u32::MAX as usize + 1).unwrap_err();
        assert_eq!((error.problem(), error.line(), error.column()), (&Problem::TooLarge, 1, 1));
    }
}
