use rehearsal::Exit;

use crate::pages::Pages;
use crate::{in_browser, open};

/// A lost answer, decided by the plan, in a network that loses one message in ten.
const LOST: &str = include_str!("../understand/two-leaders.ron");

#[test]
fn the_curve_stands_beside_the_lanes_and_jumps_where_the_answer_is_lost() {
    let pages = Pages::new();
    pages.file("lost.ron", LOST);
    let ran = pages.run("cause ./lost.ron --html ./curve.html --json");
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Held, ""));
    in_browser(|browser| {
        open(browser, &pages.path("curve.html"), "");
        browser.press("p");
        // As drawn: the longest stroke to the right of any line that goes down on the whole.
        let drawn = "(() => { const svg = new DOMParser().parseFromString(rehearsal.printed, 'image/svg+xml');
            const curves = [...svg.querySelectorAll('polyline')].map((line) =>
                line.getAttribute('points').trim().split(/[ ,]+/).map(Number))
                .filter((points) => points.length > 8);
            return curves.map((points) => { let best = [0, 0];
                for (let i = 2; i < points.length; i += 2) {
                    const rise = points[i] - points[i - 2];
                    if (rise > best[0] && points[i + 1] === points[i - 1]) best = [rise, points[i + 1]];
                } return best; }); })()";
        let drawn = browser.eval(drawn);
        let curves = drawn.as_array().expect("lines");
        assert_eq!(curves.len(), 1, "{drawn}");
        let [rise, height] = [0, 1].map(|at| curves[0][at].as_f64().expect("a number"));
        assert!(rise > 13.0, "the curve is 20 wide: {drawn}");
        // It rises beside the row of the loss: where that arrow begins in the print.
        let loss = "(() => { const svg = new DOMParser().parseFromString(rehearsal.printed, 'image/svg+xml');
            const at = [...svg.querySelectorAll('text')].find((it) => it.textContent === '120 ms');
            return Number(at.getAttribute('y')); })()";
        let loss = browser.number(loss);
        assert!((height - loss).abs() < 24.0, "at {height}, the loss at {loss}");
        let at = browser.eval("rehearsal.runs[0].curve.find(([, share]) => share === 1000)[0]");
        assert_eq!(at, serde_json::json!(120_000_000));
    });
}
