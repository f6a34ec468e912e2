//! What a fault is called where something outside the scenario refers to it.

use std::collections::BTreeMap;
use std::fmt;

use super::Fault;

/// The name of a fault in the keys of a plan, and in the keys of what chance
/// decides about it.
///
/// A fault is called by its `name`, or else by its own words as the head of a
/// trace shows them, and by its ordinal among the faults of the scenario that
/// are called the same. So a fault that is added or removed elsewhere in the
/// list renames and redraws no other, except a later one that is called the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FaultName {
    /// `fault(crash n3 at 1s)`; the second such fault is `fault(crash n3 at 1s)~2`.
    Called {
        /// Its `name`, or its own words.
        words: String,
        /// Which of the faults that are called so, from 1.
        ordinal: u32,
    },
    /// `faults[2]`: its place in the scenario, from 0. Older plans have it; it is
    /// read and never written.
    Place(usize),
}

impl FaultName {
    /// The names of these faults, which are all those of a scenario.
    #[must_use]
    pub fn all(faults: &[Fault]) -> Vec<Self> {
        let mut met: BTreeMap<String, u32> = BTreeMap::new();
        let named = |fault: &Fault| {
            let words = fault.name.clone().unwrap_or_else(|| fault.words());
            let ordinal = met.entry(words.clone()).or_default();
            *ordinal += 1;
            Self::Called { words, ordinal: *ordinal }
        };
        faults.iter().map(named).collect()
    }

    /// The place, from 0, of the fault that is meant, among faults with these names.
    #[must_use]
    pub fn place_in(&self, names: &[Self]) -> Option<usize> {
        match self {
            Self::Place(place) => Some(*place).filter(|place| *place < names.len()),
            Self::Called { .. } => names.iter().position(|name| name == self),
        }
    }

    /// Tells the fault from all others in the keys of draws: the first eight
    /// bytes of the BLAKE3 hash of its name as it is written.
    pub(crate) fn identity(&self) -> u64 {
        let hash = blake3::hash(self.to_string().as_bytes());
        let [first, ..] = hash.as_bytes().as_chunks().0 else { unreachable!("it has 32 bytes") };
        u64::from_le_bytes(*first)
    }

    /// Reads a name as it is written.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(place) = text.strip_prefix("faults[") {
            let place = place.strip_suffix(']')?;
            let number: usize = place.parse().ok().filter(|n: &usize| n.to_string() == place)?;
            return Some(Self::Place(number));
        }
        let called = text.strip_prefix("fault(")?;
        let (words, ordinal) = if let Some(words) = called.strip_suffix(')') {
            (words, 1)
        } else {
            let (words, ordinal) = called.rsplit_once(")~")?;
            (words, ordinal.parse().ok().filter(|n: &u32| *n > 1 && n.to_string() == ordinal)?)
        };
        Some(Self::Called { words: words.to_owned(), ordinal }).filter(|_| !words.is_empty())
    }
}

impl fmt::Display for FaultName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Called { words, ordinal: 1 } => write!(f, "fault({words})"),
            Self::Called { words, ordinal } => write!(f, "fault({words})~{ordinal}"),
            Self::Place(place) => write!(f, "faults[{place}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Action;
    use crate::source::TimeSpan;
    use rehearsal_machine::NodeId;

    fn crash(node: usize, millis: u64) -> Fault {
        Action::crash(NodeId::from_index(node)).at(TimeSpan::from_millis(millis))
    }

    #[test]
    fn a_fault_keeps_its_name_when_others_are_added_and_removed() {
        let name_of = |faults: &[Fault], place: usize| FaultName::all(faults)[place].to_string();
        let alone = name_of(&[crash(2, 10)], 0);
        assert_eq!(alone, "fault(crash n3 at 10ms)");
        assert_eq!(name_of(&[crash(1, 10), crash(2, 10), crash(2, 11)], 1), alone);
        assert_eq!(name_of(&[crash(2, 10), crash(2, 10)], 1), "fault(crash n3 at 10ms)~2");
    }

    #[test]
    fn a_name_of_its_own_survives_an_edit_of_the_fault() {
        let [before, after] = [10, 20].map(|at| crash(2, at).named("the leader"));
        assert_eq!(FaultName::all(&[before]), FaultName::all(&[after]));
    }

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for text in ["fault(a)", "fault(a)~2", "fault(a)~2)", "fault(a)~2)~3", "faults[12]"] {
            assert_eq!(FaultName::parse(text).map(|name| name.to_string()), Some(text.to_owned()));
        }
        for text in ["fault()", "fault(a)~1", "fault(a)~02", "fault(a", "faults[01]", "faults[1"] {
            assert_eq!(FaultName::parse(text), None);
        }
    }
}
