use std::fmt::Debug;
use std::hash::Hash;

use super::sequential::Sequential;

/// A register with compare-and-set, at first without a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Register<T>(Option<T>);

/// What clients ask of a [`Register`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterOperation<T> {
    /// Which value has it?
    Read,
    /// Give it this value.
    Write(T),
    /// Give it the second value if it has the first one.
    CompareAndSet(T, T),
}

/// What a [`Register`] answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterAnswer<T> {
    /// It has this value.
    Value(Option<T>),
    /// It has the new value.
    Done,
    /// It had another value than expected, and keeps that.
    Refused,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Clone + Eq + Hash + Debug> Sequential for Register<T> {
    type Operation = RegisterOperation<T>;
    type Answer = RegisterAnswer<T>;

    fn apply(&mut self, operation: &RegisterOperation<T>) -> RegisterAnswer<T> {
        match operation {
            RegisterOperation::Read => RegisterAnswer::Value(self.0.clone()),
            RegisterOperation::CompareAndSet(from, _) if self.0.as_ref() != Some(from) => {
                RegisterAnswer::Refused
            }
            RegisterOperation::Write(value) | RegisterOperation::CompareAndSet(_, value) => {
                self.0 = Some(value.clone());
                RegisterAnswer::Done
            }
        }
    }
}
