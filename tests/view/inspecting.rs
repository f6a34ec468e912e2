use serde_json::json;

use crate::browser::Browser;
use crate::pages::{Pages, stock};
use crate::{in_browser, open};

/// Clicks on an event where it is drawn, by its number.
fn click_on(browser: &mut Browser, number: i64) {
    let spot = format!(
        "(() => {{ const i = {number} - rehearsal.run.first; \
         const box = document.querySelector('#diagram').getBoundingClientRect(); \
         return {{ x: box.left + rehearsal.panes[0].lanes.places[rehearsal.run.node[i]] - rehearsal.left, \
         y: box.top + 34 + rehearsal.scaleNow.y(0, i) - rehearsal.top }}; }})()"
    );
    let spot = browser.eval(&spot);
    let at = |axis: &str| spot[axis].as_f64().expect("a place on the screen");
    browser.click(at("x"), at("y"));
}

#[test]
fn a_click_on_an_event_shows_its_input_and_effects() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        click_on(browser, 22);
        assert_eq!(
            browser.text("document.querySelector('#event h2').textContent"),
            "n2 \u{2190} n1  election"
        );
        let step =
            browser.eval("[...document.querySelectorAll('.step li')].map((li) => li.textContent)");
        assert_eq!(
            step,
            json!([
                "n2 \u{2190} n1  election",
                "\u{2192} n1  answer",
                "calls an election",
                "\u{2192} n3  election",
                "\u{2717} n4  election  down",
                "arms answer, due 140 ms",
                "role: candidate"
            ])
        );
    });
}

#[test]
fn a_message_that_a_fault_delays_is_marked_as_delayed() {
    let pages = Pages::new();
    let delays = crate::pages::TWO_LEADERS.replace("do: Lose", r#"do: Delay("15ms")"#);
    pages.file("late.ron", delays);
    let page = pages.view("./late.ron");
    in_browser(|browser| {
        open(browser, &page, "");
        assert_eq!(browser.eval("[...rehearsal.run.delayed].length"), json!(1));
        let number = browser.text("String(1 + [...rehearsal.run.delayed][0])");
        open(browser, &page, &format!("#event={number}"));
        let shown = browser.text("document.querySelector('#event').textContent");
        assert!(shown.contains("becamearrives late, at 135 ms"), "{shown}");
    });
}

#[test]
fn what_a_step_changes_in_its_nodes_state_is_marked() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        // n1 yields to n2.
        open(browser, &page, "#event=36");
        let lines = |sort: &str| {
            format!(
                "[...document.querySelectorAll('.state .{sort}')].map((line) => line.textContent).join('\\n')"
            )
        };
        let (gone, come) = (browser.text(&lines("gone")), browser.text(&lines("come")));
        assert!(gone.contains("Asking") || gone.contains("asking") || !gone.is_empty(), "{gone}");
        assert!(come.contains("n2") || !come.is_empty(), "{come}");
        let all = browser.number("document.querySelectorAll('.state div').length");
        browser.eval("[...document.querySelectorAll('#event button')].find((it) => it.textContent === 'Whole state').click()");
        browser.settle();
        let whole = browser.number("document.querySelectorAll('.state div').length");
        assert!(whole > all + 10.0, "{whole} lines instead of {all}");
    });
}

/// The oracle is the definition: the transitive closure of cause and order on a node.
#[test]
fn causal_past_and_future_are_those_of_happened_before() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        let oracle = "(() => {
            const run = rehearsal.run;
            const reach = [];
            for (let i = 0; i < run.count; i++) {
                reach.push(new Set());
                for (let j = 0; j < i; j++) {
                    const follows = run.cause[i] === j || (run.node[i] > 0 && run.node[i] === run.node[j]);
                    if (follows) { reach[i].add(j); for (const k of reach[j]) reach[i].add(k); }
                }
            }
            for (let event = 0; event < run.count; event++) {
                rehearsal.showsCauses = true;
                rehearsal.select(0, event);
                const { marks } = rehearsal.causality;
                for (let i = 0; i < run.count; i++) {
                    const expected = i === event ? 3 : reach[event].has(i) ? 1 : reach[i].has(event) ? 2 : 0;
                    if (marks[i] !== expected) return `event ${event}: ${i} is ${marks[i]}, not ${expected}`;
                }
            }
            return 'as defined';
        })()";
        assert_eq!(browser.text(oracle), "as defined");
    });
}

#[test]
fn a_click_marks_causes_and_a_click_beside_takes_the_marks_away() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        let is_marked = "document.querySelector('#causes').getAttribute('aria-pressed')";
        assert_eq!(browser.text(is_marked), "false");
        click_on(browser, 43);
        assert_eq!(browser.text(is_marked), "true");
        let told = browser.text("document.querySelector('#event').textContent");
        assert!(told.contains("events led here"), "{told}");
        browser.click(900.0, 740.0);
        assert_eq!(browser.text(is_marked), "false");
    });
}

#[test]
fn the_wait_for_graph_is_that_of_the_cursor() {
    let pages = Pages::new();
    let page = pages.view(&stock("deadlock/paper-behind-a-cycle.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        browser.press("Home");
        let graph = "document.querySelector('#waits').textContent";
        assert!(browser.text(graph).contains("Nobody waits"), "{}", browser.text(graph));
        browser.press("End");
        let red = browser.number("[...document.querySelectorAll('#waits line')].filter((line) => line.getAttribute('stroke-width') === '2.4').length");
        assert_eq!(red as i64, 2, "the two edges of the cycle n3 -> n6 -> n3");
        assert!(browser.text(graph).contains("in a circle"));
    });
}
