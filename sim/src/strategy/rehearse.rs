use std::cell::RefCell;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use proptest::test_runner::TestCaseError;
use rehearsal_machine::mutant;

use crate::case::Case;
use crate::chance::Seed;
use crate::check::{Check, Failure, Fingerprint};
use crate::engine::{Options, Report, run};
use crate::fault::Fault;
use crate::parallel;
use crate::plan::{FAILURES, Plan, Rest, path_hash};
use crate::protocol::Protocol;
use crate::scenario::Scenario;
use crate::sweep::{Found, environment};

/// Runs the scenario with its own faults and these, as one case of a property.
///
/// A violated check fails the case. The first case that fails in some way is
/// [shrunk](crate::shrink), as the failure of a [hunt](crate::sweep::Hunt) is, on
/// `REHEARSAL_JOBS` threads or all cores. The error has the story of the smallest run and the
/// command that runs it again. The plans are then in `rehearsal-failures/NAME-HASH.ron` and `NAME-HASH-small.ron`, below the folder of the
/// test's package, where the hash is that of the scenario's name. Nothing is replaced:
/// where there is another plan, the file is `NAME-HASH-2.ron`. Later cases of this
/// property that fail alike with the same seed on the same thread get the same words: proptest
/// makes such cases while it shrinks what it prints. Give every property a name of its own.
///
/// A case that [tests](crate::Check::Tested) nothing is rejected: it neither
/// holds nor fails.
///
/// Faults that do not fit the scenario fail the case, too; no [`Menu`] makes
/// such ones for its own scenario.
///
/// [`Menu`]: super::Menu
pub fn rehearse<P: Protocol>(
    scenario: &Scenario<P>,
    seed: u64,
    faults: Vec<Fault>,
    name: &str,
) -> Result<Report<P>, TestCaseError> {
    let faults = scenario.faults().iter().cloned().chain(faults).collect();
    let scenario = scenario
        .with_faults(faults)
        .map_err(|reason| TestCaseError::fail(format!("the faults do not fit: {reason}")))?;
    let report = run(&scenario, Options::seed(seed));
    match &report.failure {
        None => Ok(report),
        Some(failure) if failure.check == Check::Tested => {
            let words = format!("{}: {}\n{}", failure.check, failure.reason, failure.detail);
            Err(TestCaseError::reject(words))
        }
        Some(failure) => Err(TestCaseError::fail(failed(scenario, seed, failure, name))),
    }
}

/// A failure that this thread has told of.
struct Told {
    file: PathBuf,
    seed: u64,
    fingerprint: Fingerprint,
    text: String,
}

thread_local! {
    static TOLD: RefCell<Vec<Told>> = const { RefCell::new(Vec::new()) };
}

/// Shrinks the failure, unless it is known; gives what there is to say of it.
fn failed<P: Protocol>(scenario: Scenario<P>, seed: u64, failure: &Failure, name: &str) -> String {
    let fingerprint = failure.fingerprint(P::NAME);
    let hash = path_hash(Path::new(scenario.name()));
    let file = Path::new(FAILURES).join(format!("{name}-{hash}.ron"));
    let is_this = |it: &Told| it.file == file && it.seed == seed && it.fingerprint == fingerprint;
    let told = TOLD.with_borrow(|all| all.iter().find(|it| is_this(it)).map(|it| it.text.clone()));
    if let Some(text) = told {
        return text;
    }
    let jobs = match environment::jobs() {
        Ok(jobs) => jobs.unwrap_or_else(parallel::all_cores),
        Err(why) => return format!("{}: {}\n{why}", failure.check, failure.reason),
    };
    let faults = scenario.faults().to_vec();
    let plan = Plan {
        case: Case::new(scenario),
        seed: Seed(seed),
        rest: Rest::Seed,
        decisions: IndexMap::new(),
        mutant: mutant::selected(),
        fails: Some(fingerprint.clone()),
    };
    let found = Found::of(plan, fingerprint.clone(), jobs);
    let text = found.report_with(&file, &format!("seed {seed} with these faults: {faults:?}"));
    TOLD.with_borrow_mut(|all| all.push(Told { file, seed, fingerprint, text: text.clone() }));
    text
}
