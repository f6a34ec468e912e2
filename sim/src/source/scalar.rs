//! Literals of RON: integers, floating-point numbers, characters and strings.
//!
//! Each function reads one whole token. What RON accepts and refuses here is
//! what the `ron` crate does; the tests compare the two.

use std::borrow::Cow;
use std::ops::Range;
use std::str::FromStr;

use unicode_ident::{is_xid_continue, is_xid_start};

/// Why a token is not the literal it should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Another kind of literal, or none.
    WrongType,
    /// An integer that its type cannot hold.
    OutOfRange,
    /// A number with the suffix of another type, such as `5u8` for a `u16`.
    WrongSuffix,
    /// A string without its closing quote.
    Unclosed,
    /// A `\` with something after it that means nothing, at these bytes of the token.
    Escape(Range<usize>, &'static str),
}

/// The values of an integer type, and the suffix that names it.
pub(super) struct IntegerType {
    pub(super) suffix: &'static str,
    pub(super) least: i128,
    pub(super) most: i128,
}

/// An integer of a type; a suffix may say so again.
pub(super) fn integer(text: &str, wanted: &IntegerType) -> Result<i128, Flaw> {
    let (value, suffix) = integer_and_suffix(text)?;
    if !suffix.is_empty() && suffix != wanted.suffix {
        return Err(Flaw::WrongSuffix);
    }
    let fits = wanted.least <= value && value <= wanted.most;
    if fits { Ok(value) } else { Err(Flaw::OutOfRange) }
}

