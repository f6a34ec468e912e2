use serde_json::json;

use crate::pages::{NEVER_TWO, Pages, TWO_LEADERS, stock};
use crate::{in_browser, open};

#[test]
fn a_page_of_a_missed_deadline_opens_on_it() {
    let pages = Pages::new();
    pages.file("nobody.ron", NEVER_TWO);
    let page = pages.view("./nobody.ron");
    in_browser(|browser| {
        open(browser, &page, "");
        let head = browser.text("document.querySelector('.verdict').textContent");
        assert!(head.starts_with("FAILEDEventually(TwoLeaders): "), "{head}");
        assert!(head.contains("at 1140 ms"), "{head}");
        let shown = browser.text("document.querySelector('#event').textContent");
        assert!(shown.starts_with("The failure"), "{shown}");
        // What did not happen shows in no event: where the run stood is told, and what came last.
        assert!(shown.contains("Where it stoodn4  down\n"), "{shown}");
        assert!(shown.contains("Their last steps50 ms n4 crash0 ms n1 start"), "{shown}");
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

/// The answer may be lost by chance.
fn lossy() -> String {
    TWO_LEADERS
        .replace("Fixed(\"10ms\")", "Fixed(\"10ms\"), loss: \"1/5\"")
        .replace("        (when: Sends(from: 3, to: 2, kind: \"answer\"), do: Lose),\n", "")
}

#[test]
fn every_shrunk_failure_has_a_page_beside_its_plan() {
    let pages = Pages::new();
    pages.file("lossy.ron", lossy());
    let ran = pages.run("run ./lossy.ron --seed 0 --plan ./fails.ron");
    assert_eq!(ran.exit, rehearsal::Exit::Violated, "{}", ran.err);
    let ran = pages.run("shrink ./fails.ron");
    assert!(ran.out.contains("fails-small.html\n"), "{}{}", ran.out, ran.err);
    in_browser(|browser| {
        open(browser, &pages.path("fails-small.html"), "");
        let head = browser.text("document.querySelector('.verdict').textContent");
        assert!(head.starts_with("FAILEDAlways(Not(TwoLeaders))"), "{head}");
        assert!(head.contains("rehearsal replay") && head.contains("fails-small.ron"), "{head}");
    });
}

#[test]
fn what_a_plan_decides_is_told_at_its_message() {
    let pages = Pages::new();
    pages.file("lossy.ron", lossy());
    pages.run("run ./lossy.ron --seed 0 --rest usual --plan ./plan.ron");
    let page = pages.view("./plan.ron");
    in_browser(|browser| {
        open(browser, &page, "");
        let decided = browser.eval("[...rehearsal.run.decided]");
        let plan = std::fs::read_to_string(pages.path("plan.ron")).expect("the plan is written");
        let decided = decided.as_array().expect("a list");
        assert!(!decided.is_empty());
        for entry in decided {
            let (key, decision) = (entry[0].as_str(), entry[1].as_str());
            let line = format!("{}: {}", entry[0], decision.expect("a decision"));
            assert!(plan.contains(&line), "{line}");
            let select = format!(
                "(() => {{ const {{ run }} = rehearsal; const i = [...Array(run.count).keys()].find((i) => \
                 run.texts[run.key[i]] === {}); rehearsal.select(0, i); }})()",
                entry[0]
            );
            browser.eval(&select);
            browser.settle();
            let shown = browser.text("document.querySelector('#event dl').textContent");
            assert!(shown.contains(decision.expect("a decision")), "{key:?}: {shown}");
        }
    });
}

#[test]
fn a_reader_who_knows_no_letter_and_no_sign_finds_them_told_on_the_page() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        for scheme in ["light", "dark"] {
            browser.prefer(scheme);
            open(browser, &page, "");
            let roles = browser.text("document.querySelector('#legend').textContent");
            assert_eq!(roles, "Ffollows anotherCcandidateWwaitsLleads");
            let signs = browser.text("document.querySelector('#signs').textContent");
            assert!(signs.contains("message") && signs.contains("lost"), "{signs}");
            // A letter of the legend has the colour that its lanes have.
            let same = "[...document.querySelectorAll('#legend .badge')].every((mark) => { \
                const probe = document.createElement('i'); \
                probe.style.background = rehearsal.colors.role(rehearsal.run, mark.textContent); \
                document.body.append(probe); \
                const same = getComputedStyle(probe).backgroundColor === getComputedStyle(mark).backgroundColor; \
                probe.remove(); return same; })";
            assert_eq!(browser.eval(same), json!(true), "{scheme}");
        }
    });
}

#[test]
fn the_nodes_that_lag_behind_and_their_last_roles_are_marked() {
    let pages = Pages::new();
    let name = stock("script/first-ack-lost-as-printed.ron");
    let page = pages.view(&name);
    in_browser(|browser| {
        open(browser, &page, "");
        // Each line of the failure begins with the node that waits.
        let nodes = "rehearsal.run.marked.map((i) => rehearsal.run.node[i])";
        assert_eq!(browser.eval(nodes), json!([2, 3, 5]));
        let later = "rehearsal.run.marked.some((mark) => [...Array(rehearsal.run.count).keys()].some((i) => \
            rehearsal.run.what[i] === 13 && rehearsal.run.node[i] === rehearsal.run.node[mark] && rehearsal.run.step[i] > mark))";
        assert_eq!(browser.eval(later), json!(false));
        let painted = "(() => { const circles = []; const nothing = () => {}; \
            const painter = { line: nothing, rect: nothing, polygon: nothing, clip: nothing, unclip: nothing, text: nothing, \
                width: () => 10, circle: (x, y, radius, { stroke }) => { if (stroke === rehearsal.colors.fail) circles.push(radius); } }; \
            rehearsal.paint(painter, rehearsal.scaleNow.height + 40, 0, 0, 34); return circles.length; })()";
        assert_eq!(browser.eval(painted), json!(3));
    });
}
