//! All forms of election as one machine, so that a scenario or a larger machine
//! can hold an election without knowing its form.
//!
//! Names pass through: traces show a message's kind and a deadline's name as the
//! form defines them. All nodes of a run have the same form; a node ignores
//! messages of another form.

use serde::{Deserialize, Serialize};

use super::bully::Bully;
use super::garcia_molina::GarciaMolina;
use super::hardened::Hardened;
use super::{Elector, Epoch, Role};
use rehearsal_machine::{NodeId, compose};

compose! {
    /// An election of one of the forms.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub one_of Election {
        /// The textbook's, or the paper's.
        Bully(Bully),
        /// The algorithm of 1982.
        GarciaMolina(GarciaMolina),
        /// The hardened one.
        Hardened(Hardened),
    }

    /// What peers say to each other.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub message Message { .. }

    /// Names of deadlines.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub timer Timer { .. }

    /// Names of durable cells.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub cell Cell { .. }

    /// What durable cells hold.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub saved Saved { .. }
}

impl Election {
    fn elector(&self) -> &dyn Elector {
        match self {
            Self::Bully(form) => &form.machine,
            Self::GarciaMolina(form) => &form.machine,
            Self::Hardened(form) => &form.machine,
        }
    }
}

impl Elector for Election {
    fn leader(&self) -> Option<NodeId> {
        self.elector().leader()
    }

    fn role(&self) -> Role {
        self.elector().role()
    }

    fn epoch(&self) -> Option<Epoch> {
        self.elector().epoch()
    }
}
