//! Events as bytes, for the digest: postcard's format, byte for byte.
//!
//! A digest costs mostly what it takes to write down events, of which most
//! fields are one byte long. `postcard` hands over every number as a slice to
//! be copied; here each goes straight to where it belongs, which is what makes
//! it worth the while to write again what a library has. A test holds the two
//! side by side.

#[cfg(test)]
mod tests;
mod varint;

use postcard::Error;
use serde::Serialize;
use serde::ser::{self, Serializer};

use varint::{append_varint, zigzag};

/// Appends the postcard form of a value.
///
/// # Errors
/// If the value refuses to be serialized, or is a sequence of unknown length.
pub(super) fn append(bytes: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Error> {
    value.serialize(&mut Encoder(bytes))
}

struct Encoder<'a>(&'a mut Vec<u8>);

impl Encoder<'_> {
    fn length(&mut self, length: Option<usize>) -> Result<(), Error> {
        append_varint(self.0, length.ok_or(Error::SerializeSeqLengthUnknown)? as u64);
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident($number:ident: $type:ty) => $as:expr;)*) => {
        $(#[inline]
        fn $method(self, $number: $type) -> Result<(), Error> {
            append_varint(self.0, $as);
            Ok(())
        })*
    };
}

impl Serializer for &mut Encoder<'_> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers! {
        serialize_u16(number: u16) => number.into();
        serialize_u32(number: u32) => number.into();
        serialize_u64(number: u64) => number;
        serialize_i16(number: i16) => zigzag(number.into());
        serialize_i32(number: i32) => zigzag(number.into());
        serialize_i64(number: i64) => zigzag(number);
    }

    #[inline]
    fn serialize_bool(self, is: bool) -> Result<(), Error> {
        self.serialize_u8(is.into())
    }

    #[inline]
    fn serialize_u8(self, byte: u8) -> Result<(), Error> {
        self.0.push(byte);
        Ok(())
    }

    fn serialize_i8(self, byte: i8) -> Result<(), Error> {
        self.serialize_u8(byte.cast_unsigned())
    }

    fn serialize_u128(self, number: u128) -> Result<(), Error> {
        let mut left = number;
        while left >= 0x80 {
            self.0.push(left as u8 | 0x80);
            left >>= 7;
        }
        self.serialize_u8(left as u8)
    }

    fn serialize_i128(self, number: i128) -> Result<(), Error> {
        self.serialize_u128((number << 1 ^ number >> 127).cast_unsigned())
    }

    fn serialize_f32(self, number: f32) -> Result<(), Error> {
        self.0.extend_from_slice(&number.to_bits().to_le_bytes());
        Ok(())
    }

    fn serialize_f64(self, number: f64) -> Result<(), Error> {
        self.0.extend_from_slice(&number.to_bits().to_le_bytes());
        Ok(())
    }

    fn serialize_char(self, letter: char) -> Result<(), Error> {
        self.serialize_str(letter.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        self.serialize_bytes(text.as_bytes())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Error> {
        append_varint(self.0, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    #[inline]
    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_u8(0)
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.0.push(1);
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result<(), Error> {
        Ok(())
    }

    #[inline]
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        Ok(())
    }

    #[inline]
    fn serialize_unit_variant(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
    ) -> Result<(), Error> {
        self.serialize_u32(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        append_varint(self.0, variant.into());
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Error> {
        self.length(length)?;
        Ok(self)
    }

    #[inline]
    fn serialize_tuple(self, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    #[inline]
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    #[inline]
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Error> {
        append_varint(self.0, variant.into());
        Ok(self)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Error> {
        self.length(length)?;
        Ok(self)
    }

    #[inline]
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        _: &'static str,
        variant: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Error> {
        append_varint(self.0, variant.into());
        Ok(self)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! parts {
    ($($trait:ident::$method:ident($($name:ident: $type:ty)?);)*) => {
        $(impl ser::$trait for &mut Encoder<'_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: $type,)?
                value: &T,
            ) -> Result<(), Error> {
                value.serialize(&mut **self)
            }

            #[inline]
            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        })*
    };
}

parts! {
    SerializeSeq::serialize_element();
    SerializeTuple::serialize_element();
    SerializeTupleStruct::serialize_field();
    SerializeTupleVariant::serialize_field();
    SerializeStruct::serialize_field(_name: &'static str);
    SerializeStructVariant::serialize_field(_name: &'static str);
}

impl ser::SerializeMap for &mut Encoder<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}
