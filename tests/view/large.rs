use serde_json::json;

use crate::pages::{Pages, stock};
use crate::{in_browser, open};

/// Five nodes that send each other heartbeats for a long time.
fn long(seconds: u32) -> String {
    format!(
        r#"// Heartbeats.
(
    claim: "Nothing happens for long.",
    protocol: Election((form: Hardened(answer_wait: "21ms", coordinator_wait: "41ms", heartbeat: "50ms", leader_wait: "60ms"))),
    nodes: 5,
    network: (delay: Uniform("1ms", "5ms")),
    until: "{seconds}s",
    expect: [Always(EpochsRise)],
)
"#
    )
}

/// The highest of many nodes but two calls an election, and tells all others that it leads.
pub(crate) fn wide(nodes: u32) -> String {
    format!(
        r#"// Many nodes.
(
    claim: "The highest of {nodes} nodes that are up leads.",
    protocol: Election((form: Textbook(answer_wait: "30ms", coordinator_wait: "60ms"), initial_leader: {nodes})),
    nodes: {nodes},
    network: (delay: Uniform("1ms", "10ms"), loss: "1/200"),
    commands: [(at: "100ms", to: {caller}, command: Suspect)],
    faults: [(at: "50ms", do: Crash({nodes}))],
    calm_at: "140ms",
    until: "2s",
    expect: [Eventually(what: Agreed, within: "1s")],
)
"#,
        caller = nodes - 5
    )
}

#[test]
fn a_hundred_thousand_events_load_within_two_seconds_and_step_within_fifty_milliseconds() {
    let pages = Pages::new();
    pages.file("long.ron", long(235));
    let page = pages.view("./long.ron");
    in_browser(|browser| {
        open(browser, &page, "");
        assert!(browser.number("rehearsal.run.count") >= 100_000.0);
        let loaded = browser.number("performance.getEntriesByType('navigation')[0].loadEventEnd");
        assert!(loaded < 2_000.0, "loaded after {loaded} ms");
        // Each step, with everything that follows from it, until it is drawn; the middle one of many.
        for (what, before) in [
            ("even rows", ""),
            ("the whole run", "rehearsal.whole()"),
            ("causes", "rehearsal.setCauses(true)"),
        ] {
            browser.eval(before);
            let steps = "(async () => { const spans = []; rehearsal.select(0, 50_000); \
                for (let step = 0; step < 21; step++) { \
                await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); \
                const from = performance.now(); rehearsal.step(1); \
                await new Promise((done) => { const see = () => { rehearsal.listeners.pop(); done(); }; rehearsal.listeners.push(see); }); \
                spans.push(performance.now() - from); } \
                return spans.sort((a, b) => a - b)[10]; })()";
            let middle = browser.number(steps);
            assert!(middle < 50.0, "{what}: a step takes {middle} ms");
        }
    });
}

/// Of an event, its columns; of texts that come again, the place of the first one.
#[test]
fn an_event_takes_so_many_bytes_of_a_page_as_the_docs_say() {
    let pages = Pages::new();
    pages.file("long.ron", long(60));
    let talk = stock("hunt/chat-groups.ron");
    for run in ["./long.ron", &talk] {
        let events: usize = pages.run(&format!("export {run} --to jsonl")).out.lines().count() - 2;
        let size = |bounds: &str| {
            pages.run(&format!("view {run} --states 0 {bounds} -o ./page.html"));
            std::fs::metadata(pages.path("page.html")).expect("the page is written").len() as usize
        };
        let each = (size("") - size("--events 0")) / events;
        assert!((30..=60).contains(&each), "{run}: {each} bytes");
    }
}

#[test]
fn a_thousand_nodes_are_folded_but_for_those_that_matter() {
    let pages = Pages::new();
    pages.file("wide.ron", wide(1_000));
    let page = pages.view("./wide.ron");
    in_browser(|browser| {
        open(browser, &page, "");
        let open_lanes = "rehearsal.panes[0].lanes.lanes.filter((lane) => lane.node > 0).length";
        assert_eq!(browser.number(open_lanes) as i64, 12);
        let all = "rehearsal.panes[0].lanes.lanes.flatMap((lane) => lane.nodes).length";
        assert_eq!(browser.number(all) as i64, 1_000);
        // A search unfolds a node, and shows it.
        let search = "(() => { const field = document.querySelector('#search'); field.value = 'n500'; \
            field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' })); })()";
        browser.eval(search);
        browser.settle();
        assert_eq!(browser.eval("rehearsal.isUnfolded(500)"), json!(true));
        let x = browser.number("rehearsal.panes[0].lanes.places[500] - rehearsal.left");
        assert!((90.0..900.0).contains(&x), "n500 is at {x}");
        browser.eval("document.querySelector('#unfold').click()");
        browser.settle();
        assert_eq!(browser.number(open_lanes) as i64, 1_000);
    });
}
