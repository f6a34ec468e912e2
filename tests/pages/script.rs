use crate::in_browser;
use crate::served::{Served, chat, until_shown, window};

/// What each user of the paper's script has to see, read from the script itself.
fn wanted(user: usize) -> Vec<String> {
    let script = include_str!("../../scenarios/script/paper-50.txt");
    let (_, messages) = script.split_once("Message\n").expect("a script has messages");
    let to = format!("user{user}");
    let of_user = messages.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ',');
        let (_, receiver, text) = (parts.next()?, parts.next()?, parts.next()?);
        (receiver == to).then(|| text.to_owned())
    });
    of_user.collect()
}

#[test]
fn six_pages_show_the_six_windows_of_the_papers_script_through_kills_and_restarts() {
    let mode = r#"mode: Script((form: Repaired, script: "text.txt", resend: "20ms")),"#;
    let kills = ["--kill", "user2@100ms", "--kill", "user5@250ms", "--restart", "200ms"];
    let served = Served::start(6, &chat(mode), &kills);
    in_browser(|browser| {
        for user in 1..=6 {
            let wanted = wanted(user);
            assert!(wanted.len() > 3, "{wanted:?}");
            browser.visit(&served.pages[user - 1]);
            until_shown(browser, 0, wanted.last().expect("there are some"));
            assert_eq!(window(browser, 0), wanted, "user{user}");
        }
        // Those that were killed have come back to the same address, in their second life.
        for user in [2, 5] {
            browser.visit(&served.pages[user - 1]);
            browser.until("document.querySelector('h2').textContent.includes('life 2')");
        }
        // All of them, side by side.
        browser.visit(&served.all);
        for user in 1..=6 {
            let wanted = wanted(user);
            until_shown(browser, user - 1, wanted.last().expect("there are some"));
            assert_eq!(window(browser, user - 1), wanted, "user{user}");
        }
        assert_eq!(browser.complaints, Vec::<String>::new());
    });
}
