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
            type Error = $crate::Foreign;

            fn try_from(whole: $whole) -> Result<Self, $crate::Foreign> {
                match whole {
                    $whole::$variant(part) => Ok(part),
                    _ => Err($crate::Foreign),
                }
            }
        }
    };
}

/// A machine of one form as one of any form, `form!(Any::Form in module)`: its
/// messages, deadlines and cells, and the inputs that are for it. Those of any
/// form are the `Message`, `Timer` and `Cell` in scope.
macro_rules! form {
    ($any:ident::$form:ident in $module:ident) => {
        impl From<$form> for $any {
            fn from(machine: $form) -> Self {
                Self::$form($crate::Nested::new(machine))
            }
        }

        part!(Message::$form of $module::Message);
        part!(Timer::$form of $module::Timer);
        part!(Cell::$form of $module::Cell, and back);

        impl TryFrom<$crate::Input<$any>> for $crate::Input<$form> {
            type Error = $crate::Foreign;

            fn try_from(input: $crate::Input<$any>) -> Result<Self, $crate::Foreign> {
                Ok(match input {
                    $crate::Input::Start(storage) => Self::Start($crate::Nested::<$form>::storage(&storage)),
                    $crate::Input::Command(command) => Self::Command(command),
                    $crate::Input::Message { from, message: Message::$form(message) } => {
                        Self::Message { from, message }
                    }
                    $crate::Input::Timer(Timer::$form(timer)) => Self::Timer(timer),
                    $crate::Input::Message { .. } | $crate::Input::Timer(_) => return Err($crate::Foreign),
                })
            }
        }
    };
}
