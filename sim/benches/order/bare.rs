/// Vector clocks and nothing else. A message is its place in the order of sends.
pub(crate) struct Clocks {
    nodes: Vec<Vec<u32>>,
    messages: Vec<(usize, Vec<u32>)>,
}

impl Clocks {
    pub(crate) fn new(nodes: usize) -> Self {
        Self { nodes: vec![vec![0; nodes]; nodes], messages: Vec::new() }
    }

    pub(crate) fn sent(&mut self, by: usize) {
        self.nodes[by][by] += 1;
        self.messages.push((by, self.nodes[by].clone()));
    }

    pub(crate) fn delivered(&mut self, at: usize, message: u32) {
        let (_, clock) = &self.messages[message as usize];
        self.nodes[at][at] += 1;
        for (known, events) in self.nodes[at].iter_mut().zip(clock) {
            *known = (*known).max(*events);
        }
    }
}
