//! Sweeps beside a bare loop over the same runs, in one run of this program.
//!
//! `cargo bench --bench sweep` prints the tables of BENCHMARKS.md: how much more a sweep with
//! one job takes than a loop that only runs the seeds, how much sooner two jobs are done, beside
//! two such loops on two threads, and how much memory sweeps of different lengths take.
//!
//! Machines are noisy: a ratio of times by the clock is the median over rounds, in each of which
//! all contestants run once. What a sweep does beside its runs is less than this noise, so it is
//! told by the least processor times of all rounds: other programs can only add to those.

#![expect(
    clippy::float_arithmetic,
    clippy::disallowed_types,
    reason = "seconds and ratios are told here, not simulated"
)]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rehearsal::shipped::{Election, Script};
use rehearsal::sim::{Case, Options, Scenario};

const ROUNDS: usize = 15;

/// The paper's fifty messages: about a hundred events.
const SHORT: &str = r#"(
    claim: "Fifty messages arrive.",
    protocol: Script((form: Repaired, script: "paper-50.txt", resend: "50ms")),
    nodes: 6,
    network: (delay: Uniform("1ms", "20ms")),
    calm_at: "1s",
    until: "3s",
    expect: [Eventually(what: AllDelivered, within: "1s"), Always(NothingTwice)],
)"#;

/// Five nodes with heartbeats for a while: about ten thousand events.
const LONG: &str = r#"(
    claim: "A leader stays.",
    protocol: Election((
        form: Hardened(answer_wait: "41ms", coordinator_wait: "81ms", heartbeat: "100ms", leader_wait: "121ms"),
    )),
    nodes: 5,
    network: (delay: Uniform("1ms", "20ms")),
    calm_at: "1s",
    until: "110s",
    expect: [Eventually(what: Agreed, within: "2s"), Always(EpochsRise)],
)"#;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    if let (Some(scenario), Some(runs)) = (arguments.next(), arguments.next()) {
        return peak(&scenario, &runs);
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("a file can be written");
        file
    };
    file("paper-50.txt", include_str!("../../scenarios/script/paper-50.txt"));
    let (short, long) = (file("short.ron", SHORT), file("long.ron", LONG));
    println!(
        "| runs | events of a run | bare loop, us per run | sweep with one job: more processor time than the loop, least of {ROUNDS} | aim | more time by the clock, median of {ROUNDS} (min..max) | two jobs: times as fast as one | two bare loops: times as fast as one | aim |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    contest(
        &short,
        &Scenario::<Script>::open(&short).expect("it is right").into(),
        10_000,
        "< 25 %",
    );
    contest(&long, &Scenario::<Election>::open(&long).expect("it is right").into(), 300, "< 5 %");
    println!("\n| runs of a sweep | peak memory, MiB |\n|---:|---:|");
    for runs in ["1000", "100000"] {
        println!("| {runs} | {} |", peak_of_child(&short, runs));
    }
}

fn contest(file: &Path, case: &Case, runs: u64, aim: &str) {
    let mut events = 0;
    let [mut swept, mut looped] = [f64::INFINITY; 2];
    let [mut more, mut faster, mut loops, mut per_run] = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        let bare = Took::of(|| events = bare_loop(case, 0..runs) / runs);
        let both = Took::of(|| {
            std::thread::scope(|scope| {
                scope.spawn(|| bare_loop(case, 0..runs / 2));
                bare_loop(case, runs / 2..runs);
            });
        });
        let one = Took::of(|| sweep(file, runs, 1));
        let two = Took::of(|| sweep(file, runs, 2));
        (swept, looped) = (swept.min(one.processor), looped.min(bare.processor));
        more.push((one.clock / bare.clock - 1.0) * 100.0);
        faster.push(one.clock / two.clock);
        loops.push(bare.clock / both.clock);
        per_run.push(bare.clock * 1e6 / f64::from(u32::try_from(runs).expect("not so many")));
    }
    println!(
        "| {runs} | {events} | {:.1} | {:.1} % | {aim} | {:.1} % ({:.1}..{:.1}) | {:.2} ({:.2}..{:.2}) | {:.2} ({:.2}..{:.2}) | 1.9 |",
        middle(&mut per_run),
        (swept / looped - 1.0) * 100.0,
        middle(&mut more),
        more[0],
        more[ROUNDS - 1],
        middle(&mut faster),
        faster[0],
        faster[ROUNDS - 1],
        middle(&mut loops),
        loops[0],
        loops[ROUNDS - 1]
    );
}

/// Gives the number of events.
fn bare_loop(case: &Case, seeds: std::ops::Range<u64>) -> u64 {
    let mut runner = case.runner();
    seeds.map(|seed| runner.run(Options::seed(seed)).tally.events).sum()
}

/// As the command line does it, its database included.
fn sweep(file: &Path, runs: u64, jobs: u64) {
    let _ = std::fs::remove_file(file.with_extension("sweep.db"));
    let (file, seeds, jobs) = (file.display().to_string(), format!("0..{runs}"), jobs.to_string());
    let arguments = ["rehearsal", "sweep", &file, "--seeds", &seeds, "--jobs", &jobs];
    let exit = rehearsal::shipped::cli().run(arguments, &mut std::io::sink(), &mut std::io::sink());
    assert_eq!(exit, rehearsal::Exit::Held);
}

/// How long something took, in seconds.
struct Took {
    /// By the clock.
    clock: f64,
    /// Of the processors, on all threads: what other programs of the machine took is not in it.
    processor: f64,
}

impl Took {
    fn of(work: impl FnOnce()) -> Self {
        let (begun, used) = (Instant::now(), processor_time());
        work();
        let clock = begun.elapsed().as_secs_f64();
        Self { clock, processor: processor_time().saturating_sub(used).as_secs_f64() }
    }
}

/// What this process has used so far.
fn processor_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    used.try_into().expect("it is not negative")
}

/// Sorts them, and gives the one in the middle.
fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Sweeps, and prints the most memory that this process had.
fn peak(scenario: &str, runs: &str) {
    sweep(Path::new(scenario), runs.parse().expect("a number"), 2);
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak");
    let kibibytes: f64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    println!("{:.1}", kibibytes / 1_024.0);
}

fn peak_of_child(file: &Path, runs: &str) -> String {
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    let ran = child.arg(file).arg(runs).output().expect("it runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("text").trim().to_owned()
}
