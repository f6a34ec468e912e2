use proptest::prelude::*;
use serde::Serialize;

use super::append;

fn same_as_postcard(value: &impl Serialize) -> Result<(), TestCaseError> {
    let mut bytes = vec![7];
    append(&mut bytes, value).expect("it can be serialized");
    let expected = postcard::to_stdvec(value).expect("it can be serialized");
    prop_assert_eq!(&bytes[1..], expected);
    Ok(())
}

#[derive(Clone, Debug, Serialize)]
enum Shape {
    Unit,
    New(i16),
    Pair(u8, char),
    Named { text: String, deep: Option<Box<Self>> },
}

fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Unit),
        any::<i16>().prop_map(Shape::New),
        any::<(u8, char)>().prop_map(|(byte, letter)| Shape::Pair(byte, letter)),
    ];
    leaf.prop_recursive(4, 16, 1, |inner| {
        (".*", proptest::option::of(inner))
            .prop_map(|(text, deep)| Shape::Named { text, deep: deep.map(Box::new) })
    })
}

/// Numbers of every length, each as likely as any other.
fn numbers() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0_u32..64).prop_map(|(number, shift)| number >> shift)
}

proptest! {
    #[test]
    fn a_number_is_written_as_postcard_does(number in numbers(), large in any::<u128>()) {
        let signed = number.cast_signed();
        same_as_postcard(&number)?;
        same_as_postcard(&(signed, signed as i32, number as u32, number as u16, signed as i8))?;
        same_as_postcard(&(large >> (number % 128), large.cast_signed() >> (number % 128)))?;
    }

    #[test]
    fn a_value_of_any_shape_is_written_as_postcard_does(
        shape in shapes(),
        many in prop::collection::vec((any::<bool>(), any::<f32>(), any::<f64>(), any::<()>()), 0..200),
        named in prop::collection::btree_map(".*", numbers(), 0..4),
    ) {
        same_as_postcard(&shape)?;
        same_as_postcard(&many)?;
        same_as_postcard(&named)?;
    }
}

#[test]
fn the_numbers_at_which_a_byte_more_is_needed_are_written_as_postcard_does() {
    for bits in 0..64 {
        for number in [(1 << bits) - 1, 1 << bits, u64::MAX >> bits] {
            same_as_postcard(&number).expect("the same bytes");
        }
    }
}

#[test]
fn what_has_no_length_is_refused_as_postcard_refuses_it() {
    struct Endless;
    impl Serialize for Endless {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(std::iter::from_fn(|| Some(1)).take_while(|_| true))
        }
    }
    let refused = append(&mut Vec::new(), &Endless).expect_err("it has no length");
    assert_eq!(refused, postcard::to_stdvec(&Endless).expect_err("it has no length"));
}

#[test]
fn a_struct_of_any_form_is_written_as_postcard_does() {
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct New(u32);
    #[derive(Serialize)]
    #[expect(clippy::option_option, reason = "an odd shape is what is wanted")]
    struct Pair(u8, Option<Option<i8>>);
    #[derive(Serialize)]
    struct Named<'a> {
        text: &'a str,
        deep: (Unit, New, Pair),
    }
    let deep = (Unit, New(300), Pair(7, Some(None)));
    same_as_postcard(&Named { text: "as it is", deep }).expect("the same bytes");
}

#[test]
fn what_has_a_form_for_people_is_written_in_the_other_one() {
    let address: std::net::IpAddr = [127, 0, 0, 1].into();
    same_as_postcard(&address).expect("the same bytes");
}

#[test]
fn what_is_printed_into_its_place_is_written_as_postcard_does() {
    struct Printed(u64);
    impl Serialize for Printed {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&format_args!("number {}", self.0))
        }
    }
    for number in [0, u64::MAX] {
        same_as_postcard(&Printed(number)).expect("the same bytes");
    }
}
