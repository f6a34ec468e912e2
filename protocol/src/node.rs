use alloc::vec::Vec;

use crate::{Context, Draw, Effect, Input, Machine, NodeId, Time};

/// One incarnation of a node: its machine and its armed deadlines, driven the
/// same way in the simulator and over sockets.
///
/// A crash drops it. A restart makes a new one, with the next incarnation, and
/// gives it [`Input::Start`]: a deadline of the dead one has nowhere to fire.
pub struct Node<M: Machine> {
    id: NodeId,
    incarnation: u32,
    machine: M,
    /// Sorted by name; a machine has few deadlines, so a vector beats a tree.
    deadlines: Vec<Deadline<M::Timer>>,
    armings: u64,
}

/// An armed timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline<T> {
    /// Its name.
    pub timer: T,
    /// When it fires, on the driver's clock.
    pub at: Time,
    /// Which arming of its node this is, counted from 1: tells a deadline from
    /// the one of the same name that it replaced.
    pub arming: u64,
}

impl<M: Machine> Node<M> {
    /// A node that has not started: its first input shall be [`Input::Start`].
    pub fn new(id: NodeId, incarnation: u32, machine: M) -> Self {
        Self { id, incarnation, machine, deadlines: Vec::new(), armings: 0 }
    }

    /// Which node it is.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// Which life of the node this is, counted from 1.
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// Its state, to look at.
    #[must_use]
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// Takes one input; the effects go to the end of `effects`, for the driver
    /// to carry out one at a time.
    pub fn handle(
        &mut self,
        input: Input<M>,
        now: Time,
        draws: &mut dyn Draw,
        effects: &mut Vec<Effect<M>>,
    ) {
        self.machine.handle(input, &mut Context::new(self.id, now, draws, effects));
    }

    /// Carries out an [`Effect::Arm`] whose span the driver has picked; gives
    /// the arming's number.
    pub fn arm(&mut self, timer: M::Timer, at: Time) -> u64 {
        self.armings += 1;
        let deadline = Deadline { timer, at, arming: self.armings };
        match self.position(&deadline.timer) {
            Ok(place) => self.deadlines[place] = deadline,
            Err(place) => self.deadlines.insert(place, deadline),
        }
        self.armings
    }

    /// Carries out an [`Effect::Disarm`].
    pub fn disarm(&mut self, timer: &M::Timer) {
        if let Ok(place) = self.position(timer) {
            self.deadlines.remove(place);
        }
    }

    /// Takes a deadline off its list because its time has come; false if that
    /// arming has been replaced or disarmed since, and must not fire.
    pub fn fire(&mut self, timer: &M::Timer, arming: u64) -> bool {
        match self.position(timer) {
            Ok(place) if self.deadlines[place].arming == arming => {
                self.deadlines.remove(place);
                true
            }
            _ => false,
        }
    }

    /// What is armed, sorted by name.
    #[must_use]
    pub fn deadlines(&self) -> &[Deadline<M::Timer>] {
        &self.deadlines
    }

    /// How often a timer has been armed in this incarnation.
    #[must_use]
    pub fn armings(&self) -> u64 {
        self.armings
    }

    fn position(&self, timer: &M::Timer) -> Result<usize, usize> {
        self.deadlines.binary_search_by(|deadline| deadline.timer.cmp(timer))
    }
}
