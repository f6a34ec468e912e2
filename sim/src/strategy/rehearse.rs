use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use proptest::test_runner::TestCaseError;
use rehearsal_machine::mutant;

use crate::case::Case;
use crate::chance::Seed;
use crate::check::{Check, Failure};
use crate::engine::{Options, Report, run};
use crate::fault::Fault;
use crate::plan::{FAILURES, Plan, Rest, path_hash, replace, write_new};
use crate::protocol::Protocol;
use crate::scenario::Scenario;

/// Runs the scenario with its own faults and these, as one case of a property.
///
/// A violated check fails the case. The run's plan is then in
/// `rehearsal-failures/NAME-HASH.ron`, below the folder of the test's package,
/// where the hash is that of the scenario's name; the error names the file and
/// how to replay it. The next case that fails takes the place of the one
/// that this thread has written before, as a shrinking property does. Nothing else is replaced: where
/// there is another plan, the file is `NAME-HASH-2.ron`. A case that holds leaves
/// the folder as it is. Give every property a name of its own.
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

/// Writes the plan; gives what there is to say of it.
fn failed<P: Protocol>(scenario: Scenario<P>, seed: u64, failure: &Failure, name: &str) -> String {
    let verdict = format!("{}: {}, at {}ms", failure.check, failure.reason, failure.at);
    let plan = Plan {
        case: Case::new(scenario),
        seed: Seed(seed),
        rest: Rest::Seed,
        decisions: IndexMap::new(),
        mutant: mutant::selected(),
        fails: Some(failure.fingerprint(P::NAME)),
    };
    let hash = path_hash(Path::new(&plan.case.synopsis().name));
    let file = Path::new(FAILURES).join(format!("{name}-{hash}.ron"));
    let remedy = match plan.text() {
        Err(why) => {
            let faults = &plan.case.synopsis().faults;
            format!(
                "there is no plan: {why}\nrun again with seed {seed} and these faults: {faults:?}"
            )
        }
        Ok(text) => match written(file.clone(), text) {
            Ok(place) => format!("again: rehearsal replay {}", place.display()),
            Err(error) => format!("{}: {error}", file.display()),
        },
    };
    format!("{verdict}\n{}\n{remedy}", failure.detail)
}

/// A plan that was written by this thread.
struct Written {
    wanted: PathBuf,
    place: PathBuf,
    text: String,
}

thread_local! {
    /// The latest one: while a property shrinks, its cases come one after the other.
    static LATEST: RefCell<Option<Written>> = const { RefCell::new(None) };
}

/// Takes the place of the larger case, if nobody has touched its plan.
fn written(file: PathBuf, text: String) -> io::Result<PathBuf> {
    let is_larger_case = |latest: &Written| {
        latest.wanted == file
            && fs::read(&latest.place).is_ok_and(|there| there == latest.text.as_bytes())
    };
    let place = match LATEST.take().filter(is_larger_case) {
        Some(latest) => {
            replace(&latest.place, &text)?;
            latest.place
        }
        None => write_new(&file, &text)?,
    };
    LATEST.set(Some(Written { wanted: file, place: place.clone(), text }));
    Ok(place)
}
