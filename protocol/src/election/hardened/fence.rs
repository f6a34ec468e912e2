use crate::election::Epoch;
use rehearsal_machine::mutant;

/// What a resource keeps so that a leader of the past cannot write to it: the
/// latest epoch that it has let in.
///
/// Every write carries its leader's epoch as a token (Kleppmann, How to do
/// distributed locking, 2016; sequencers of Burrows, Chubby, 2006). The word
/// of a leader that does not know yet that its time is over comes with an
/// older one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fence {
    latest: Option<Epoch>,
}

impl Fence {
    /// A fence that has let this epoch in already, after a restart.
    #[must_use]
    pub fn restored(latest: Option<Epoch>) -> Self {
        Self { latest }
    }

    /// The latest epoch that was let in.
    #[must_use]
    pub fn latest(&self) -> Option<Epoch> {
        self.latest
    }

    /// May what carries this epoch in? It may unless a later one has been let
    /// in; the later one, then.
    pub fn admit(&mut self, epoch: Epoch) -> Result<(), Epoch> {
        match self.latest {
            Some(latest) if epoch < latest && !mutant!(OpenFence) => Err(latest),
            _ => {
                self.latest = Some(epoch);
                Ok(())
            }
        }
    }
}
