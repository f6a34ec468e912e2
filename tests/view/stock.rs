use std::path::{Path, PathBuf};

use serde_json::json;

use crate::in_browser;
use crate::pages::Pages;

fn scenarios(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder can be listed") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            scenarios(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "ron") {
            found.push(path);
        }
    }
}

#[test]
fn every_stock_scenario_has_a_page_that_opens_without_a_complaint() {
    let mut all = Vec::new();
    scenarios(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut all);
    all.sort();
    assert!(all.len() > 150, "{} scenarios", all.len());
    let pages = Pages::new();
    for scenario in all {
        let ran = pages.run(&format!("view {} -o ./page.html --states 50", scenario.display()));
        assert_eq!(ran.out.lines().count(), 1, "{}: {}", scenario.display(), ran.err);
        in_browser(|browser| {
            browser.open(&pages.path("page.html"), "");
            let name = scenario.display();
            assert_eq!(browser.complaints, Vec::<String>::new(), "{name}");
            // It opens on the failure, if there is one, and on what happened first of all else.
            let seen = "(() => { const view = rehearsal; const { run, event } = view; \
                const y = run.failure && event >= run.count ? view.scaleNow.ofFailure(0) : view.scaleNow.y(0, event); \
                return y >= view.top && y <= view.top + view.height && run.count > 0; })()";
            assert_eq!(browser.eval(seen), json!(true), "{name}");
            // Something is drawn: not all of the picture is of one colour.
            let drawn = "(() => { const { canvas, context } = rehearsal; \
                const { data } = context.getImageData(0, 0, canvas.width, canvas.height); \
                const first = data[0]; return data.some((value, place) => place % 4 === 0 && value !== first); })()";
            assert_eq!(browser.eval(drawn), json!(true), "{name}");
        });
    }
}
