//! Callers: what each of them must be told, and how soon.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::company::{BUDGET, customer};
use crate::gateway::Gateway;
use crate::machine::{self, Watched};
use crate::wire::Said;

/// What an answer may take beyond its budget, at the 99th of a hundred.
const SLACK: Duration = Duration::from_millis(25);
/// So many rounds may be bad ones on a machine that was held up where nobody saw it.
const MOST_BAD: usize = 2;
/// So many rounds in all, where a busy machine spoils them.
const MOST_ROUNDS: usize = 12;
/// How many calls a round has, and how many of them are under way at once.
const CALLS: usize = 104;
const AT_ONCE: usize = 13;

/// What one caller was told, and after what time.
pub struct Told {
    pub tel: String,
    pub said: Said,
    pub took: Duration,
}

/// A number that nobody has called from yet. It is a customer's.
pub fn number() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("9{:07}", 1_230_000 + COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Calls the node `caller` from this number.
pub fn call(gateway: &Gateway, tel: &str) -> Told {
    let start = Instant::now();
    let said = gateway.get(&format!("/nodes/caller?tel={tel}"));
    Told { tel: tel.to_owned(), said, took: start.elapsed() }
}

/// Calls from each of these numbers, so many at once.
pub fn calls(gateway: &Gateway, numbers: &[String], at_once: usize) -> Vec<Told> {
    calls_after(gateway, numbers, at_once, |_| {})
}

/// The same, where each of them first waits as this says of its place.
fn calls_after(
    gateway: &Gateway,
    numbers: &[String],
    at_once: usize,
    wait: impl Fn(u32) + Sync,
) -> Vec<Told> {
    let next = Mutex::new(numbers.iter());
    let told = Mutex::new(Vec::new());
    let take = || next.lock().unwrap().next();
    let (wait, take, told_of) = (&wait, &take, &told);
    std::thread::scope(|scope| {
        for at in 0..at_once as u32 {
            scope.spawn(move || {
                wait(at);
                while let Some(tel) = take() {
                    let one = call(gateway, tel);
                    told_of.lock().unwrap().push(one);
                }
            });
        }
    });
    told.into_inner().unwrap()
}

/// As many numbers as a round has calls.
pub fn strangers() -> Vec<String> {
    (0..CALLS).map(|_| number()).collect()
}

/// Calls from these numbers: every answer is whole, ends as it must (`outcomes`, with spaces between them), and comes
/// [in good time](punctual).
pub fn in_time(gateway: &Gateway, outcomes: &str, cache: &[&str], numbers: impl Fn() -> Vec<String>) {
    punctual(BUDGET, || round(gateway, outcomes, cache, &numbers()));
}

/// The same for an upstream that stalls, each round with a gateway of its own that this starts: one that has waited for
/// it too often answers at once.
pub fn anew_in_time(
    start: impl Fn() -> Gateway,
    outcomes: &str,
    cache: &[&str],
    numbers: impl Fn() -> Vec<String>,
) {
    punctual(BUDGET, || {
        let gateway = start();
        gateway.get("/nodes/caller");
        round(&gateway, outcomes, cache, &numbers())
    });
}

/// One round of calls of the usual node. The callers begin one after another, so that their budgets do not end together:
/// what is measured is the gateway, not how a machine gets through a dozen answers at one moment.
pub fn round(gateway: &Gateway, outcomes: &str, cache: &[&str], numbers: &[String]) -> Vec<Timed> {
    let one_after_another = |at: u32| std::thread::sleep(at * Duration::from_millis(BUDGET) / AT_ONCE as u32);
    let told = calls_after(gateway, numbers, AT_ONCE, one_after_another);
    told.iter().for_each(Told::is_whole);
    let wrong = |one: &Told| (!one.is_expected(outcomes, cache)).then(|| format!("{one:?}"));
    told.iter().map(|one| Timed { took: one.took, wrong: wrong(one) }).collect()
}

/// One call of a round: how long it took, and what is wrong with its answer, if anything is.
pub struct Timed {
    pub took: Duration,
    pub wrong: Option<String>,
}

/// A round is good where nothing is wrong and, of a hundred calls, one comes later than this budget and a little; of
/// fewer, less than half. The first must be good; where it is not, more of all rounds must be good than bad. A round that
/// a busy machine spoilt says nothing, and there is another: what overruns is late in each of them.
pub fn punctual(budget: u64, round: impl Fn() -> Vec<Timed>) {
    let _alone = machine::alone();
    let (mut good, mut bad, mut spoilt) = (0, Vec::new(), Vec::new());
    while bad.len() <= MOST_BAD && good + bad.len() + spoilt.len() < MOST_ROUNDS {
        let Watched { done, lateness, is_busy } = machine::watch(|| catch_unwind(AssertUnwindSafe(&round)));
        match done.map(|told| complaint(latest(budget) + lateness, told)) {
            Ok(None) => good += 1,
            Ok(Some(complaint)) if is_busy => spoilt.push(complaint),
            Ok(Some(complaint)) => bad.push(complaint),
            Err(_) if is_busy => spoilt.push((Duration::ZERO, vec!["it could not be measured".to_owned()])),
            Err(panic) => resume_unwind(panic),
        }
        if good > bad.len() {
            return;
        }
    }
    panic!("good rounds: {good}; bad ones: {bad:#?}; on a busy machine: {spoilt:#?}");
}

fn complaint(latest: Duration, round: Vec<Timed>) -> Option<(Duration, Vec<String>)> {
    let late = all_but_a_few(round.iter().map(|one| one.took));
    let wrong: Vec<String> = round.into_iter().filter_map(|one| one.wrong).take(3).collect();
    (!wrong.is_empty() || late > latest).then_some((late, wrong))
}

/// What all of these times but the longest one in a hundred stay within. Of fewer than a hundred, where one late caller
/// says nothing, the one in the middle.
pub fn all_but_a_few(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    let within = if times.len() < 100 { 50 } else { 99 };
    times[(times.len() * within).div_ceil(100) - 1]
}

/// By when an answer must be there, with this budget in milliseconds.
pub fn latest(budget: u64) -> Duration {
    Duration::from_millis(budget) + SLACK
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = |name| self.said.header(name);
        let (outcome, cache) = (header("x-datadip-outcome"), header("x-datadip-cache"));
        let (status, body) = (self.said.status, self.said.text());
        write!(f, "{}: {status} {outcome}, {cache}, after {:?}: {body}", self.tel, self.took)
    }
}

