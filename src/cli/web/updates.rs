//! What has changed of a board since a browser was told.

use std::sync::Arc;
use std::time::Duration;

use rehearsal_machine::{NodeId, printable};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::sleep;

use super::board::{About, Board, NodeView, Panel};
use crate::cli::window::{Edit, edit};

/// A browser is told so often at most: what changes more often is told together.
const PAUSE: Duration = Duration::from_millis(40);

/// Gives one browser what has changed since it was given something the last time.
pub(super) struct Updates {
    board: watch::Receiver<Arc<Board>>,
    given: Option<Arc<Board>>,
    pause: Duration,
}

/// As the page's script reads it.
#[derive(Serialize)]
struct Update<'a> {
    /// All of it: what was shown before is to be forgotten.
    about: Option<&'a About>,
    panels: Vec<PanelUpdate<'a>>,
    cuts: &'a [(NodeId, NodeId)],
}

#[derive(Serialize)]
struct PanelUpdate<'a> {
    node: NodeId,
    up: bool,
    life: u32,
    /// How many lines at the beginning go, how many of the next stay, and what follows.
    window: Option<(usize, usize, Vec<String>)>,
    told: Vec<&'a str>,
    view: Option<&'a NodeView>,
}

impl Updates {
    pub(super) fn new(board: watch::Receiver<Arc<Board>>) -> Self {
        Self { board, given: None, pause: PAUSE }
    }

    /// The next one, as JSON; none if nothing more will change.
    pub(super) async fn next(&mut self) -> Option<String> {
        if self.given.is_some() {
            sleep(self.pause).await;
            self.board.changed().await.ok()?;
        }
        let now = Arc::clone(&self.board.borrow_and_update());
        let text = serde_json::to_string(&update(self.given.as_deref(), &now));
        self.given = Some(now);
        Some(text.expect("numbers, strings and lists of them"))
    }
}

impl PanelUpdate<'_> {
    fn has_changed(&self, before: &Panel) -> bool {
        let is_same_life = (self.up, self.life) == (before.is_up, before.life);
        !is_same_life || self.window.is_some() || self.view.is_some() || !self.told.is_empty()
    }
}

fn update<'a>(before: Option<&Board>, now: &'a Board) -> Update<'a> {
    let panels = now.panels.iter().enumerate().filter_map(|(place, panel)| match before {
        None => Some(panel_update(&Panel::new(panel.node), panel)),
        Some(before) => Some(panel_update(&before.panels[place], panel))
            .filter(|update| update.has_changed(&before.panels[place])),
    });
    Update {
        about: before.is_none().then_some(&*now.about),
        panels: panels.collect(),
        cuts: &now.cuts,
    }
}

fn panel_update<'a>(before: &Panel, now: &'a Panel) -> PanelUpdate<'a> {
    let window = (!Arc::ptr_eq(&before.window, &now.window)).then(|| {
        let Edit { drop, keep, add } = edit(&before.window, &now.window);
        (drop, keep, add.iter().map(|line| printable(line).into_owned()).collect())
    });
    let view = (!Arc::ptr_eq(&before.view, &now.view)).then_some(&*now.view);
    let told = now.told.since(&before.told).map(|text| &**text).collect();
    PanelUpdate { node: now.node, up: now.is_up, life: now.life, window, told, view }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::*;

    fn board(lines: &[&str]) -> Board {
        let mut panel = Panel::new(NodeId::from_index(0));
        panel.window = Arc::new(lines.iter().map(|line| (*line).to_owned()).collect());
        let names = std::iter::once("ann".to_owned());
        let about = Arc::new(About::new("c", ("Chat", "L leads"), names, None));
        Board { about, panels: vec![panel], cuts: Vec::new() }
    }

    #[test]
    fn a_browser_is_first_given_everything_and_then_what_has_changed() {
        let first = board(&["a", "b\u{202e}"]);
        let told = serde_json::to_value(update(None, &first)).expect("JSON");
        assert_eq!(told["about"]["names"], serde_json::json!(["ann"]));
        assert_eq!(told["panels"][0]["window"], serde_json::json!([0, 0, ["a", "b\\u{202e}"]]));
        let mut second = first.clone();
        let told = serde_json::to_value(update(Some(&first), &second)).expect("JSON");
        assert_eq!((&told["about"], &told["panels"]), (&().into(), &serde_json::json!([])));
        second.panels[0].window = Arc::new(vec!["b\u{202e}".into(), "c".into()]);
        second.panels[0].told.push("hears");
        let told = serde_json::to_value(update(Some(&first), &second)).expect("JSON");
        assert_eq!(told["panels"][0]["window"], serde_json::json!([1, 1, ["c"]]));
        assert_eq!(told["panels"][0]["told"], serde_json::json!(["hears"]));
    }

    #[test]
    fn what_changed_since_the_last_time_is_told_together() {
        let (sender, receiver) = watch::channel(Arc::new(board(&[])));
        let mut updates = Updates { pause: Duration::ZERO, ..Updates::new(receiver) };
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        let mut next = || runtime.block_on(updates.next());
        assert!(next().is_some());
        for nth in 0..100 {
            let lines: Vec<_> = (0..=nth).map(|line| line.to_string()).collect();
            let lines: Vec<_> = lines.iter().map(String::as_str).collect();
            sender.send_replace(Arc::new(board(&lines)));
        }
        let all = next().expect("something has changed");
        assert!(all.contains("\"0\"") && all.contains("\"99\""), "{all}");
        drop(sender);
        assert_eq!(next(), None);
    }
}
