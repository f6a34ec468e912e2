use rehearsal::Exit;

use crate::pages::{Pages, stock};

fn traced() -> (Pages, String) {
    let pages = Pages::new();
    let name = stock("election/lost-answer.ron");
    pages.run(&format!("run {name} --trace ./run.jsonl"));
    let text = std::fs::read_to_string(pages.path("run.jsonl")).expect("the trace is written");
    (pages, text)
}

#[test]
fn a_trace_gives_the_page_of_its_plan() {
    let (pages, _) = traced();
    let page = std::fs::read_to_string(pages.view("./run.jsonl")).expect("the page is written");
    assert!(page.contains("\"states\":{\"bodies\":[["), "with states");
}

#[test]
fn of_a_trace_that_was_cut_off_the_whole_part_is_shown_with_a_warning() {
    let (pages, text) = traced();
    let lines: Vec<_> = text.lines().take(40).collect();
    pages.file("run.jsonl", lines.join("\n") + "\n{\"number\":40,\"cau");
    let ran = pages.run("view ./run.jsonl -o ./page.html");
    assert_eq!(ran.exit, Exit::Held, "{}", ran.err);
    assert!(ran.err.contains("line 41: ") && ran.err.contains("has what is before"), "{}", ran.err);
    // The page is sent on without the warning on the screen, so it says it itself.
    let page = std::fs::read_to_string(pages.path("page.html")).expect("it is written");
    assert!(page.contains("line 41: "), "the page does not say so");
}

#[test]
fn a_trace_of_the_last_events_gives_the_page_of_its_plan_if_they_are_the_same() {
    let pages = Pages::new();
    let name = stock("election/lost-answer.ron");
    pages.run(&format!("run {name} --keep-events 30 --trace ./run.jsonl"));
    let page = std::fs::read_to_string(pages.view("./run.jsonl")).expect("the page is written");
    assert!(page.contains("\"states\":{\"bodies\":[["), "with states");
    assert!(page.contains("\"dropped\":0"), "from the first event on");
    let text = std::fs::read_to_string(pages.path("run.jsonl")).expect("the trace is written");
    let (from, to) = ("\"kind\":\"coordinator\"", "\"kind\":\"coordinates\"");
    let other = text.replace(from, to).replace(":coordinator#", ":coordinates#");
    assert_ne!(text, other);
    pages.file("run.jsonl", other);
    let ran = pages.run("view ./run.jsonl -o ./page.html");
    assert!(ran.err.contains("its plan does something else now"), "{}", ran.err);
}

#[test]
fn files_of_which_no_page_can_be_made_are_refused_with_a_place() {
    let (pages, text) = traced();
    let of_other_format = text.replacen("\"format\":2", "\"format\":99", 1);
    for (content, place) in [
        ("", "empty.txt:1:1"),
        ("{", "line 1: not the head of a trace"),
        ("{\"format\":2}\n", "line 1: "),
        ("not a scenario", "foreign.txt:1:"),
        (of_other_format.as_str(), "line 1: the trace has format 99"),
    ] {
        let name = if content.is_empty() { "./empty.txt" } else { "./foreign.txt" };
        pages.file(name.trim_start_matches("./"), content);
        let ran = pages.run(&format!("view {name} -o ./page.html"));
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::BadInput, ""), "{content}: {}", ran.err);
        assert!(ran.err.contains(place), "{place}: {}", ran.err);
        assert!(!pages.path("page.html").exists());
    }
}

#[test]
fn a_trace_whose_protocol_is_unknown_is_shown_by_its_events_alone() {
    let (pages, text) = traced();
    pages.file("run.jsonl", text.replacen("protocol: Election((", "protocol: Selection((", 1));
    let ran = pages.run("view ./run.jsonl -o ./page.html");
    assert_eq!(ran.exit, Exit::Held, "{}", ran.err);
    assert!(ran.err.contains("cannot read its plan"), "{}", ran.err);
}

#[test]
fn a_page_has_no_more_events_and_states_than_it_may() {
    let pages = Pages::new();
    let name = stock("election/lost-answer.ron");
    let ran = pages.run(&format!("view {name} -o ./page.html --events 30 --states 2"));
    assert_eq!(ran.exit, Exit::Held, "{}", ran.err);
    assert!(ran.err.contains("begins with event 66; 65 before it are left out"), "{}", ran.err);
    let page = std::fs::read_to_string(pages.path("page.html")).expect("the page is written");
    let (_, after) = page.split_once("\"steps\":[").expect("states");
    let (steps, _) = after.split_once("]]").expect("a list of lists");
    assert_eq!(steps.matches('[').count(), 2, "{steps}");
}

#[test]
fn what_cannot_be_written_is_said() {
    let pages = Pages::new();
    let name = stock("election/lost-answer.ron");
    for (arguments, complaint) in [
        (format!("view {name} --output ./nowhere/page.html"), "there is no folder"),
        (format!("view {name} -o {name}"), "--output"),
        (format!("run {name} --html {name}"), "this command reads that file"),
        (format!("view {name} --seed 1,2,3 -o ./page.html"), "two runs at most"),
    ] {
        let ran = pages.run(&arguments);
        assert_eq!(ran.exit, Exit::Usage, "{}", ran.err);
        assert!(ran.err.contains(complaint), "{}", ran.err);
    }
}
