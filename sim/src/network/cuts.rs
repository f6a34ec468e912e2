use rehearsal_machine::NodeId;

use super::Link;

/// The partitions in force, of every sort. A link is open while none of them
/// cuts it.
#[derive(Default)]
pub(crate) struct Cuts(Vec<(usize, Cut)>);

enum Cut {
    /// Nodes hear each other only on their own side: the side of every node, 0
    /// for those that were not named.
    Sides(Vec<u32>),
    /// These links, sorted.
    Links(Vec<Link>),
}

impl Cuts {
    /// A partition between sides, made by the fault at this place in the file.
    pub(crate) fn part(&mut self, by: usize, nodes: usize, sides: &[Vec<NodeId>]) {
        let mut side_of = vec![0; nodes];
        for (side, nodes) in (1..).zip(sides) {
            for node in nodes {
                side_of[node.index()] = side;
            }
        }
        self.0.push((by, Cut::Sides(side_of)));
    }

    /// Cuts links, each in the direction that it has.
    pub(crate) fn cut_links(&mut self, by: usize, mut links: Vec<Link>) {
        links.sort_unstable();
        self.0.push((by, Cut::Links(links)));
    }

    /// Ends what the fault at this place in the file has cut.
    pub(crate) fn mend(&mut self, by: usize) {
        self.0.retain(|(maker, _)| *maker != by);
    }

    pub(crate) fn heal(&mut self) {
        self.0.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn cut(&self, link: Link) -> bool {
        self.0.iter().any(|(_, cut)| match cut {
            Cut::Sides(side_of) => side_of[link.from.index()] != side_of[link.to.index()],
            Cut::Links(links) => links.binary_search(&link).is_ok(),
        })
    }
}
