//! Takes the pictures in `docs/images`, each of a page as it opens.
//!
//! ```sh
//! cargo run --features mutants --example screenshots
//! ```
//!
//! It needs Chromium (`tests/view/install.sh`).

#[expect(dead_code, reason = "tests need more of it")]
#[path = "../../tests/view/browser.rs"]
mod browser;

use std::fs;
use std::path::Path;

use browser::Browser;
use rehearsal::shipped;

/// Large enough for a page, and small enough for a README.
const SIZE: (u32, u32) = (1280, 800);

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let images = root.join("docs/images");
    fs::create_dir_all(&images).expect("a folder can be created");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    // What a reader sees of a file's name is its path from here.
    let go_to = |place: &Path| std::env::set_current_dir(place).expect("a folder that is there");
    go_to(root);
    let mut browser = Browser::start(&at("profile"), SIZE.0, SIZE.1);
    let mut take = |name: &str, scheme: &str, page: &Path| {
        browser.prefer(scheme);
        browser.open(page, "");
        let image = images.join(name);
        fs::write(&image, decoded(&browser.picture())).expect("a picture can be written");
        println!("{}", image.display());
    };

    let page = at("lost-answer.html");
    view(&["scenarios/election/lost-answer.ron"], &page);
    take("light.png", "light", &page);
    take("dark.png", "dark", &page);

    go_to(folder.path());
    let [small, twin] = planted(&root.join("scenarios/hunt/election-textbook.ron"));
    let page = at("failure.html");
    view(&[small], &page);
    take("failure.png", "light", &page);
    let page = at("diff.html");
    view(&[small, twin], &page);
    take("diff.png", "light", &page);

    for (nodes, name) in [(30, "thirty-nodes.png"), (1_000, "thousand-nodes.png")] {
        let scenario = format!("{nodes}-nodes.ron");
        fs::write(&scenario, wide(nodes)).expect("a scenario can be written");
        let page = at(&scenario).with_extension("html");
        view(&[&scenario], &page);
        take(name, "light", &page);
    }
}

fn run(arguments: &[&str]) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = std::iter::once("rehearsal").chain(arguments.iter().copied());
    let exit = shipped::cli().run(arguments, &mut out, &mut err);
    eprintln!("{exit:?}: {}", String::from_utf8_lossy(&err));
}

fn view(files: &[&str], page: &Path) {
    let page = page.display().to_string();
    run(&[&["view"], files, &["-o", &page]].concat());
}

/// The plan of a failure that a planted bug causes, shrunk, and its twin.
fn planted(scenario: &Path) -> [&'static str; 2] {
    let scenario = scenario.display().to_string();
    let plan = "misleads-quietly.ron";
    let found = (0..200).find(|seed| {
        let seed = seed.to_string();
        let mutant = ["--mutant", "MisleadsQuietly"];
        run(&[&["run", &scenario, "--seed", &seed, "--plan", plan], &mutant[..]].concat());
        fs::read_to_string(plan).is_ok_and(|plan| plan.contains("Eventually(Agreed)\""))
    });
    assert!(found.is_some(), "no seed finds the planted bug");
    run(&["shrink", plan]);
    ["misleads-quietly-small.ron", "misleads-quietly-twin.ron"]
}

/// The highest of so many nodes goes down; one that is not far below calls an election.
fn wide(nodes: u32) -> String {
    format!(
        r#"// Many nodes.
(
    claim: "The highest of {nodes} nodes that is up leads.",
    protocol: Election((form: Textbook(answer_wait: "30ms", coordinator_wait: "60ms"), initial_leader: {nodes})),
    nodes: {nodes},
    network: (delay: Uniform("1ms", "10ms"), loss: "1/100"),
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

/// The bytes of a text in base 64.
fn decoded(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for value in text.bytes().filter_map(value) {
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}
