use alloc::vec;
use alloc::vec::Vec;

use super::WaitForGraph;
use rehearsal_machine::NodeId;

impl WaitForGraph {
    /// The strongly connected components that hold a cycle: more than one
    /// node, or one that waits for itself. Each is sorted, and they come in the
    /// order of their smallest members. (R. Tarjan 1972, in the form of
    /// D. Pearce 2016, which needs one number for each node.)
    #[must_use]
    pub fn components(&self) -> Vec<Vec<NodeId>> {
        named(&self.all_components())
    }

    /// The components that no edge leaves, in the same order. In the OR model
    /// somebody is deadlocked if and only if there is one: its members can only
    /// be granted something by each other.
    #[must_use]
    pub fn knots(&self) -> Vec<Vec<NodeId>> {
        let components = self.all_components();
        let mut place = vec![usize::MAX; self.waits.len()];
        for (number, component) in components.iter().enumerate() {
            for &node in component {
                place[node as usize] = number;
            }
        }
        let stays = |&node: &u32| {
            let home = place[node as usize];
            self.targets(node as usize).iter().all(|target| place[target.index()] == home)
        };
        named(components.iter().filter(|component| component.iter().all(stays)))
    }

    fn all_components(&self) -> Vec<Vec<u32>> {
        let nodes: Vec<_> = (0..self.waits.len() as u32).collect();
        Finder::new(self).find(&nodes, |_| true)
    }
}

/// Finds components in parts of a graph, again and again in the same memory.
pub(super) struct Finder<'a> {
    graph: &'a WaitForGraph,
    /// For each node: nothing; or the smallest number on the path that it is
    /// known to reach, counted up; or the number of its component, counted
    /// down. So a node that has a component never looks smaller than one that is still
    /// on the way.
    low: Vec<u32>,
    path: Vec<Step>,
    /// Nodes whose descendants are all known, but not yet their component.
    done: Vec<u32>,
}

struct Step {
    node: u32,
    /// Its number when the search got there.
    number: u32,
    /// How many of its edges were looked at.
    seen: usize,
}

const UNVISITED: u32 = 0;

impl<'a> Finder<'a> {
    pub(super) fn new(graph: &'a WaitForGraph) -> Self {
        let low = vec![UNVISITED; graph.waits.len()];
        Self { graph, low, path: Vec::new(), done: Vec::new() }
    }

    /// The components with a cycle among these nodes, which are sorted, and
    /// must be all for which `is_member` holds. Takes time linear in them and
    /// their edges, whatever the size of the graph.
    pub(super) fn find(
        &mut self,
        nodes: &[u32],
        is_member: impl Fn(usize) -> bool,
    ) -> Vec<Vec<u32>> {
        let mut next_component = u32::MAX;
        let mut number = 0;
        for &root in nodes {
            if self.low[root as usize] == UNVISITED {
                self.search(root, &mut number, &mut next_component, &is_member);
            }
        }
        self.gather(nodes, (u32::MAX - next_component) as usize)
    }

    fn search(
        &mut self,
        root: u32,
        number: &mut u32,
        next_component: &mut u32,
        is_member: &impl Fn(usize) -> bool,
    ) {
        self.enter(root, number);
        while let Some(step) = self.path.last_mut() {
            let node = step.node as usize;
            if let Some(target) = self.graph.targets(node).get(step.seen) {
                step.seen += 1;
                let target = target.index();
                if !is_member(target) {
                    continue;
                }
                if self.low[target] == UNVISITED {
                    self.enter(target as u32, number);
                } else {
                    self.low[node] = self.low[node].min(self.low[target]);
                }
                continue;
            }
            let Step { node, number: own, .. } = *step;
            self.path.pop();
            let low = self.low[node as usize];
            if low == own {
                self.close(node, number, next_component);
            } else {
                self.done.push(node);
                if let Some(before) = self.path.last() {
                    let before = &mut self.low[before.node as usize];
                    *before = low.min(*before);
                }
            }
        }
    }

    fn enter(&mut self, node: u32, number: &mut u32) {
        *number += 1;
        self.low[node as usize] = *number;
        self.path.push(Step { node, number: *number, seen: 0 });
    }

    /// The component of which this node was met first is complete. Its numbers
    /// are free again, so those counted up never meet those counted down.
    fn close(&mut self, first: u32, number: &mut u32, next_component: &mut u32) {
        let own = self.low[first as usize];
        self.low[first as usize] = *next_component;
        *number -= 1;
        while let Some(&node) = self.done.last() {
            if self.low[node as usize] < own {
                break;
            }
            self.done.pop();
            self.low[node as usize] = *next_component;
            *number -= 1;
        }
        *next_component -= 1;
    }

    /// Sorts the nodes into their components without comparing any, and leaves
    /// no trace of them.
    fn gather(&mut self, nodes: &[u32], count: usize) -> Vec<Vec<u32>> {
        let mut sizes = vec![0_u32; count];
        for &node in nodes {
            sizes[(u32::MAX - self.low[node as usize]) as usize] += 1;
        }
        let mut places = vec![usize::MAX; count];
        let mut components: Vec<Vec<u32>> = Vec::new();
        for &node in nodes {
            let low = core::mem::replace(&mut self.low[node as usize], UNVISITED);
            let component = (u32::MAX - low) as usize;
            if sizes[component] == 1 && !self.is_loop(node) {
                continue;
            }
            if places[component] == usize::MAX {
                places[component] = components.len();
                components.push(Vec::with_capacity(sizes[component] as usize));
            }
            components[places[component]].push(node);
        }
        components
    }

    fn is_loop(&self, node: u32) -> bool {
        self.graph.targets(node as usize).iter().any(|target| target.index() == node as usize)
    }
}

fn named<'a>(components: impl IntoIterator<Item = &'a Vec<u32>>) -> Vec<Vec<NodeId>> {
    let name = |&node: &u32| NodeId::from_index(node as usize);
    components.into_iter().map(|component| component.iter().map(name).collect()).collect()
}
