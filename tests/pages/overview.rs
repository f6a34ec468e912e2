use crate::browser::Browser;
use crate::in_browser;
use crate::served::{Served, chat};

/// Presses the button with this text, in the panel of a node or among the links.
fn press(browser: &mut Browser, within: &str, text: &str) {
    browser.until(&format!(
        "(() => {{ const found = [...document.querySelectorAll('{within} button')]\
         .find((button) => button.textContent === '{text}'); \
         found?.click(); return Boolean(found); }})()"
    ));
}

fn panel(node: usize) -> String {
    format!("article:nth-child({node})")
}

fn until_leader(browser: &mut Browser, node: usize, leader: usize) {
    browser.until(&format!(
        "document.querySelector('{} dd')?.textContent === 'n{leader} user{leader}'",
        panel(node)
    ));
}

#[test]
fn a_leader_that_is_closed_by_force_is_replaced_on_all_pages_and_leads_again_when_it_is_back() {
    let served = Served::start(3, &chat(""), &[]);
    in_browser(|browser| {
        browser.visit(&served.all);
        (1..=3).for_each(|node| until_leader(browser, node, 3));
        press(browser, &panel(3), "Kill");
        browser.until("document.querySelector('article:nth-child(3)').classList.contains('down')");
        (1..=2).for_each(|node| until_leader(browser, node, 2));
        for page in &served.pages[..2] {
            browser.visit(page);
            browser.until("document.querySelector('dd')?.textContent === 'n2 user2'");
            browser.until("document.querySelectorAll('.peer.off').length === 1");
        }
        browser.visit(&served.all);
        press(browser, &panel(3), "Restart");
        (1..=3).for_each(|node| until_leader(browser, node, 3));
        assert!(
            browser
                .text("document.querySelector('article:nth-child(3) h2').textContent")
                .contains("life 2")
        );
        assert_eq!(browser.complaints, Vec::<String>::new());
    });
}

#[test]
fn a_page_whose_node_is_down_says_that_it_is_behind_and_goes_on_when_it_is_back() {
    let served = Served::start(2, &chat(""), &[]);
    in_browser(|browser| {
        browser.visit(&served.pages[1]);
        browser.until("document.querySelector('#status').textContent === 'live'");
        let order = |order: &str| {
            let (place, rest) =
                served.all.trim_start_matches("http://").split_once('/').expect("a path");
            let answer = crate::guarded::ask(place, &format!("/{rest}orders"), Some(order), &[]);
            assert_eq!(answer, 204, "{order}");
        };
        order(r#"{"order":"kill","node":2}"#);
        browser.until("document.querySelector('#status').textContent.startsWith('behind: no connection: this is of ')");
        order(r#"{"order":"restart","node":2}"#);
        browser.until("document.querySelector('#status').textContent === 'live'");
        browser.until("document.querySelector('h2').textContent.includes('life 2')");
    });
}

#[test]
fn a_link_is_cut_and_mended_by_hand() {
    let served = Served::start(3, &chat(""), &[]);
    in_browser(|browser| {
        browser.visit(&served.all);
        (1..=3).for_each(|node| until_leader(browser, node, 3));
        let off = |node: usize, peer: usize| {
            format!(
                "[...document.querySelectorAll('{} .peer.off')].some((peer) => peer.textContent === 'n{peer} user{peer}')",
                panel(node)
            )
        };
        press(browser, "#links", "n1 \u{2013} n2");
        browser.until(&off(1, 2));
        browser.until(&off(2, 1));
        assert_eq!(browser.eval(&off(1, 3)), serde_json::json!(false));
        press(browser, "#links", "n1 \u{2013} n2 cut");
        browser.until(&format!("!({})", off(1, 2)));
    });
}
