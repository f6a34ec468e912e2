use serde_json::json;

use crate::pages::{Pages, stock};
use crate::{in_browser, open};

/// A chat whose users say what a page could take for its own.
const HOSTILE: &[&str] = &[
    "</script><script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 2'>",
    "\u{2028}<!--<script>",
];

#[test]
fn what_messages_say_is_never_taken_for_a_part_of_the_page() {
    let pages = Pages::new();
    let trace = pages.path("hostile.jsonl");
    let name = stock("election/lost-answer.ron");
    pages.run(&format!("run {name} --trace ./hostile.jsonl"));
    let text = std::fs::read_to_string(&trace).expect("the trace is written");
    for (nth, said) in HOSTILE.iter().enumerate() {
        let hostile =
            text.replace("\"text\":\"calls an election\"", &format!("\"text\":{}", json!(said)));
        assert!(hostile.contains("window.hit") || nth == 2, "the trace says it");
        pages.file("hostile.jsonl", hostile);
        let ran = pages.run("view ./hostile.jsonl -o ./page.html");
        assert!(ran.err.contains("its plan does something else now"), "{}", ran.err);
        in_browser(|browser| {
            open(browser, &pages.path("page.html"), "#event=16");
            assert_eq!(browser.eval("window.hit === undefined"), json!(true), "{said}");
            let shown = browser.text("document.querySelector('#event h2').textContent");
            let expected = said.replace('\u{2028}', "\\u{2028}");
            assert_eq!(shown, format!("n1 {expected}"));
        });
    }
}

#[test]
fn a_page_needs_nothing_from_outside() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    let html = std::fs::read_to_string(&page).expect("the page is written");
    for outside in ["http://www.w3.org/2000/svg", "http://", "https://", "//cdn"] {
        let rest = html.replace("http://www.w3.org/2000/svg", "");
        assert!(outside.contains("w3.org") || !rest.contains(outside), "{outside}");
    }
    in_browser(|browser| {
        open(browser, &page, "");
        let loaded = browser.eval("performance.getEntriesByType('resource').map((it) => it.name).filter((name) => !name.startsWith('data:'))");
        assert_eq!(loaded, json!([]));
    });
}

#[test]
fn printing_gives_one_svg_that_is_well_formed() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        browser.press("p");
        let parsed = "(() => { const svg = new DOMParser().parseFromString(rehearsal.printed, 'image/svg+xml'); \
            return [svg.querySelector('parsererror') === null, svg.documentElement.tagName, \
            [...svg.querySelectorAll('text')].map((it) => it.textContent)]; })()";
        let parsed = browser.eval(parsed);
        assert_eq!((&parsed[0], &parsed[1]), (&json!(true), &json!("svg")));
        let texts = parsed[2].to_string();
        for told in ["suspects the leader", "answer lost", "crash", "220 ms", "n4"] {
            assert!(texts.contains(told), "{told}: {texts}");
        }
    });
}
