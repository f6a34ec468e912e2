//! Decisions on commands, made part of the commands.

use std::collections::BTreeMap;

use rehearsal_machine::NodeId;

use super::{Decision, DecisionKey, Plan};
use crate::scenario::Changes;
use crate::source::Reason;

impl Plan {
    /// What a plan without decisions on commands changes of its scenario to say the same;
    /// nothing if there are no such decisions.
    pub(crate) fn settled_commands(&self) -> Option<Changes> {
        let is_on_command = |key: &&DecisionKey| matches!(key, DecisionKey::Command { .. });
        self.decisions.keys().find(is_on_command)?;
        let mut counts: BTreeMap<NodeId, u32> = BTreeMap::new();
        let (mut kept, mut moved) = (Vec::new(), BTreeMap::new());
        for (place, command) in self.case.commands(self.seed).iter().enumerate() {
            let nth = counts.entry(command.to).or_default();
            *nth += 1;
            let key = DecisionKey::Command { node: command.to, nth: *nth };
            match self.decisions.get(&key) {
                Some(Decision::Drop) => continue,
                Some(Decision::At(at)) => {
                    moved.insert(place, *at);
                }
                _ => {}
            }
            kept.push(place);
        }
        Some(Changes { commands: Some(kept), moved, ..Changes::default() })
    }

    /// The plan with these changes in place of its decisions on commands.
    pub(crate) fn settled(&self, changes: &Changes) -> Result<Self, Reason> {
        let mut plan = self.clone();
        plan.case = plan.case.with_changes(plan.seed, changes)?;
        plan.decisions.retain(|key, _| !matches!(key, DecisionKey::Command { .. }));
        Ok(plan)
    }
}
