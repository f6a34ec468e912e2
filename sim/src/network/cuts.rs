use rehearsal_machine::NodeId;

use super::Link;

/// The partitions in force, of every sort. A link is open while none of them
/// cuts it.
#[derive(Default)]
pub(crate) struct Cuts(Vec<Made>);

/// A partition, and what made it.
struct Made {
    by: By,
    cut: Cut,
}

/// The fault that makes a partition.
#[derive(Clone, Copy)]
pub(crate) struct By {
    /// Its place in the file.
    pub(crate) place: usize,
    /// Does what it cuts stay so in the calm?
    pub(crate) is_lasting: bool,
}

enum Cut {
    /// Nodes hear each other only on their own side: the side of every node, 0
    /// for those that were not named.
    Sides(Vec<u32>),
    /// These links, sorted.
    Links(Vec<Link>),
}

impl Cuts {
    /// A partition between sides.
    pub(crate) fn part(&mut self, by: By, nodes: usize, sides: &[Vec<NodeId>]) {
        let mut side_of = vec![0; nodes];
        for (side, nodes) in (1..).zip(sides) {
            for node in nodes {
                side_of[node.index()] = side;
            }
        }
        self.0.push(Made { by, cut: Cut::Sides(side_of) });
    }

    /// Cuts links, each in the direction that it has.
    pub(crate) fn cut_links(&mut self, by: By, mut links: Vec<Link>) {
        links.sort_unstable();
        self.0.push(Made { by, cut: Cut::Links(links) });
    }

    /// Ends what the fault at this place in the file has cut.
    pub(crate) fn mend(&mut self, place: usize) {
        self.0.retain(|made| made.by.place != place);
    }

    /// The calm has begun for all: only what is to outlive it stays.
    pub(crate) fn calm(&mut self) {
        self.0.retain(|made| made.by.is_lasting);
    }

    pub(crate) fn heal(&mut self) {
        self.0.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Is the link cut? In the calm only what outlives it counts.
    pub(crate) fn cut(&self, link: Link, is_calm: bool) -> bool {
        let in_force = self.0.iter().filter(|made| made.by.is_lasting || !is_calm);
        in_force.map(|made| &made.cut).any(|cut| match cut {
            Cut::Sides(side_of) => side_of[link.from.index()] != side_of[link.to.index()],
            Cut::Links(links) => links.binary_search(&link).is_ok(),
        })
    }
}
