use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::fmt::Write;
use core::net::IpAddr;
use core::num::NonZeroU16;

use rehearsal_machine::is_hidden;

/// What can be wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Another user listens on the same address and port.
    AddressTaken {
        /// The address they share.
        address: IpAddr,
        /// The port they share.
        port: NonZeroU16,
        /// The line of the user who has it.
        line: usize,
    },
    /// Where a user's IP address should be is something else.
    BadAddress {
        /// What is there.
        found: String,
    },
    /// Where a user's port should be is no number from 1 to 65535.
    BadPort {
        /// What is there.
        found: String,
    },
    /// A line before the last one is empty.
    BlankLine,
    /// The file starts with a byte order mark, which no editor shows.
    ByteOrderMark,
    /// There is no text at all, or only blank lines.
    EmptyFile,
    /// A user has an address but no name.
    EmptyName,
    /// A user's line goes on after the name.
    ExtraField,
    /// A user's name has a character that no reader can see.
    HiddenCharacter {
        /// The first one.
        character: char,
    },
    /// A line ends before this field.
    MissingField {
        /// The first field that is missing.
        field: Field,
    },
    /// The file ends before the line `Message`.
    MissingMessageHeader,
    /// The first line is not `Users`.
    MissingUsersHeader,
    /// Another user has the same name.
    NameTaken {
        /// The name they share.
        name: String,
        /// The line of the user who has it.
        line: usize,
    },
    /// No user is named between `Users` and `Message`.
    NoUsers,
    /// A byte that is not part of any character in UTF-8.
    NotUtf8,
    /// A user writes to itself, and would wait for itself without end.
    SelfMessage {
        /// Who.
        name: String,
    },
    /// The text has 2^32 bytes or more.
    TooLarge,
    /// A message names a user that is not among the users.
    UnknownUser {
        /// Whether that user would send or receive.
        role: Role,
        /// The name in the message.
        name: String,
        /// The names of the users; only the first few if they are many.
        known: Vec<String>,
        /// How many users there are.
        users: usize,
    },
    /// A script made from values has a name or a text that would read back as
    /// something else.
    Unwritable {
        /// Whether it is a name or a text.
        field: Field,
        /// The first character that cannot stand there.
        character: char,
    },
}

/// A part of a line that a problem can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Field {
    /// A user's name.
    Name,
    /// A user's port.
    Port,
    /// Who a message goes to.
    Receiver,
    /// What a message says.
    Text,
}

/// What a user does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Hears it.
    Receiver,
    /// Says it.
    Sender,
}

/// How many users an error names at most.
pub(super) const KNOWN_USERS: usize = 12;

/// How many characters of a found text an error repeats at most.
const QUOTED: usize = 40;

impl Problem {
    /// What was expected instead.
    pub(super) fn help(&self) -> String {
        match self {
            Self::AddressTaken { line, .. } => {
                format!("give every user its own address or port; line {line} has the same")
            }
            Self::BadAddress { .. } => {
                "an IP address is like `10.0.2.15` or `::1`; the line `Message` ends the users"
                    .to_owned()
            }
            Self::BadPort { .. } => "a port is a whole number from 1 to 65535".to_owned(),
            Self::BlankLine => "blank lines may only stand at the end; remove it".to_owned(),
            Self::ByteOrderMark => "save the file as UTF-8 without a byte order mark".to_owned(),
            Self::EmptyFile => {
                "a script is the line `Users`, the users, the line `Message`, the messages"
                    .to_owned()
            }
            Self::EmptyName => "a user is a line `address,port,name`".to_owned(),
            Self::ExtraField => {
                "a user is a line `address,port,name`, and a name has no comma".to_owned()
            }
            Self::MissingField { field: Field::Name | Field::Port } => {
                "a user is a line `address,port,name`; the line `Message` ends the users".to_owned()
            }
            Self::MissingField { field: Field::Receiver | Field::Text } => {
                "a message is a line `sender,receiver,text`".to_owned()
            }
            Self::MissingMessageHeader => {
                "the line `Message` ends the users, even if no message follows".to_owned()
            }
            Self::HiddenCharacter { .. } => "leave the character out of the name".to_owned(),
            Self::MissingUsersHeader => "the first line is `Users`, and nothing else".to_owned(),
            Self::NameTaken { line, .. } => {
                format!("give every user its own name; line {line} has the same")
            }
            Self::NoUsers => "add a line `address,port,name` before `Message`".to_owned(),
            Self::NotUtf8 => "save the file as UTF-8".to_owned(),
            Self::SelfMessage { .. } => {
                "a user that waits for itself never stops waiting; name another receiver".to_owned()
            }
            Self::TooLarge => "a script is smaller than 4 GiB; split it".to_owned(),
            Self::UnknownUser { known, users, .. } => known_users(known, *users),
            Self::Unwritable { .. } => "a name has neither comma nor line break, a text no line \
                 break, and neither ends with a carriage return"
                .to_owned(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddressTaken { address, port, .. } => {
                write!(f, "two users listen on address {address}, port {port}")
            }
            Self::BadAddress { found } => write!(f, "{} is no IP address", Quoted(found)),
            Self::BadPort { found } => write!(f, "{} is no port", Quoted(found)),
            Self::BlankLine => f.write_str("a blank line inside the script"),
            Self::ByteOrderMark => f.write_str("an invisible byte order mark before `Users`"),
            Self::EmptyFile => f.write_str("the script is empty"),
            Self::EmptyName => f.write_str("the user's name is empty"),
            Self::ExtraField => f.write_str("the line goes on after the user's name"),
            Self::MissingField { field } => write!(f, "the line ends before the {field}"),
            Self::HiddenCharacter { character } => {
                let mut buffer = [0; 4];
                let character = Quoted(character.encode_utf8(&mut buffer));
                write!(f, "the user's name has the character {character}, which no reader can see")
            }
            Self::MissingMessageHeader => f.write_str("the script ends before the line `Message`"),
            Self::MissingUsersHeader => {
                f.write_str("the script does not start with the line `Users`")
            }
            Self::NameTaken { name, .. } => write!(f, "two users are called {}", Quoted(name)),
            Self::NoUsers => f.write_str("the script has no users"),
            Self::NotUtf8 => f.write_str("a byte that is not UTF-8"),
            Self::SelfMessage { name } => write!(f, "{} writes to itself", Quoted(name)),
            Self::TooLarge => f.write_str("the script has 4 GiB or more"),
            Self::UnknownUser { role, name, .. } => {
                write!(f, "the {role} {} is not one of the users", Quoted(name))
            }
            Self::Unwritable { field, character } => {
                let mut buffer = [0; 4];
                let character = Quoted(character.encode_utf8(&mut buffer));
                write!(f, "the {field} has {character} where the format has no room for it")
            }
        }
    }
}

fn known_users(known: &[String], users: usize) -> String {
    let mut help = if known.len() == users {
        "the users are ".to_owned()
    } else {
        format!("the first of the {users} users are ")
    };
    for (index, name) in known.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        // Writing into a string cannot fail.
        let _ = write!(help, "{comma}{}", Quoted(name));
    }
    help
}

/// A found text between backquotes: its beginning, with characters that cannot be seen as escapes.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('`')?;
        for character in self.0.chars().take(QUOTED) {
            if is_hidden(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        if self.0.chars().nth(QUOTED).is_some() {
            f.write_str("...")?;
        }
        f.write_char('`')
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Port => "port",
            Self::Receiver => "receiver",
            Self::Text => "text",
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Receiver => "receiver",
            Self::Sender => "sender",
        })
    }
}
