//! The values of machines that a bigger one holds, wrapped in its own and back.

/// A part's value as one of the whole, `part!(Whole::Variant of Part)`; and
/// back where it is that part's, with `, and back`.
macro_rules! part {
    ($whole:ident::$variant:ident of $part:ty) => {
        impl From<$part> for $whole {
            fn from(part: $part) -> Self {
                Self::$variant(part)
            }
        }
    };
    ($whole:ident::$variant:ident of $part:ty, and back) => {
        part!($whole::$variant of $part);

        impl TryFrom<$whole> for $part {
            type Error = Foreign;

            fn try_from(whole: $whole) -> Result<Self, Foreign> {
                match whole {
                    $whole::$variant(part) => Ok(part),
                    #[allow(unreachable_patterns, reason = "where there is but one part")]
                    _ => Err(Foreign),
                }
            }
        }
    };
}

/// A machine of one form as one of any form, `form!(Any::Form in module)`: its
/// messages, deadlines and cells, and the inputs that are for it.
macro_rules! form {
    ($any:ident::$form:ident in $module:ident) => {
        impl From<$form> for $any {
            fn from(machine: $form) -> Self {
                Self::$form(Nested::new(machine))
            }
        }

        part!(Message::$form of $module::Message);
        part!(Timer::$form of $module::Timer);
        part!(Cell::$form of $module::Cell, and back);

        impl TryFrom<Input<$any>> for Input<$form> {
            type Error = Foreign;

            fn try_from(input: Input<$any>) -> Result<Self, Foreign> {
                Ok(match input {
                    Input::Start(storage) => Self::Start(Nested::<$form>::storage(&storage)),
                    Input::Command(command) => Self::Command(command),
                    Input::Message { from, message: Message::$form(message) } => {
                        Self::Message { from, message }
                    }
                    Input::Timer(Timer::$form(timer)) => Self::Timer(timer),
                    #[allow(unreachable_patterns, reason = "where there is but one form")]
                    Input::Message { .. } | Input::Timer(_) => return Err(Foreign),
                })
            }
        }
    };
}
