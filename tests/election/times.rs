//! How long an election takes over a network that takes 1 ms, d, exactly.

use super::counts::cases;
use super::support::{Run, Sketch, paper, textbook, textbook_with};

const D: u64 = 1;

/// When the winner announces itself, if nodes wait `patience` for answers.
fn announces(n: u32, f: u32, k: u32, patience: u64) -> u64 {
    let way = if k == n - f { 0 } else { D };
    // The top has nobody to ask, and nothing to wait for.
    if f == 0 { way } else { way + patience }
}

/// When the last one knows.
fn agreed(n: u32, f: u32, k: u32, patience: u64) -> u64 {
    let news = if n - f == 1 { 0 } else { D };
    announces(n, f, k, patience) + news
}

fn run(form: &str, n: u32, f: u32, k: u32) -> Run {
    let run = Sketch::of(form, n, f).suspects(k, 0).run();
    run.assert_held();
    run
}

#[test]
fn the_leader_announces_itself_and_is_known_exactly_when_it_should() {
    let mut compared = 0;
    for (n, f, k) in cases(12) {
        let forms = [(textbook(2), 2), (textbook(5), 5), (paper(5, 2), 10), (paper(5, 3), 15)];
        for (form, patience) in forms {
            let run = run(&form, n, f, k);
            let at = announces(n, f, k, patience);
            assert_eq!(run.announced(n - f), Some(at), "{form}, n {n}, f {f}, k {k}");
            let known = agreed(n, f, k, patience);
            assert_eq!(run.since(), Some(known), "{form}, n {n}, f {f}, k {k}");
            compared += 1;
        }
    }
    println!("{compared} cases");
    assert_eq!(compared, 4 * 364);
}

#[test]
fn in_one_round_the_leader_is_known_after_the_wait_and_two_more_ways() {
    for n in 3..=12 {
        for k in 1..n - 1 {
            let run = run(&textbook_with(3, "one_round: true"), n, 1, k);
            assert_eq!(run.announced(n - 1), Some(3 + D));
            assert_eq!(run.since(), Some(3 + 2 * D));
        }
    }
}
