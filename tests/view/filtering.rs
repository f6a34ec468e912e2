use serde_json::json;

use crate::browser::Browser;
use crate::pages::{Pages, stock};
use crate::{in_browser, open};

fn type_into_filter(browser: &mut Browser, text: &str) {
    browser.eval(&format!(
        "(() => {{ const field = document.querySelector('#filter'); field.value = {}; \
         field.dispatchEvent(new Event('input')); }})()",
        json!(text)
    ));
    browser.settle();
}

/// The keys of the messages that are shown.
const SHOWN: &str = "[...Array(rehearsal.run.count).keys()]
    .filter((i) => !rehearsal.hiddenEvent(0, i) && rehearsal.run.what[i] === 6)
    .map((i) => rehearsal.run.texts[rehearsal.run.key[i]])";

#[test]
fn a_filter_by_text_keeps_what_says_so_and_both_ends_of_messages() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        type_into_filter(browser, "answer#1");
        let shown = browser.eval(SHOWN);
        assert_eq!(shown, json!(["n2->n1:answer#1", "n3->n1:answer#1", "n3->n2:answer#1"]));
        assert_eq!(browser.text("document.querySelector('#found').textContent"), "5 found");
        // Only arrivals say this, and each has a sending.
        type_into_filter(browser, "deliver");
        assert_eq!(browser.number(&format!("{SHOWN}.length")) as i64, 11);
        type_into_filter(browser, "");
        assert_eq!(browser.number(&format!("{SHOWN}.length")) as i64, 15);
    });
}

#[test]
fn a_filter_by_node_keeps_what_it_does_and_what_is_sent_to_it() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        type_into_filter(browser, "n4");
        let shown = browser.eval(SHOWN);
        assert_eq!(shown, json!(["n1->n4:election#1", "n2->n4:election#1", "n3->n4:election#1"]));
    });
}

#[test]
fn kinds_of_messages_can_be_hidden() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        let hide = "(() => { const label = [...document.querySelectorAll('#kinds label')]
            .find((it) => it.textContent.trim().startsWith('election')); label.querySelector('input').click();
            return label.textContent.trim(); })()";
        assert_eq!(browser.text(hide), "election 6");
        browser.settle();
        let kinds = browser.eval(&format!("{SHOWN}.some((key) => key.includes('election'))"));
        assert_eq!(kinds, json!(false));
        assert_eq!(browser.number(&format!("{SHOWN}.length")) as i64, 9);
    });
}

#[test]
fn lanes_are_folded_searched_and_ordered() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        let lanes = "rehearsal.panes[0].lanes.lanes.map((lane) => lane.nodes)";
        assert_eq!(browser.eval(lanes), json!([[1], [2], [3], [4]]));
        let untick = "(() => { for (const place of [0, 1]) \
                      document.querySelectorAll('#nodes li input')[place].click(); })()";
        browser.eval(untick);
        browser.settle();
        assert_eq!(browser.eval(lanes), json!([[1, 2], [3], [4]]), "a fold of two");
        browser.eval("document.querySelector('#unfold').click()");
        browser.settle();
        assert_eq!(browser.eval(lanes), json!([[1], [2], [3], [4]]));
    });
}

#[test]
fn lanes_are_ordered_by_what_their_nodes_do() {
    let pages = Pages::new();
    let page = pages.view(&stock("deadlock/paper.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        let order = "(() => { const order = document.querySelector('#order'); order.value = 'activity'; \
                     order.dispatchEvent(new Event('change')); \
                     return rehearsal.panes[0].lanes.lanes.map((lane) => lane.node); })()";
        let order = browser.eval(order);
        // n6 collects what all others report; n1 and n3 ask for something, and n2 is not even asked.
        assert_eq!(order, json!([6, 1, 3, 4, 5, 2]));
    });
}
