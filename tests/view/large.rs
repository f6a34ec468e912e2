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

/// The texts above the lanes with less than four pixels between them, as `n7 n8`.
const OVERLAPS: &str = "(() => { const view = rehearsal; const found = []; \
    const nothing = () => {}; const texts = []; let isHead = false; \
    const painter = { line: nothing, rect: nothing, circle: nothing, polygon: nothing, \
        clip: (x, y) => { isHead = y === 0; }, unclip: () => { isHead = false; }, width: (text, font) => view.painter.width(text, font), \
        text: (text, x, y, { font, align }) => { if (text === '' || !isHead) return; \
            const width = view.painter.width(text, font ?? '12px sans-serif'); \
            const from = align === 'center' ? x - width / 2 : x; texts.push({ text, y, from, to: from + width }); } }; \
    view.paint(painter, view.height, view.top, view.left, 34); \
    texts.sort((one, other) => one.y - other.y || one.from - other.from); \
    texts.forEach((text, nth) => { const next = texts[nth + 1]; \
        if (next && next.y === text.y && next.from < text.to + 4) found.push(`${text.text} ${next.text}`); }); \
    return { found, count: texts.length }; })()";

#[test]
fn heads_of_lanes_stand_side_by_side_however_many_there_are() {
    let pages = Pages::new();
    for nodes in [30, 100, 1_000] {
        pages.file("wide.ron", wide(nodes));
        let page = pages.view("./wide.ron");
        in_browser(|browser| {
            for width in [1280, 1360, 1440, 2560] {
                browser.resize(width, 800);
                open(browser, &page, "");
                for (what, least) in [("folded", 12), ("unfolded", 20)] {
                    // Roles have long names at the end.
                    browser.eval("rehearsal.select(0, rehearsal.run.count)");
                    // What is numbered highest stands at the right.
                    browser.eval("rehearsal.left = 1e9; rehearsal.refresh()");
                    browser.settle();
                    let heads = browser.eval(OVERLAPS);
                    let here = format!("{nodes} nodes, {what}, {width} pixels");
                    assert_eq!(heads["found"], json!([]), "{here}");
                    assert!(heads["count"].as_u64() >= Some(least), "{here}: {heads}");
                    browser.eval("document.querySelector('#unfold').click()");
                }
            }
        });
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
