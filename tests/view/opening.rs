use serde_json::json;

use crate::pages::{NOBODY_LEADS, Pages, TWO_LEADERS, stock};
use crate::{in_browser, open};

#[test]
fn a_page_of_a_missed_deadline_opens_on_it() {
    let pages = Pages::new();
    pages.file("nobody.ron", NOBODY_LEADS);
    let page = pages.view("./nobody.ron");
    in_browser(|browser| {
        open(browser, &page, "");
        let head = browser.text("document.querySelector('.verdict').textContent");
        assert!(head.starts_with("FAILEDEventually(OneLeader): "), "{head}");
        assert!(head.contains("at 1140 ms"), "{head}");
        let shown = browser.text("document.querySelector('#event').textContent");
        assert!(shown.starts_with("The failure"), "{shown}");
        let is_seen = "rehearsal.scaleNow.ofFailure(0) > rehearsal.top \
                       && rehearsal.scaleNow.ofFailure(0) < rehearsal.top + rehearsal.height";
        assert_eq!(browser.eval(is_seen), json!(true));
    });
}

#[test]
fn a_page_of_a_step_that_breaks_a_property_opens_on_that_step() {
    let pages = Pages::new();
    pages.file("two.ron", TWO_LEADERS);
    let page = pages.view("./two.ron");
    in_browser(|browser| {
        open(browser, &page, "");
        let shown = browser.text("document.querySelector('#event h2').textContent");
        assert_eq!(shown, "n3 timeout answer");
        let roles = browser.text("document.querySelector('#roles').textContent");
        assert!(roles.contains("L n2 n3 leads"), "{roles}");
    });
}

#[test]
fn a_page_of_a_run_that_held_opens_on_the_message_that_was_lost() {
    let page = Pages::new();
    let page = page.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        let shown = browser.text("document.querySelector('#event').textContent");
        assert!(shown.starts_with("n3 \u{2192} n2  answer"), "{shown}");
        assert!(shown.contains("becamelost"), "{shown}");
        // All of the run is on one screen, from the first start on.
        assert_eq!(browser.number("rehearsal.top") as i64, 0);
        assert_eq!(browser.number("rehearsal.mostTop") as i64, 0);
    });
}

#[test]
fn a_deadlock_is_told_at_a_glance() {
    let pages = Pages::new();
    let page = pages.view(&stock("deadlock/paper-behind-a-cycle.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        let roles = browser.text("document.querySelector('#roles').textContent");
        assert!(roles.contains("D n1 n3 n6 deadlocked"), "{roles}");
        assert!(roles.contains("deadlock n3 -> n6 -> n3"), "{roles}");
        let waits = browser.text("document.querySelector('#waits svg').getAttribute('aria-label')");
        assert!(waits.contains("n3 waits for n6") && waits.contains("n6 waits for n3"), "{waits}");
    });
}

#[test]
fn a_run_on_the_command_line_writes_the_same_page() {
    let pages = Pages::new();
    pages.file("two.ron", TWO_LEADERS);
    let ran = pages.run("run ./two.ron --plan ./plan.ron --html ./run.html");
    assert_eq!(ran.err, "");
    in_browser(|browser| {
        open(browser, &pages.path("run.html"), "");
        let shown = browser.text("document.querySelector('#event h2').textContent");
        assert_eq!(shown, "n3 timeout answer");
    });
}

#[test]
fn every_shrunk_failure_has_a_page_beside_its_plan_with_what_the_plan_decides() {
    let pages = Pages::new();
    let lossy = TWO_LEADERS
        .replace("Fixed(\"10ms\")", "Uniform(\"1ms\", \"20ms\"), loss: \"1/5\"")
        .replace("        (when: Sends(from: 3, to: 2, kind: \"answer\"), do: Lose),\n", "");
    pages.file("lossy.ron", lossy);
    let failing = (0..50).find(|seed| {
        let ran = pages.run(&format!("run ./lossy.ron --seed {seed} --plan ./fails.ron"));
        ran.exit == rehearsal::Exit::Violated
    });
    assert!(failing.is_some(), "no seed of fifty loses the answer");
    let ran = pages.run("shrink ./fails.ron");
    assert!(ran.out.contains("fails-small.html\n"), "{}{}", ran.out, ran.err);
    in_browser(|browser| {
        open(browser, &pages.path("fails-small.html"), "");
        let decided = browser.eval("[...rehearsal.run.decided.keys()].length > 0");
        assert_eq!(decided, json!(true));
    });
}
