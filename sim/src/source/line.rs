use serde::de::DeserializeOwned;

use super::{Reason, read};

/// Reads a value from one line, such as one that a person has typed, where
/// nobody needs to be shown a place in a file.
pub fn read_line<T: DeserializeOwned>(line: &str) -> Result<T, Reason> {
    if line.trim().is_empty() {
        return Err(Reason::new("there is nothing on the line"));
    }
    read("", line).map_err(|diagnostic| {
        let message = match diagnostic.path() {
            "" => diagnostic.message().to_owned(),
            path => format!("{path}: {}", diagnostic.message()),
        };
        let expected = diagnostic.expected().map(|expected| format!("expected {expected}"));
        match diagnostic.help().map(str::to_owned).or(expected) {
            Some(help) => Reason::new(message).help(help),
            None => Reason::new(message),
        }
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    enum Ask {
        Say { to: u8 },
        Stop,
    }

    fn refusal(line: &str) -> String {
        read_line::<Ask>(line).expect_err("a wrong line").to_string()
    }

    #[test]
    fn a_line_is_a_value_as_files_write_it() {
        assert_eq!(read_line(" Say(to: 1)\n"), Ok(Ask::Say { to: 1 }));
        assert_eq!(read_line("Stop"), Ok(Ask::Stop));
    }

    #[test]
    fn a_wrong_line_is_told_in_one_line_with_a_remedy() {
        assert_eq!(refusal("Stpo"), "unknown variant `Stpo` (did you mean `Stop`?)");
        assert_eq!(refusal("hello"), "unknown variant `hello` (expected `Say` or `Stop`)");
        assert_eq!(refusal("Say(to: x)"), "Say.to: wrong type of value (expected an integer)");
        assert_eq!(refusal("Stop, Stop"), "something follows after the end of the value");
        assert_eq!(refusal("  "), "there is nothing on the line");
    }
}
