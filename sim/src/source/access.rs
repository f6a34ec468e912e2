//! The entries of a list, a tuple, a map or a struct, and the contents of an enum
//! variant, one after the other.

use std::ops::Range;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::mistake::{Blame, Mistake, one_of};
use super::outline::Kind;
use super::reader::{Fields, Place, Reader, Result};

/// What is in brackets.
pub(super) struct Brackets<'r, 'de> {
    reader: &'r mut Reader<'de>,
    close: char,
    /// How many entries have been read.
    count: usize,
    depth: usize,
}

impl<'r, 'de> Brackets<'r, 'de> {
    pub(super) fn new(reader: &'r mut Reader<'de>, close: char) -> Self {
        let depth = reader.depth();
        Self { reader, close, count: 0, depth }
    }

    fn has_entry(&mut self) -> Result<bool> {
        self.reader.leave(self.depth);
        self.reader.has_entry(self.count, self.close)
    }

    fn end_of_entry(&mut self) {
        self.count += 1;
        self.reader.leave(self.depth);
    }

    /// After a key.
    fn start_value(&mut self) -> Result<()> {
        self.reader.leave(self.depth + 1);
        self.reader.colon()?;
        self.reader.start_value();
        Ok(())
    }

    pub(super) fn end(&mut self) -> Result<()> {
        self.reader.leave(self.depth);
        self.reader.end_entries(self.count, self.close)
    }
}

/// A list or a tuple.
pub(super) struct Elements<'r, 'de>(pub(super) Brackets<'r, 'de>);

impl<'de> SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if !self.0.has_entry()? {
            return Ok(None);
        }
        self.0.reader.enter(Place::Index(self.0.count))?;
        let value = seed.deserialize(&mut *self.0.reader)?;
        self.0.end_of_entry();
        Ok(Some(value))
    }
}

/// A map, whose keys are values of any type.
pub(super) struct Entries<'r, 'de>(pub(super) Brackets<'r, 'de>);

impl<'de> MapAccess<'de> for &mut Entries<'_, 'de> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        if !self.0.has_entry()? {
            return Ok(None);
        }
        let token = self.0.reader.at();
        self.0.reader.enter(Place::Key { token, fields: None })?;
        seed.deserialize(&mut *self.0.reader).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        self.0.start_value()?;
        let value = seed.deserialize(&mut *self.0.reader)?;
        self.0.end_of_entry();
        Ok(value)
    }
}

/// A struct, whose keys are names.
pub(super) struct Named<'r, 'de> {
    pub(super) brackets: Brackets<'r, 'de>,
    pub(super) fields: Fields,
}

impl<'de> Named<'_, 'de> {
    fn next_name(&mut self) -> Result<Option<BorrowedStrDeserializer<'de, Mistake>>> {
        if !self.brackets.has_entry()? {
            return Ok(None);
        }
        let token = self.brackets.reader.at();
        let name = self.brackets.reader.name()?;
        self.brackets.reader.enter(Place::Key { token, fields: self.fields })?;
        Ok(Some(BorrowedStrDeserializer::new(name)))
    }
}

impl<'de> MapAccess<'de> for &mut Named<'_, 'de> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.next_name()?.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        self.brackets.start_value()?;
        let value = seed.deserialize(&mut *self.brackets.reader)?;
        self.brackets.end_of_entry();
        Ok(value)
    }
}

/// A value of an enum type with these variants, as far as they are known.
pub(super) struct Variants<'r, 'de>(
    pub(super) &'r mut Reader<'de>,
    pub(super) &'static [&'static str],
);

/// So many variants are listed where none of them is named.
const MOST_LISTED: usize = 4;

impl<'r, 'de> EnumAccess<'de> for Variants<'r, 'de> {
    type Error = Mistake;
    type Variant = Variant<'r, 'de>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant)> {
        let (token, depth) = (self.0.at(), self.0.depth());
        let listed = Some(self.1).filter(|variants| variants.len() <= MOST_LISTED);
        let name = match listed.and_then(one_of) {
            Some(variants) if self.0.peek(0).is_some_and(|kind| kind != Kind::Word) => {
                return Err(self.0.refuse(&variants));
            }
            _ => self.0.name()?,
        };
        let value = seed.deserialize(BorrowedStrDeserializer::<Mistake>::new(name))?;
        Ok((value, Variant { reader: self.0, name, token, depth }))
    }
}

