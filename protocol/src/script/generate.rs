use alloc::string::String;
use core::fmt;
use core::fmt::Write;
use core::net::IpAddr;

use super::Script;
use rehearsal_machine::Draw;

/// The shortest line that a generated message takes.
const SHORTEST: &str = "user1,user2,Hi from user1 to user2 with message number 1\n";

/// Why no script can be generated to these measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GenerateError {
    /// Messages need a sender and another receiver, but there is one user.
    Alone,
    /// A script has at least one user.
    NoUsers,
    /// The last users would get ports over 65535.
    PortsRunOut {
        /// The first user's port.
        base_port: u16,
        /// How many users need a port each.
        users: u32,
    },
    /// The first user would get port 0.
    PortZero,
    /// The text would have 2^32 bytes or more.
    TooLarge,
}

impl Script {
    /// A random script in the manner of the paper's: `user1`, `user2` and so on
    /// listen on one address, on consecutive ports from `base_port`, and each
    /// message goes from any of them to any other.
    ///
    /// Asks for exactly two draws per message: the sender from `1..=users`,
    /// then the receiver from `1..=users - 1`, which counts all but the sender.
    /// On an error nothing was drawn, except for a script that is too large.
    pub fn generate(
        users: u32,
        messages: u32,
        address: IpAddr,
        base_port: u16,
        draws: &mut dyn Draw,
    ) -> Result<Self, GenerateError> {
        check(users, messages, base_port)?;
        let mut source = String::from("Users\n");
        for (port, user) in (base_port..=u16::MAX).zip(1..=users) {
            // Writing into a string cannot fail, here and below.
            let _ = writeln!(source, "{address},{port},user{user}");
        }
        source.push_str("Message\n");
        for number in 1..=messages {
            let from = draw(draws, users);
            let skipping = draw(draws, users - 1);
            let to = if skipping < from { skipping } else { skipping + 1 };
            let _ = writeln!(
                source,
                "user{from},user{to},Hi from user{from} to user{to} with message number {number}"
            );
        }
        // What was just written is in the format, so only its size can be refused.
        Self::from_source(source).map_err(|_| GenerateError::TooLarge)
    }
}

fn check(users: u32, messages: u32, base_port: u16) -> Result<(), GenerateError> {
    if users == 0 {
        return Err(GenerateError::NoUsers);
    }
    if users == 1 && messages > 0 {
        return Err(GenerateError::Alone);
    }
    if base_port == 0 {
        return Err(GenerateError::PortZero);
    }
    if users - 1 > u32::from(u16::MAX - base_port) {
        return Err(GenerateError::PortsRunOut { base_port, users });
    }
    if u64::from(messages) * SHORTEST.len() as u64 > u64::from(u32::MAX) {
        return Err(GenerateError::TooLarge);
    }
    Ok(())
}

/// A number from 1 to `last`, whatever the driver answers: the numbers may
/// come from a damaged recording.
fn draw(draws: &mut dyn Draw, last: u32) -> u32 {
    let last = u64::from(last);
    draws.draw(1..=last).clamp(1, last) as u32
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone => f.write_str("one user has nobody to write to; take 2 users or more"),
            Self::NoUsers => f.write_str("a script has at least one user"),
            Self::PortsRunOut { base_port, users } => {
                write!(f, "{users} users from port {base_port} on would run past port 65535")
            }
            Self::PortZero => f.write_str("the first port is 0; ports start at 1"),
            Self::TooLarge => f.write_str("the script would have 4 GiB or more"),
        }
    }
}

impl core::error::Error for GenerateError {}
