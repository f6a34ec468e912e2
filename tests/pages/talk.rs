use crate::in_browser;
use crate::served::{Served, chat, say, until_shown, window};

#[test]
fn what_is_typed_on_one_page_is_shown_on_the_other_and_told_as_heard() {
    let served = Served::start(2, &chat(""), &[]);
    in_browser(|browser| {
        browser.visit(&served.pages[0]);
        say(browser, "Tell", Some(2), "hello there");
        browser
            .until("document.querySelector('.said .heard')?.textContent.includes('hello there')");
        assert_eq!(browser.text("document.querySelector('input').value"), "", "the text is sent");
        browser.visit(&served.pages[1]);
        until_shown(browser, 0, "n1: hello there");
        assert_eq!(browser.complaints, Vec::<String>::new());
    });
}

#[test]
fn a_wrong_line_is_refused_with_the_reason_and_stays_to_be_mended() {
    let served = Served::start(2, &chat(""), &[]);
    in_browser(|browser| {
        browser.visit(&served.pages[0]);
        say(browser, "A line", None, "/tusk 2 sweep");
        browser.until("document.querySelector('[role=alert]').textContent.includes('/task')");
        assert_eq!(browser.text("document.querySelector('input').value"), "/tusk 2 sweep");
        say(browser, "A line", None, "2 better");
        browser.until("document.querySelector('.said li')?.textContent.includes('better')");
        assert_eq!(browser.text("document.querySelector('[role=alert]').textContent"), "");
    });
}

/// Markup is text; what would hide or turn other text shows as its escape; all of a long text is there.
#[test]
fn whatever_a_user_says_is_text() {
    let served = Served::start(2, &chat(""), &[]);
    // With what is around it, it is as large as a message may be.
    let long = "x".repeat((64 << 10) - 200);
    let texts = [
        ("<img src=x onerror=alert(1)><script>document.title='no'</script>&amp;", None),
        ("שלום עולם", None),
        ("a\u{202e}b\u{7}c\u{1b}[2J", Some("a\\u{202e}b\\u{7}c\\u{1b}[2J")),
        (long.as_str(), None),
    ];
    in_browser(|browser| {
        browser.visit(&served.pages[0]);
        for (text, _) in texts {
            say(browser, "Tell", Some(2), text);
            browser.until("document.querySelector('input').value === ''");
        }
        browser.visit(&served.pages[1]);
        for (text, shown) in texts {
            until_shown(browser, 0, &format!("n1: {}", shown.unwrap_or(text)));
        }
        let elements = "document.querySelectorAll('.window img, .window script').length";
        assert_eq!(browser.number(elements) as i64, 0);
        assert!(browser.text("document.title").starts_with("n2 user2 in test"));
        // Its direction is its own: what stands beside it stays where it is.
        let wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
        assert_eq!(browser.eval(wide), serde_json::json!(false));
        assert_eq!(browser.complaints, Vec::<String>::new());
    });
}

#[test]
fn a_page_is_used_by_keyboard_and_read_by_a_screen_reader() {
    let served = Served::start(2, &chat(""), &[]);
    in_browser(|browser| {
        browser.resize(360, 740);
        browser.visit(&served.pages[0]);
        browser.until("document.querySelectorAll('form select')[0]?.options.length > 1");
        let wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
        assert_eq!(browser.eval(wide), serde_json::json!(false), "it fits a phone");
        // Window, what to do, which node, text, all by the tabulator.
        let focused =
            "document.activeElement.getAttribute('aria-label') ?? document.activeElement.tagName";
        let mut met = Vec::new();
        for _ in 0..4 {
            browser.press("Tab");
            met.push(browser.text(focused));
        }
        assert_eq!(met, ["window of n1 user1", "what to do", "which node", "text"]);
        for letter in ["h", "i"] {
            browser.press(letter);
        }
        browser.press("Enter");
        browser.until("document.querySelector('.said li')?.textContent.includes('hi')");
        let nameless = "[...document.querySelectorAll('button, input, select, [role=log], [role=img]')]\
            .filter((element) => !element.textContent && !element.getAttribute('aria-label')).length";
        assert_eq!(browser.number(nameless) as i64, 0);
        browser.visit(&served.pages[1]);
        until_shown(browser, 0, "n1: hi");
        assert!(!window(browser, 0).is_empty());
    });
}
