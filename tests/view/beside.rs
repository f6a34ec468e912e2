use serde_json::json;

use crate::pages::{Pages, TWO_LEADERS, stock};
use crate::{in_browser, open};

/// The run in which the answer is lost, beside the one in which it is not.
fn lost_and_not(pages: &Pages) -> std::path::PathBuf {
    pages.file("lost.ron", TWO_LEADERS);
    let kept = TWO_LEADERS
        .replace("        (when: Sends(from: 3, to: 2, kind: \"answer\"), do: Lose),\n", "");
    pages.file("kept.ron", kept);
    pages.view("./lost.ron ./kept.ron")
}

#[test]
fn two_runs_open_on_their_first_difference() {
    let pages = Pages::new();
    let page = lost_and_not(&pages);
    in_browser(|browser| {
        open(browser, &page, "");
        assert_eq!(browser.number("rehearsal.panes.length") as i64, 2);
        let shown = browser.text("document.querySelector('#event').textContent");
        assert!(shown.starts_with("n3 \u{2192} n2  answer"), "{shown}");
        assert!(shown.contains("becamelost"), "{shown}");
    });
}

#[test]
fn events_of_two_runs_that_belong_together_stand_side_by_side() {
    let pages = Pages::new();
    let page = lost_and_not(&pages);
    in_browser(|browser| {
        open(browser, &page, "");
        let unaligned = "rehearsal.pairs.same.flatMap(([one, other, length]) => \
            [...Array(length).keys()].filter((i) => \
            rehearsal.layout.row[0][one + i] !== rehearsal.layout.row[1][other + i])).length";
        assert_eq!(browser.number(unaligned) as i64, 0);
        let differ = "[rehearsal.differences[0].filter((mark) => mark > 0).length > 0, \
                      rehearsal.differences[1].filter((mark) => mark > 0).length > 0]";
        assert_eq!(browser.eval(differ), json!([true, true]));
        browser.press("s");
        assert_eq!(browser.number("rehearsal.side") as i64, 1);
        let shown = browser.text("document.querySelector('#event').textContent");
        assert!(
            shown.starts_with("n3 \u{2192} n2  answer") && shown.contains("becamearrives"),
            "{shown}"
        );
    });
}

#[test]
fn the_cursor_of_one_run_leads_that_of_the_other() {
    let pages = Pages::new();
    let page = lost_and_not(&pages);
    in_browser(|browser| {
        open(browser, &page, "");
        browser.press("Home");
        for _ in 0..5 {
            browser.press("j");
        }
        let events = browser.eval("rehearsal.events");
        assert_eq!(events[0], events[1], "before they differ");
    });
}

#[test]
fn two_seeds_of_one_scenario_stand_side_by_side() {
    let pages = Pages::new();
    let random = TWO_LEADERS.replace("Fixed(\"10ms\")", "Uniform(\"1ms\", \"15ms\")");
    pages.file("random.ron", random);
    let page = pages.view("./random.ron --seed 3,7");
    in_browser(|browser| {
        open(browser, &page, "");
        assert_eq!(browser.eval("rehearsal.runs.map((run) => run.seed)"), json!(["3", "7"]));
    });
}

#[test]
fn equal_runs_have_no_difference() {
    let pages = Pages::new();
    let name = stock("election/lost-answer.ron");
    let page = pages.view(&format!("{name} {name}"));
    in_browser(|browser| {
        open(browser, &page, "");
        assert_eq!(browser.eval("rehearsal.pairs.first"), json!(null));
        let head = browser.text("document.querySelector('#verdicts').textContent");
        assert!(head.contains("HELD"), "{head}");
    });
}
