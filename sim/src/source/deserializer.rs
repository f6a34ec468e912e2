//! What serde asks of a [`Reader`].
//!
//! A type's visitor is compiled once for each deserializer and each error type
//! that it meets. Here it meets one of each, and these generic functions do no
//! more than call the reader's, which are not.

use std::any::type_name;
use std::borrow::Cow;

use serde::de::{Deserializer, Expected, Visitor};

use super::access::{Brackets, Buffered, Elements, Entries, Named, Variants};
use super::mistake::Mistake;
use super::outline::Kind;
use super::reader::{Fields, Place, Reader, Result};
use super::scalar::{self, Flaw, INTEGER_TYPES, IntegerType, Number};

/// Methods for types of which a value is one token.
macro_rules! scalars {
    ($($method:ident: $visit:ident($read:expr),)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let read: fn(&mut Reader<'de>) -> Result<_> = $read;
            visitor.$visit(read(self)?)
        })*
    };
}

/// The same for integers; the number is the type's place in [`INTEGER_TYPES`].
macro_rules! integers {
    ($($method:ident: $visit:ident($kind:literal),)*) => {
        $(
            #[allow(clippy::cast_sign_loss, reason = "the reader lets through what the type holds")]
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
                visitor.$visit(self.integer(&INTEGER_TYPES[$kind])? as _)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Mistake;

    integers! {
        deserialize_i8: visit_i8(0),
        deserialize_i16: visit_i16(1),
        deserialize_i32: visit_i32(2),
        deserialize_i64: visit_i64(3),
        deserialize_u8: visit_u8(4),
        deserialize_u16: visit_u16(5),
        deserialize_u32: visit_u32(6),
        deserialize_u64: visit_u64(7),
    }

    scalars! {
        deserialize_bool: visit_bool(Reader::bool),
        deserialize_f32: visit_f32(Reader::f32),
        deserialize_f64: visit_f64(Reader::f64),
        deserialize_char: visit_char(Reader::character),
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek(0) == Some(Kind::Open('[')) {
            return visitor.visit_byte_buf(serde::Deserialize::deserialize(self)?);
        }
        match self.byte_string()? {
            Cow::Borrowed(bytes) => visitor.visit_borrowed_bytes(bytes),
            Cow::Owned(bytes) => visitor.visit_byte_buf(bytes),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.is_next("None") {
            self.skip();
            return visitor.visit_none();
        }
        if self.is_next("Some") {
            self.skip();
            if self.peek(0) != Some(Kind::Open('(')) {
                return Err(self.refuse("`Some(...)`, or the value alone"));
            }
            return self.wrapped(|reader| visitor.visit_some(reader));
        }
        let depth = self.depth();
        self.enter(Place::Wrapped)?;
        let value = visitor.visit_some(&mut *self)?;
        self.leave(depth);
        Ok(value)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.unit()?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        if !self.struct_name(name)? {
            self.unit()?;
        }
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        self.struct_name(name)?;
        if self.peek(0) != Some(Kind::Open('(')) {
            return Err(self.refuse("a struct in `(` and `)`"));
        }
        self.wrapped(|reader| visitor.visit_newtype_struct(reader))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.elements('[', "a list in `[` and `]`", visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.elements('(', "a value in `(` and `)`", visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.struct_name(name)?;
        self.elements('(', "a struct in `(` and `)`", visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.open('{', "a map in `{` and `}`")?;
        let mut entries = Entries(Brackets::new(self, '}'));
        let value = visitor.visit_map(&mut entries)?;
        entries.0.end()?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.struct_name(name)?;
        self.fields(Some(fields), "a struct in `(` and `)`", visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if name == TEXT_OR_VARIANT && !self.is_variant() {
            return self.deserialize_any(visitor);
        }
        visitor.visit_enum(Variants(self, variants))
    }

    /// A name; or a string, where a struct with flattened fields is written as a map.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.peek(0) == Some(Kind::Quoted) {
            return self.deserialize_str(visitor);
        }
        visitor.visit_borrowed_str(self.name()?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.ignore();
        if self.is_no_value() {
            // The reader that looks at it has more to say of it.
            self.skip();
            return visitor.visit_unit();
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.peek(0) {
            Some(Kind::Word) => self.any_word(visitor),
            Some(Kind::Quoted) => match self.peek_text().as_bytes() {
                [b'\'', ..] => self.deserialize_char(visitor),
                [b'b', b'\'', ..] => self.deserialize_u8(visitor),
                [b'b', ..] => self.deserialize_bytes(visitor),
                _ => self.deserialize_str(visitor),
            },
            Some(Kind::Open('[')) => self.deserialize_seq(visitor),
            Some(Kind::Open('{')) => self.deserialize_map(visitor),
            Some(Kind::Open(_)) => self.any_in_parentheses(visitor),
            _ => Err(self.refuse_any(&visitor)),
        }
    }
}

/// The name of an enum that some values are no variants of: what does not begin with the
/// name of a variant is given to its visitor as it is, a string or a list for example.
pub(crate) const TEXT_OR_VARIANT: &str = "text or variant";

impl<'de> Reader<'de> {
    /// Does the name of a variant come next?
    fn is_variant(&self) -> bool {
        self.peek(0) == Some(Kind::Word)
            && !scalar::begins_number(self.peek_text())
            && !matches!(self.peek_text(), "true" | "false" | "None" | "Some")
    }

    /// Does a word come next that begins as a number and is none?
    fn is_no_value(&self) -> bool {
        let text = self.peek_text();
        self.peek(0) == Some(Kind::Word)
            && scalar::begins_number(text)
            && scalar::number(text).is_err()
    }

    fn bool(&mut self) -> Result<bool> {
        self.literal("`true` or `false`", |text| text.parse().map_err(|_| Flaw::WrongType))
    }

    fn integer(&mut self, wanted: &IntegerType) -> Result<i128> {
        self.literal("an integer", |text| scalar::integer(text, wanted))
    }

    fn f32(&mut self) -> Result<f32> {
        self.literal("a number", |text| scalar::float(text, "f32"))
    }

    fn f64(&mut self) -> Result<f64> {
        self.literal("a number", |text| scalar::float(text, "f64"))
    }

    /// A number of any type.
    fn number(&mut self, expected: &dyn Expected) -> Result<Number> {
        let number = scalar::number(self.peek_text()).map_err(|_| self.refuse_any(expected))?;
        self.skip();
        Ok(number)
    }

    /// A name that is a value.
    fn name_or_refuse(&mut self, expected: &dyn Expected) -> Result<&'de str> {
        let name = scalar::name(self.peek_text()).ok_or_else(|| self.refuse_any(expected))?;
        self.skip();
        Ok(name)
    }

    fn character(&mut self) -> Result<char> {
        self.literal("a character in single quotes", scalar::character)
    }

    fn string(&mut self) -> Result<Cow<'de, str>> {
        self.literal("a string in double quotes", scalar::string)
    }

    fn byte_string(&mut self) -> Result<Cow<'de, [u8]>> {
        self.literal("a byte string", scalar::byte_string)
    }

    fn unit(&mut self) -> Result<()> {
        if !self.is_unit() {
            return Err(self.refuse("`()`"));
        }
        self.skip();
        self.skip();
        Ok(())
    }

    /// The one value in the parentheses that come next.
    pub(super) fn wrapped<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let depth = self.depth();
        self.skip();
        self.enter(Place::Wrapped)?;
        let value = read(self)?;
        self.leave(depth);
        self.end_entries(1, ')')?;
        Ok(value)
    }

    pub(super) fn elements<V: Visitor<'de>>(
        &mut self,
        open: char,
        expected: &str,
        visitor: V,
    ) -> Result<V::Value> {
        self.open(open, expected)?;
        let mut elements = Elements(Brackets::new(self, if open == '(' { ')' } else { ']' }));
        let value = visitor.visit_seq(&mut elements)?;
        elements.0.end()?;
        Ok(value)
    }

    pub(super) fn fields<V: Visitor<'de>>(
        &mut self,
        fields: Fields,
        expected: &str,
        visitor: V,
    ) -> Result<V::Value> {
        self.open('(', expected)?;
        let mut named = Named { brackets: Brackets::new(self, ')'), fields };
        let value = visitor.visit_map(&mut named)?;
        named.brackets.end()?;
        Ok(value)
    }

    fn any_word<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        let text = self.peek_text();
        match text {
            "true" | "false" => return self.deserialize_bool(visitor),
            "None" | "Some" => return self.deserialize_option(visitor),
            _ => {}
        }
        if scalar::begins_number(text) {
            return match self.number(&visitor)? {
                Number::Unsigned(number) => visitor.visit_u64(number),
                Number::Signed(number) => visitor.visit_i64(number),
                Number::Float(number) => visitor.visit_f64(number),
            };
        }
        let token = self.at();
        let name = self.name_or_refuse(&visitor)?;
        let has_content = self.peek(0) == Some(Kind::Open('('));
        match (is_buffer::<V::Value>(), has_content) {
            (true, false) => visitor.visit_borrowed_str(name),
            (true, true) => visitor.visit_map(Buffered { reader: self, name: Some(name), token }),
            (false, false) => visitor.visit_unit(),
            (false, true) => self.any_fields_or_elements(visitor),
        }
    }

    fn any_in_parentheses<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        if self.is_unit() {
            return self.deserialize_unit(visitor);
        }
        self.any_fields_or_elements(visitor)
    }

    fn any_fields_or_elements<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value> {
        if self.peek(1) == Some(Kind::Word) && self.peek(2) == Some(Kind::Colon) {
            return self.fields(None, "", visitor);
        }
        self.elements('(', "", visitor)
    }
}

/// Whether the type is serde's buffer for a value of an untagged or internally tagged enum.
///
/// The buffer knows enum variants only as JSON writes them: a string, or a map of one entry. serde
/// has no other way to ask for one, and its type is private: only its name can be known.
fn is_buffer<T>() -> bool {
    let name = type_name::<T>();
    name.starts_with("serde") && name.contains("::Content")
}
