use serde_json::json;

use crate::pages::{Pages, stock};
use crate::{in_browser, open};

#[test]
fn a_link_opens_the_same_event_in_the_same_view() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/hardened-split-heals.ron"));
    in_browser(|browser| {
        open(browser, &page, "");
        let change = "(() => { rehearsal.filter.hidden.add('heartbeat_ack'); rehearsal.filter.text = ''; \
                      rehearsal.lanesBy.order = 'activity'; rehearsal.relayout(); rehearsal.zoom(1.5); \
                      rehearsal.setCauses(true); rehearsal.select(0, 90); rehearsal.scrollBy(0, 40); })()";
        browser.eval(change);
        browser.until("location.hash.includes('event=91') && location.hash.includes('causes=1')");
        browser.settle();
        let view = "JSON.stringify([rehearsal.event, Math.round(rehearsal.top), rehearsal.rowHeight.toPrecision(3), \
                    rehearsal.showsCauses, [...rehearsal.filter.hidden], rehearsal.lanesBy.order])";
        browser.until("location.hash.includes('top=' + Math.round(rehearsal.top))");
        let (before, fragment) = (browser.text(view), browser.text("location.hash"));
        open(browser, &page, &fragment);
        assert_eq!(browser.text(view), before, "{fragment}");
    });
}

#[test]
fn a_link_of_true_time_opens_at_the_same_nanoseconds() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        open(browser, &page, "#event=43&scale=time&zoom=0.002&top=230000");
        let seen = "[rehearsal.scale, rehearsal.pixelsPerNano, rehearsal.top, rehearsal.event]";
        assert_eq!(browser.eval(seen), json!(["time", 0.002, 230_000, 42]));
    });
}

#[test]
fn a_link_that_makes_no_sense_opens_the_page_as_always() {
    let pages = Pages::new();
    let page = pages.view(&stock("election/lost-answer.ron"));
    in_browser(|browser| {
        for fragment in [
            "#nonsense",
            "#event=x&zoom=-1",
            "#event=1e99&zoom=1e99&top=NaN&run=7",
            "#event=-5&nodes=<b>",
        ] {
            open(browser, &page, fragment);
            let event = browser.number("rehearsal.event");
            assert!((0.0..=95.0).contains(&event), "{fragment}: {event}");
            assert_eq!(browser.eval("Number.isFinite(rehearsal.top)"), json!(true), "{fragment}");
        }
    });
}
