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
            type Error = rehearsal_machine::NotMine;

            fn try_from(whole: $whole) -> Result<Self, rehearsal_machine::NotMine> {
                match whole {
                    $whole::$variant(part) => Ok(part),
                    _ => Err(rehearsal_machine::NotMine),
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
                Self::$form(rehearsal_machine::Nested::new(machine))
            }
        }

        part!(Message::$form of $module::Message);
        part!(Timer::$form of $module::Timer);
        part!(Cell::$form of $module::Cell, and back);

        impl $crate::wrap::Narrow<$form> for $any {
            fn narrow(input: rehearsal_machine::Input<Self>) -> Option<rehearsal_machine::Input<$form>> {
                use rehearsal_machine::Input;
                Some(match input {
                    Input::Start(storage) => Input::Start(rehearsal_machine::Nested::<$form>::storage(&storage)),
                    Input::Command(command) => Input::Command(command),
                    Input::Message { from, message: Message::$form(message) } => {
                        Input::Message { from, message }
                    }
                    Input::Timer(Timer::$form(timer)) => Input::Timer(timer),
                    Input::Message { .. } | Input::Timer(_) => return None,
                })
            }
        }
    };
}

/// A machine of several forms: which of its inputs are for one of them.
pub(crate) trait Narrow<F: rehearsal_machine::Machine>: rehearsal_machine::Machine {
    /// The input as the form's own, if it is for that form.
    fn narrow(input: rehearsal_machine::Input<Self>) -> Option<rehearsal_machine::Input<F>>;
}
