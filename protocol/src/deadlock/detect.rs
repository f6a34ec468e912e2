//! What all detectors have in common as machines.

use super::{DetectorInput, Output, Unexpected};
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage};

/// A detector, as [`detector!`] makes a machine of it.
pub(super) trait Detect: Machine<Command = DetectorInput, Output = Output> {
    /// How many nodes there are, numbered from 1.
    fn nodes(&self) -> u32;

    /// Begins a life with what was saved in earlier ones.
    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>);

    /// Takes what the site says.
    fn command(&mut self, command: DetectorInput, cx: &mut Context<'_, Self>);

    /// Takes a message of another node; the site is told if it does not fit.
    fn message(
        &mut self,
        from: NodeId,
        message: Self::Message,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Unexpected>;

    /// A deadline has come.
    fn timer(&mut self, timer: Self::Timer, cx: &mut Context<'_, Self>);
}

/// Gives an input to a detector.
pub(super) fn handle<D: Detect>(detector: &mut D, input: Input<D>, cx: &mut Context<'_, D>) {
    match input {
        Input::Start(storage) => detector.start(&storage, cx),
        Input::Command(command) => detector.command(command, cx),
        Input::Message { from, message } => {
            let is_stranger = from == cx.me() || from.number() > detector.nodes();
            let taken = if is_stranger {
                Err(Unexpected::Stranger)
            } else {
                detector.message(from, message, cx)
            };
            if let Err(what) = taken {
                cx.emit(Output::Ignores { from, what });
            }
        }
        Input::Timer(timer) => detector.timer(timer, cx),
        Input::Link { .. } => {}
    }
}

/// Makes a machine of a type that can [`Detect`]. The types of its messages,
/// deadlines and cells are the ones in scope; its cells hold numbers. (A blanket
/// implementation is not possible: the trait `Machine` is another crate's.)
macro_rules! detector {
    ($detector:ident) => {
        impl rehearsal_machine::Machine for $detector {
            type Message = Message;
            type Command = $crate::deadlock::DetectorInput;
            type Output = $crate::deadlock::Output;
            type Timer = Timer;
            type Cell = Cell;
            type Saved = u64;

            fn handle(
                &mut self,
                input: rehearsal_machine::Input<Self>,
                cx: &mut rehearsal_machine::Context<'_, Self>,
            ) {
                $crate::deadlock::detect::handle(self, input, cx);
            }
        }
    };
}
pub(super) use detector;
