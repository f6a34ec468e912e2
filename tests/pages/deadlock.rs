use crate::in_browser;
use crate::served::{Served, chat, say};

#[test]
fn a_deadlock_of_three_users_is_a_cycle_on_all_pages_and_gone_after_the_victim_gives_up() {
    let detector = r#"Confirmed(period: "200ms", window: "110ms", ask: "50ms")"#;
    // Each needs what the next one has, and gives nothing before it has it.
    let needs = "needs: [(node: 1, of: [2]), (node: 2, of: [3]), (node: 3, of: [1])]";
    let resources = format!("resources: (detector: {detector}, {needs}, resend: \"60ms\"),");
    let served = Served::start(3, &chat(&resources), &[]);
    in_browser(|browser| {
        for page in &served.pages {
            browser.visit(page);
            browser.until(
                "document.querySelector('.deadlock')?.textContent.startsWith('deadlock: n')",
            );
            let cycle = browser.text("document.querySelector('.deadlock').textContent");
            assert_eq!(cycle.matches('\u{2192}').count(), 3, "{cycle}");
            browser.until("document.querySelectorAll('.graph circle.cycle').length === 3");
        }
        browser.visit(&served.pages[2]);
        say(browser, "Ask no longer", None, "");
        for page in &served.pages {
            browser.visit(page);
            browser.until(
                "document.querySelector('article h2') && !document.querySelector('.deadlock')",
            );
        }
        assert_eq!(browser.complaints, Vec::<String>::new());
    });
}