impl Told {
    /// It is whole, the outcome is this and the cache one of these.
    pub fn is(&self, outcome: &str, cache: &[&str]) {
        self.is_whole();
        assert!(self.is_expected(outcome, cache), "neither {outcome} nor {cache:?}: {self:?}");
    }

    /// Every output of the usual node is there, in its type, in order, with what belongs to the outcome.
    fn is_whole(&self) {
        let outcome = self.said.header("x-datadip-outcome");
        assert_eq!((self.said.status, self.said.header("x-datadip-trace").len()), (200, 16), "{self:?}");
        let expected = answer(&self.tel, outcome);
        assert_eq!(self.said.json(), expected, "{self:?}");
        let members = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(members(&self.said.json()), members(&expected));
    }

    fn is_expected(&self, outcomes: &str, cache: &[&str]) -> bool {
        let header = |name| self.said.header(name);
        outcomes.split(' ').any(|outcome| outcome == header("x-datadip-outcome"))
            && cache.contains(&header("x-datadip-cache"))
    }
}

/// What the usual node answers.
fn answer(tel: &str, outcome: &str) -> Value {
    if outcome != "found" {
        let name = if outcome == "timeout" { "unknown" } else { "nobody" };
        return json!({
            "name": name, "isVip": "2", "points": 0, "share": 0.5, "blocked": false, "status": outcome
        });
    }
    let ada = customer(tel);
    let vip = if ada["vip"] == json!(true) { "1" } else { "2" };
    json!({
        "name": ada["name"], "isVip": vip, "points": ada["points"], "share": ada["share"],
        "blocked": ada["blocked"], "status": "found"
    })
}

/// Waits until something is so, for as long as a test may wait.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
