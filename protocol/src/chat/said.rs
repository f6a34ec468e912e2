use alloc::collections::VecDeque;
use alloc::sync::Arc;

use rehearsal_machine::NodeId;

/// Something that the user said to another one over the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// To which user.
    pub to: NodeId,
    /// What.
    pub text: Arc<str>,
    /// What became of it, as far as this node knows.
    pub fate: Fate,
}

/// What became of something that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is not acknowledged.
    UnderWay,
    /// It is acknowledged.
    Heard,
    /// The link has given it up; it may have been heard all the same.
    GivenUp,
}

/// What the user said last in this life, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SaidLast(VecDeque<Said>);

/// So much is remembered.
const ROOM: usize = 50;

impl SaidLast {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Said> {
        self.0.iter()
    }

    pub(super) fn push(&mut self, to: NodeId, text: Arc<str>) {
        if self.0.len() == ROOM {
            self.0.pop_front();
        }
        self.0.push_back(Said { to, text, fate: Fate::UnderWay });
    }

    /// This is what became of the text to this user. The link takes its texts in order, so it is
    /// the first one that is under way.
    pub(super) fn settle(&mut self, to: NodeId, text: &str, fate: Fate) {
        let is_it =
            |said: &&mut Said| said.to == to && said.fate == Fate::UnderWay && *said.text == *text;
        if let Some(said) = self.0.iter_mut().find(is_it) {
            said.fate = fate;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn of_equal_texts_the_first_one_is_settled_first_and_old_ones_are_forgotten() {
        let (one, other) = (NodeId::from_index(0), NodeId::from_index(1));
        let mut said = SaidLast::default();
        for to in [one, other, one] {
            said.push(to, "hello".into());
        }
        said.settle(one, "hello", Fate::Heard);
        said.settle(one, "else", Fate::GivenUp);
        let fates = |said: &SaidLast| said.iter().map(|said| said.fate).collect::<Vec<_>>();
        assert_eq!(fates(&said), vec![Fate::Heard, Fate::UnderWay, Fate::UnderWay]);
        said.settle(one, "hello", Fate::GivenUp);
        assert_eq!(fates(&said), vec![Fate::Heard, Fate::UnderWay, Fate::GivenUp]);
        (0..ROOM).for_each(|_| said.push(other, "more".into()));
        assert_eq!((said.iter().count(), fates(&said)[0]), (ROOM, Fate::UnderWay));
        // One that is forgotten is settled in vain.
        said.settle(other, "hello", Fate::Heard);
    }
}
