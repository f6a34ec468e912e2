use serde_json::json;

use crate::browser::Browser;
use crate::pages::{NEVER_TWO, Pages, stock};
use crate::{in_browser, open};

/// The number of the event at the cursor.
fn event(browser: &mut Browser) -> i64 {
    browser.number("rehearsal.event + rehearsal.run.first") as i64
}

#[test]
fn keys_step_forth_and_back_through_all_steps() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        browser.press("Home");
        let mut forth = vec![event(browser)];
        for _ in 0..3 {
            browser.press("j");
            forth.push(event(browser));
        }
        // The four starts; between them are saves and roles.
        assert_eq!(forth, [1, 4, 7, 10]);
        for expected in [7, 4, 1, 1] {
            browser.press("ArrowUp");
            assert_eq!(event(browser), expected);
        }
        browser.press("End");
        browser.press("ArrowDown");
        assert_eq!(event(browser), 95, "the last step, and nothing after it");
    });
}

#[test]
fn keys_step_along_one_node_and_along_causes() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "#event=43");
        browser.press("ArrowLeft");
        assert_eq!(event(browser), 42, "the arrival of the question");
        browser.press("ArrowLeft");
        assert_eq!(event(browser), 25, "its sending");
        browser.press("ArrowRight");
        assert_eq!(event(browser), 42);
        browser.press("J");
        assert_eq!(event(browser), 55, "the next step of n3, its timeout");
        browser.press("K");
        assert_eq!(event(browser), 42);
    });
}

#[test]
fn the_last_step_of_all_is_the_failure() {
    let pages = Pages::new();
    pages.file("nobody.ron", NEVER_TWO);
    let page = pages.view("./nobody.ron");
    in_browser(|browser| {
        open(browser, &page, "");
        browser.press("ArrowUp");
        let shown = browser.text("document.querySelector('#event h2').textContent");
        assert_eq!(shown, "calm: all disturbances end");
        browser.press("ArrowDown");
        let shown = browser.text("document.querySelector('#event h2').textContent");
        assert_eq!(shown, "The failure");
        browser.press("Home");
        browser.press("f");
        assert_eq!(browser.eval("rehearsal.event === rehearsal.run.count"), json!(true));
    });
}

#[test]
fn the_slider_moves_through_time() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        let slide = "const slider = document.querySelector('#time'); slider.value = 5; \
                     slider.dispatchEvent(new Event('input')); slider.max";
        // The steps of the run without the first: 27 events, and the calm.
        assert_eq!(browser.text(slide), "26");
        browser.settle();
        assert_eq!(event(browser), 15);
        let now = browser.text("document.querySelector('#now').value");
        assert_eq!(now, "100 ms  step 6 of 27");
    });
}

#[test]
fn play_steps_by_itself_and_stops_at_the_end() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "#event=88");
        browser.press(" ");
        browser.until("!rehearsal.playing && rehearsal.event > 91");
        assert_eq!(event(browser), 95);
    });
}

#[test]
fn zooming_reaches_from_the_whole_run_to_the_nanosecond() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        browser.press("t");
        browser.press("0");
        assert_eq!(browser.eval("rehearsal.mostTop < 1"), json!(true), "all of it is seen");
        // 220 ms to a nanosecond takes some sixty of these.
        for _ in 0..65 {
            browser.press("+");
        }
        assert!(browser.number("rehearsal.pixelsPerNano") >= 10.0);
        let middle = "rehearsal.scaleNow.begin + (rehearsal.top + rehearsal.height / 2) / rehearsal.pixelsPerNano";
        let before = browser.number(middle);
        browser.wheel((500.0, 400.0), 60.0, false);
        assert!(browser.number(middle) > before + 1.0, "the wheel scrolls by nanoseconds");
        for _ in 0..70 {
            browser.press("-");
        }
        browser.press("0");
        assert_eq!(browser.eval("rehearsal.mostTop < 1"), json!(true));
    });
}

#[test]
fn the_wheel_with_control_zooms_where_the_mouse_is() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/hardened-split-heals.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        let place = "document.querySelector('#diagram').getBoundingClientRect().top + 34";
        let y = browser.number(place) + 300.0;
        let row = "(rehearsal.top + 300) / rehearsal.rowHeight";
        let before = browser.number(row);
        browser.wheel((500.0, y), -100.0, true);
        assert!(browser.number("rehearsal.rowHeight") > 25.0);
        assert!((browser.number(row) - before).abs() < 0.6, "what is there stays there");
    });
}

#[test]
fn everything_can_be_reached_by_the_keyboard_alone() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        let focused = "document.activeElement.id";
        assert_eq!(browser.text(focused), "diagram");
        browser.press("/");
        assert_eq!(browser.text(focused), "filter");
        browser.press("Escape");
        browser.press("n");
        assert_eq!(browser.text(focused), "search");
        browser.press("Escape");
        browser.press("d");
        assert_eq!(browser.text("document.documentElement.dataset.theme"), "dark");
        browser.press("?");
        assert_eq!(browser.eval("document.querySelector('#keys').open"), json!(true));
        let listed = browser.number("document.querySelectorAll('#keys dt').length");
        assert!(listed > 15.0, "{listed} keys are listed");
    });
}