/// What comes after the name of a variant.
pub(super) struct Variant<'r, 'de> {
    reader: &'r mut Reader<'de>,
    name: &'de str,
    token: usize,
    depth: usize,
}

impl Variant<'_, '_> {
    fn end_without_content(&mut self) -> Result<()> {
        if self.reader.peek(0) == Some(Kind::Open('(')) {
            let name = self.name;
            self.reader.enter(Place::Variant(self.token))?;
            let message = format!("`{name}` takes nothing in parentheses");
            return Err(Mistake::new(message, Blame::Bytes(self.reader.bracketed()))
                .with_help(format!("write `{name}` alone")));
        }
        Ok(())
    }

    fn open_one_value(&mut self) -> Result<()> {
        self.reader.enter(Place::Variant(self.token))?;
        let content = self.reader.bracketed();
        self.reader.open('(', "a value in `(` and `)`")?;
        if self.reader.peek(0) == Some(Kind::Word) && self.reader.peek(1) == Some(Kind::Colon) {
            return Err(self.more_than_one(content));
        }
        self.reader.start_value();
        Ok(())
    }

    fn close_one_value(&mut self) -> Result<()> {
        self.reader.leave(self.depth + 1);
        self.reader.end_entries(1, ')').map_err(|mistake| match self.reader.peek(0) {
            Some(_) => self.more_than_one(self.reader.bracketed()),
            None => mistake,
        })?;
        self.reader.leave(self.depth);
        Ok(())
    }

    /// What stands in the parentheses has names, as far as there is anything.
    fn has_names(&self, fields: &[&str]) -> Result<()> {
        let reader = &self.reader;
        let is_open = reader.peek(0) == Some(Kind::Open('('));
        let is_named =
            matches!(reader.peek(1), Some(Kind::Word)) && reader.peek(2) == Some(Kind::Colon);
        let is_empty = matches!(reader.peek(1), Some(Kind::Close) | None);
        if !is_open || is_named || is_empty {
            return Ok(());
        }
        let name = self.name;
        let named: Vec<_> = fields.iter().map(|field| format!("{field}: ..")).collect();
        Err(Mistake::new(
            format!("the fields of `{name}` have names"),
            Blame::Bytes(reader.bracketed()),
        )
        .with_help(format!("write `{name}({})`", named.join(", "))))
    }

    fn more_than_one(&self, span: Range<usize>) -> Mistake {
        let name = self.name;
        let message = format!("`{name}` takes one value in parentheses");
        Mistake::new(message, Blame::Bytes(span))
            .with_help(format!("a struct has parentheses of its own: `{name}((..))`"))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Mistake;

    fn unit_variant(mut self) -> Result<()> {
        self.end_without_content()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<T::Value> {
        self.open_one_value()?;
        let value = seed.deserialize(&mut *self.reader)?;
        self.close_one_value()?;
        Ok(value)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.reader.enter(Place::Variant(self.token))?;
        let value = self.reader.elements('(', "a value in `(` and `)`", visitor)?;
        self.reader.leave(self.depth);
        Ok(value)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.reader.enter(Place::Variant(self.token))?;
        self.has_names(fields)?;
        let value = self.reader.fields(Some(fields), "a value in `(` and `)`", visitor)?;
        self.reader.leave(self.depth);
        Ok(value)
    }
}

/// A variant and what is in its parentheses, as a map of one entry.
pub(super) struct Buffered<'r, 'de> {
    pub(super) reader: &'r mut Reader<'de>,
    pub(super) name: Option<&'de str>,
    pub(super) token: usize,
}

impl<'de> MapAccess<'de> for Buffered<'_, 'de> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let name = self.name.take().map(BorrowedStrDeserializer::<Mistake>::new);
        name.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        let depth = self.reader.depth();
        self.reader.enter(Place::Variant(self.token))?;
        let value = if self.reader.holds_one() {
            self.reader.wrapped(|reader| seed.deserialize(reader))
        } else {
            seed.deserialize(&mut *self.reader)
        }?;
        self.reader.leave(depth);
        Ok(value)
    }
}