/// A number whose type the text alone decides.
#[derive(Debug, PartialEq)]
pub(super) enum Number {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

/// An integer, or else a floating-point number: also of an integer that no type can hold.
pub(super) fn number(text: &str) -> Result<Number, Flaw> {
    let refused = match integer_and_suffix(text) {
        Ok((value, suffix)) => {
            let named = INTEGER_TYPES.iter().find(|named| named.suffix == suffix);
            let fits = named.is_none_or(|named| named.least <= value && value <= named.most);
            let value = u64::try_from(value)
                .map(Number::Unsigned)
                .or_else(|_| i64::try_from(value).map(Number::Signed));
            match value {
                Ok(value) if fits => return Ok(value),
                _ => Flaw::OutOfRange,
            }
        }
        Err(flaw) => flaw,
    };
    let value = match text.strip_suffix("f32") {
        Some(_) => float::<f32>(text, "f32").map(f64::from),
        None => float::<f64>(text, "f64"),
    };
    value.map(Number::Float).map_err(|_| refused)
}

/// Whether a word can be nothing but a number.
pub(super) fn begins_number(text: &str) -> bool {
    let named = ["inf", "inff32", "inff64", "NaN", "NaNf32", "NaNf64"];
    text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        || named.contains(&text)
}

/// All the types that a suffix can name.
pub(super) const INTEGER_TYPES: [IntegerType; 8] = {
    const fn of(suffix: &'static str, least: i128, most: i128) -> IntegerType {
        IntegerType { suffix, least, most }
    }
    [
        of("i8", i8::MIN as i128, i8::MAX as i128),
        of("i16", i16::MIN as i128, i16::MAX as i128),
        of("i32", i32::MIN as i128, i32::MAX as i128),
        of("i64", i64::MIN as i128, i64::MAX as i128),
        of("u8", 0, u8::MAX as i128),
        of("u16", 0, u16::MAX as i128),
        of("u32", 0, u32::MAX as i128),
        of("u64", 0, u64::MAX as i128),
    ]
};

/// The value, of at most 64 bits and a sign, and the suffix or nothing.
fn integer_and_suffix(text: &str) -> Result<(i128, &str), Flaw> {
    if text.starts_with("b'") {
        return byte(text).map(|byte| (i128::from(byte), "u8"));
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (base, digits) = match unsigned.get(..2) {
        Some("0b") => (2, &unsigned[2..]),
        Some("0o") => (8, &unsigned[2..]),
        Some("0x") => (16, &unsigned[2..]),
        _ => (10, unsigned),
    };
    let (digits, suffix) = digits.split_at(digits.find(['i', 'u']).unwrap_or(digits.len()));
    let is_suffix = suffix.is_empty() || INTEGER_TYPES.iter().any(|named| named.suffix == suffix);
    if digits.is_empty() || digits.starts_with('_') || !is_suffix {
        return Err(Flaw::WrongType);
    }
    let mut value: Option<u64> = Some(0);
    for digit in digits.chars().filter(|digit| *digit != '_') {
        let digit = digit.to_digit(base).ok_or(Flaw::WrongType)?;
        let shifted = value.and_then(|value| value.checked_mul(u64::from(base)));
        value = shifted.and_then(|value| value.checked_add(u64::from(digit)));
    }
    let value = i128::from(value.ok_or(Flaw::OutOfRange)?);
    Ok((if text.starts_with('-') { -value } else { value }, suffix))
}

/// A floating-point number of the type that this suffix names.
pub(super) fn float<T: FromStr>(text: &str, wanted: &str) -> Result<T, Flaw> {
    let (digits, suffix) = ["f32", "f64"]
        .into_iter()
        .find_map(|suffix| Some((text.strip_suffix(suffix)?, suffix)))
        .unwrap_or((text, wanted));
    if !is_float(digits) {
        return Err(Flaw::WrongType);
    }
    if suffix != wanted {
        return Err(Flaw::WrongSuffix);
    }
    digits.replace('_', "").parse().map_err(|_| Flaw::WrongType)
}

/// Whether these are the right characters; their order is left to the standard library.
fn is_float(text: &str) -> bool {
    let may_be_part =
        |c: char| c.is_ascii_digit() || matches!(c, 'e' | 'E' | '.' | '+' | '-' | '_');
    let is_separator = |(at, _): (usize, &str)| {
        let before = text[..at].trim_end_matches(['_', '+', '-']);
        !before.is_empty() && !before.ends_with('.')
    };
    matches!(text.trim_start_matches(['+', '-']), "inf" | "NaN")
        || (text.chars().all(may_be_part) && text.match_indices('_').all(is_separator))
}

/// A character in single quotes.
pub(super) fn character(text: &str) -> Result<char, Flaw> {
    let inner = text.strip_prefix('\'').ok_or(Flaw::WrongType)?;
    let inner = inner.strip_suffix('\'').ok_or(Flaw::WrongType)?;
    let (c, length) = match inner.strip_prefix('\\') {
        Some(escaped) => {
            let (bytes, length) = escape(escaped, Bytes::OfOneCharacter, 1)?;
            let c = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
            (c, 1 + length)
        }
        None => (inner.chars().next(), inner.chars().next().map_or(0, char::len_utf8)),
    };
    c.filter(|_| length == inner.len()).ok_or(Flaw::WrongType)
}

/// The name that a map's key has in a path: the string or the character.
pub(super) fn key(text: &str) -> Option<String> {
    let of_string = string(text).ok().map(Cow::into_owned);
    of_string.or_else(|| character(text).ok().map(String::from))
}

/// An identifier, without the `r#` that allows a name more signs.
pub(super) fn name(text: &str) -> Option<&str> {
    let may_begin = |c: char| c == '_' || is_xid_start(c);
    let may_be_raw = |c: char| is_xid_continue(c) || matches!(c, '.' | '+' | '-');
    if let Some(raw) = text.strip_prefix("r#") {
        return Some(raw).filter(|raw| !raw.is_empty() && raw.chars().all(may_be_raw));
    }
    Some(text).filter(|text| text.starts_with(may_begin) && text.chars().all(is_xid_continue))
}

/// A byte in single quotes after a `b`.
fn byte(text: &str) -> Result<u8, Flaw> {
    let inner = text.strip_prefix("b'").and_then(|text| text.strip_suffix('\''));
    let inner = inner.ok_or(Flaw::WrongType)?;
    let (bytes, length) = match inner.strip_prefix('\\') {
        Some(escaped) if escaped.starts_with('u') => return Err(Flaw::WrongType),
        Some(escaped) => {
            let (bytes, length) = escape(escaped, Bytes::Any, 2)?;
            (bytes, 1 + length)
        }
        None => (inner.as_bytes().to_vec(), inner.len()),
    };
    match bytes.as_slice() {
        [byte] if length == inner.len() => Ok(*byte),
        _ => Err(Flaw::WrongType),
    }
}

/// A string in double quotes, with or without an `r` before it.
pub(super) fn string(text: &str) -> Result<Cow<'_, str>, Flaw> {
    match quoted(text, Bytes::OfText)? {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).ok(),
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).ok(),
    }
    .ok_or(Flaw::WrongType)
}

/// A string of bytes: like [`string`], with a `b` before it.
pub(super) fn byte_string(text: &str) -> Result<Cow<'_, [u8]>, Flaw> {
    quoted(text.strip_prefix('b').ok_or(Flaw::WrongType)?, Bytes::Any)
}

