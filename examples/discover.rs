//! throw-away
#[path = "planted_bugs/drill.rs"]
mod drill;
use rehearsal::shipped::{Chat, Deadlock, Election, Script};
use rehearsal::sim::scenario::heading;
use rehearsal::sim::{Case, Options, Protocol, Scenario};
use std::num::NonZeroUsize;
use std::path::Path;
fn open<P: Protocol>(file: &Path) -> Case {
    Scenario::<P>::open(file).expect("right").into()
}
fn main() {
    let mut args = std::env::args().skip(1);
    let dir = args.next().unwrap();
    let most: u64 = args.next().unwrap().parse().unwrap();
    let mutants: Vec<String> = args.collect();
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "ron"))
        .collect();
    files.sort();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        let h = heading(&file.to_string_lossy(), &source).expect("right");
        let case = match h.protocol.as_str() {
            "Chat" => open::<Chat>(&file),
            "Deadlock" => open::<Deadlock>(&file),
            "Election" => open::<Election>(&file),
            _ => open::<Script>(&file),
        };
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let t = std::time::Instant::now();
        let sweep = rehearsal::sim::sweep::Sweep::of(&case).swarming(&|c, o| c.run(o)).unwrap();
        let clean = drill::first_failure(&sweep, 0, most * 10, NonZeroUsize::new(2).unwrap());
        println!(
            "CLEAN {name} {} us/run {:?}",
            t.elapsed().as_micros() as u64 / (most * 10),
            clean.map(|(n, s)| (n, s.fingerprint))
        );
        for m in &mutants {
            let reached = case.run(Options::seed(0).mutant(m.clone())).mutant_reached;
            if !reached {
                continue;
            }
            let sweep = drill::sweep(&case, m);
            let counts: Vec<_> = (0..5)
                .map(|h| {
                    drill::first_failure(&sweep, h * 1_000_000, most, NonZeroUsize::new(2).unwrap())
                        .map(|(n, s)| (n, s.fingerprint.unwrap().check))
                })
                .collect();
            if counts.iter().any(Option::is_some) {
                println!("{m} {name} {counts:?}");
            } else {
                println!("{m} {name} reached-only");
            }
        }
    }
}
