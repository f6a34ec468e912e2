//! A predicate in a file: a property stands for itself, and so do the combinations.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::EnumAccessDeserializer;
use serde::de::{
    DeserializeSeed, EnumAccess, Error as _, IntoDeserializer as _, VariantAccess, Visitor,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, forward_to_deserialize_any};

use super::Predicate;
use crate::source::closest;

const COMBINATIONS: &[&str] = &["All", "Any", "Not", "Every", "AtLeast", "AtMost", "Quiet"];

impl<T: Serialize> Serialize for Predicate<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        enum Combination<'a, T> {
            All(&'a [Predicate<T>]),
            Any(&'a [Predicate<T>]),
            Not(&'a Predicate<T>),
            Every(&'a Predicate<T>),
            AtLeast(u32, &'a Predicate<T>),
            AtMost(u32, &'a Predicate<T>),
            Quiet,
        }
        match self {
            Self::Property(property) => return property.serialize(serializer),
            Self::All(parts) => Combination::All(parts),
            Self::Any(parts) => Combination::Any(parts),
            Self::Not(part) => Combination::Not(part),
            Self::Every(part) => Combination::Every(part),
            Self::AtLeast(nodes, part) => Combination::AtLeast(*nodes, part),
            Self::AtMost(nodes, part) => Combination::AtMost(*nodes, part),
            Self::Quiet => Combination::Quiet,
        }
        .serialize(serializer)
    }
}

/// The names of the properties of this type, with which a combination must not share its own: in a
/// file the property takes precedence.
pub(crate) fn property_names<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    variants::<T>().unwrap_or_default()
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Predicate<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match variants::<T>() {
            Some(properties) => {
                let visitor = PredicateVisitor { properties, property: PhantomData };
                deserializer.deserialize_enum("Predicate", COMBINATIONS, visitor)
            }
            // Where a property does not begin with a name, nothing tells it from a combination.
            None => T::deserialize(deserializer).map(Self::Property),
        }
    }
}

struct PredicateVisitor<T> {
    /// The names of the protocol's properties.
    properties: &'static [&'static str],
    property: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for PredicateVisitor<T> {
    type Value = Predicate<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a property, or a combination of properties")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Predicate<T>, A::Error> {
        let (Name(name), content) = data.variant()?;
        if !self.properties.contains(&name.as_str()) {
            match name.as_str() {
                "All" => return content.newtype_variant().map(Predicate::All),
                "Any" => return content.newtype_variant().map(Predicate::Any),
                "Not" => return content.newtype_variant().map(Predicate::Not),
                "Every" => return content.newtype_variant().map(Predicate::Every),
                "AtLeast" => {
                    let (nodes, part) = content.tuple_variant(2, Counted(PhantomData))?;
                    return Ok(Predicate::AtLeast(nodes, Box::new(part)));
                }
                "AtMost" => {
                    let (nodes, part) = content.tuple_variant(2, Counted(PhantomData))?;
                    return Ok(Predicate::AtMost(nodes, Box::new(part)));
                }
                "Quiet" => return content.unit_variant().map(|()| Predicate::Quiet),
                _ => {}
            }
            if closest(&name, self.properties).is_none()
                && let Some(meant) = closest(&name, COMBINATIONS)
            {
                let message = format!("unknown variant `{name}`\ndid you mean `{meant}`?");
                return Err(A::Error::custom(message));
            }
        }
        let property = EnumAccessDeserializer::new(Read { name, content });
        T::deserialize(property).map(Predicate::Property)
    }
}

/// A number of nodes, and a predicate.
struct Counted<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Counted<T> {
    type Value = (u32, Predicate<T>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of nodes and a predicate: `AtLeast(2, P)`")
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(
        self,
        mut parts: A,
    ) -> Result<Self::Value, A::Error> {
        let nodes = parts.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let part = parts.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
        Ok((nodes, part))
    }
}

/// The name of a variant, whichever it is.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a property")
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(Name(name.to_owned()))
            }
        }
        deserializer.deserialize_identifier(NameVisitor)
    }
}

/// A variant whose name has been read.
struct Read<A> {
    name: String,
    content: A,
}

impl<'de, A: VariantAccess<'de>> EnumAccess<'de> for Read<A> {
    type Error = A::Error;
    type Variant = A;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, A), A::Error> {
        Ok((seed.deserialize(self.name.into_deserializer())?, self.content))
    }
}

/// The names of an enum's variants; nothing for another type.
fn variants<'de, T: Deserialize<'de>>() -> Option<&'static [&'static str]> {
    T::deserialize(Probe).err().and_then(|Probed(variants)| variants)
}

/// Learns what a type asks for, and gives it nothing.
struct Probe;

#[derive(Debug)]
struct Probed(Option<&'static [&'static str]>);

impl<'de> Deserializer<'de> for Probe {
    type Error = Probed;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Probed> {
        Err(Probed(Some(variants)))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Probed> {
        Err(Probed(None))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl std::error::Error for Probed {}

impl fmt::Display for Probed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a type was asked for its variants")
    }
}

impl serde::de::Error for Probed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(None)
    }
}