/// What the bytes of a literal may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bytes {
    Any,
    OfText,
    OfOneCharacter,
}

fn quoted(text: &str, bytes: Bytes) -> Result<Cow<'_, [u8]>, Flaw> {
    if let Some(raw) = text.strip_prefix('r') {
        let inner = raw.trim_start_matches('#');
        let hashes = &raw[..raw.len() - inner.len()];
        let inner = inner.strip_prefix('"').ok_or(Flaw::WrongType)?;
        let inner = inner.strip_suffix(hashes).and_then(|inner| inner.strip_suffix('"'));
        return Ok(Cow::Borrowed(inner.ok_or(Flaw::Unclosed)?.as_bytes()));
    }
    let inner = text.strip_prefix('"').ok_or(Flaw::WrongType)?;
    let Some(first) = inner.find('\\') else {
        let inner = inner.strip_suffix('"').ok_or(Flaw::Unclosed)?;
        return Ok(Cow::Borrowed(inner.as_bytes()));
    };
    let mut read = inner.as_bytes()[..first].to_vec();
    let mut at = first;
    loop {
        let rest = &inner[at..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            let line_end = ["\r\n", "\n"].into_iter().find(|end| escaped.starts_with(end));
            if let Some(line_end) = line_end {
                // A backslash at the end of a line joins it to the text of the next one.
                let next = escaped[line_end.len()..].trim_start_matches([' ', '\t', '\n', '\r']);
                at = inner.len() - next.len();
                continue;
            }
            let (bytes, length) = escape(escaped, bytes, text.len() - escaped.len())?;
            read.extend(bytes);
            at += 1 + length;
            continue;
        }
        let plain = rest.find(['"', '\\']).ok_or(Flaw::Unclosed)?;
        read.extend(&rest.as_bytes()[..plain]);
        at += plain;
        if inner[at..].starts_with('"') {
            return Ok(Cow::Owned(read));
        }
    }
}

/// What an escape means, and how long it is without its backslash; `at` is
/// where it begins in the token, for the error.
fn escape(text: &str, bytes: Bytes, at: usize) -> Result<(Vec<u8>, usize), Flaw> {
    let wrong = |length: usize, message| {
        let length = text.char_indices().map(|(at, _)| at).find(|at| *at >= length);
        Err(Flaw::Escape(at - 1..at + length.unwrap_or(text.len()), message))
    };
    let simple = match text.chars().next() {
        Some(c @ ('\'' | '"' | '\\')) => c as u8,
        Some('n') => b'\n',
        Some('r') => b'\r',
        Some('t') => b'\t',
        Some('0') => b'\0',
        Some('x') => return escaped_bytes(text, bytes).map_or_else(|m| wrong(3, m), Ok),
        Some('u') => {
            const DIGITS: &str = "`\\u` takes one to six hexadecimal digits in `{` and `}`";
            let digits = text[1..].strip_prefix('{').and_then(|text| text.split_once('}'));
            let Some((digits, _)) = digits else { return wrong(1, DIGITS) };
            let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            if digits.is_empty() || digits.len() > 6 || !is_hexadecimal {
                return wrong(1, DIGITS);
            }
            let length = digits.len() + "u{}".len();
            let c = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
            let Some(c) = c else { return wrong(length, "this is no Unicode character") };
            return Ok((c.to_string().into_bytes(), length));
        }
        first => return wrong(first.map_or(0, char::len_utf8), "unknown escape character"),
    };
    Ok((vec![simple], 1))
}

/// One byte after `\x`; in a text as many as make a character.
fn escaped_bytes(text: &str, bytes: Bytes) -> Result<(Vec<u8>, usize), &'static str> {
    let most = match bytes {
        Bytes::OfText => 4,
        Bytes::Any | Bytes::OfOneCharacter => 1,
    };
    let mut read = Vec::new();
    let mut at = 0;
    while read.len() < most {
        let digits = text.get(at..).and_then(|rest| match read.len() {
            0 => rest.strip_prefix('x'),
            _ => rest.strip_prefix("\\x"),
        });
        let digits = digits.and_then(|rest| rest.get(..2));
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        read.push(byte.ok_or("`\\x` takes two hexadecimal digits")?);
        at += if read.len() == 1 { "x00".len() } else { "\\x00".len() };
        if bytes == Bytes::Any || std::str::from_utf8(&read).is_ok() {
            return Ok((read, at));
        }
    }
    Err("these bytes are no character")
}
