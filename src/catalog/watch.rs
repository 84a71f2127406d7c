//! Sees that mapping files have changed, waits until whoever writes them has done, and has them put in force: on a
//! thread of its own, so that no call waits for it. It is woken by the system where that tells of changes, looks from
//! time to time in any case, and does as it is asked.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use notify::RecommendedWatcher;
use thiserror::Error;
use tokio::sync::oneshot;

use crate::catalog::Catalog;
use crate::catalog::reload::{Gate, Offer, Verdict};
use crate::catalog::survey::{self, Survey};
use crate::catalog::watcher::{self, Place};
use crate::plan::Catalogue;

/// Files that were not touched for so long are taken for written.
const QUIET: Duration = Duration::from_millis(150);
/// The longest that is waited for that.
const LONGEST: Duration = Duration::from_secs(10);
/// How often the files are looked at where the system tells nothing of them.
const LOOK: Duration = Duration::from_secs(1);
/// The same where it does: it does not for every file system, and says so for none.
const LOOK_ANYWAY: Duration = Duration::from_secs(5);
/// How long the catalogue before is held: longer than any call. The last to hold it has to free all of it, and a table
/// of a million rows takes its time; that is not to be a call.
const RETIRED: Duration = Duration::from_secs(10);
/// A pause after a change that was none, so that a folder in which others write costs little.
const REST: Duration = Duration::from_millis(50);

/// How changes are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Watch {
    /// The system tells of them; the files are looked at every few seconds all the same.
    #[default]
    Auto,
    /// The files are looked at every second: for network shares and the like.
    Poll,
    /// Only when it is asked for.
    Off,
}

impl Watch {
    /// Every way, with its name.
    pub const NAMES: [(&str, Self); 3] = [("auto", Self::Auto), ("poll", Self::Poll), ("off", Self::Off)];
}

/// A way of watching that there is not.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("write `auto`, `poll` or `off`")]
pub struct NoWatch;

impl FromStr for Watch {
    type Err = NoWatch;

    fn from_str(name: &str) -> Result<Self, NoWatch> {
        Self::NAMES.iter().find(|(own, _)| *own == name).map(|(_, watch)| *watch).ok_or(NoWatch)
    }
}

/// What is watched from the start on, as it was before it was compiled: what is changed meanwhile is noticed.
pub struct Watching {
    watch: Watch,
    folders: Vec<PathBuf>,
    survey: Survey,
    begun: SystemTime,
}

impl Watching {
    /// The mapping files of these folders, as they are now.
    #[must_use]
    pub fn of(watch: Watch, folders: Vec<PathBuf>) -> Self {
        let begun = SystemTime::now();
        let survey = Survey::read(survey::look(&folders, &BTreeSet::new()), &Survey::default());
        Self { watch, folders, survey, begun }
    }
}

/// Has the mapping files put in force. Clones speak to the same thread.
#[derive(Clone)]
pub struct Reloader(Sender<Wake>);

enum Wake {
    /// Something may have changed.
    Seen,
    /// Somebody wants it, changed or not.
    Asked(oneshot::Sender<Verdict>),
}

impl Reloader {
    /// Begins to watch, the files that mapping files name as well. What changes is put in force in the catalog, if the
    /// gate lets it pass.
    #[must_use]
    pub fn start(catalog: Arc<Catalog>, gate: Gate, watching: Watching, named: BTreeSet<PathBuf>) -> Self {
        let (wake, wakes) = channel();
        let reloader = Self(wake.clone());
        let Watching { watch, folders, survey, begun } = watching;
        thread::spawn(move || {
            let (seen, asked) = (Arc::default(), Vec::new());
            let mut watched = Watched {
                catalog,
                gate,
                watch,
                folders,
                named,
                survey,
                wake,
                wakes,
                seen,
                asked,
                retired: Vec::new(),
                watcher: None,
                places: BTreeSet::new(),
            };
            watched.rewatch();
            watched.take_over(&BTreeSet::new(), begun);
            watched.run();
        });
        reloader
    }

    /// Compiles the files as they are now. None: the thread is gone.
    pub async fn reload(&self) -> Option<Verdict> {
        let (reply, verdict) = oneshot::channel();
        self.0.send(Wake::Asked(reply)).ok()?;
        verdict.await.ok()
    }
}

/// The thread's own.
struct Watched {
    catalog: Arc<Catalog>,
    gate: Gate,
    watch: Watch,
    folders: Vec<PathBuf>,
    named: BTreeSet<PathBuf>,
    /// The files that were compiled last.
    survey: Survey,
    wake: Sender<Wake>,
    wakes: Receiver<Wake>,
    /// Whether a wake is under way already.
    seen: Arc<AtomicBool>,
    asked: Vec<oneshot::Sender<Verdict>>,
    /// Catalogues that are not in force any more, and since when.
    retired: Vec<(Instant, Arc<Catalogue>)>,
    watcher: Option<RecommendedWatcher>,
    /// What it watches.
    places: BTreeSet<Place>,
}

impl Watched {
    fn run(mut self) {
        while self.wait(self.interval()) {
            self.retired.retain(|(since, _)| since.elapsed() < RETIRED);
            if !self.is_changed() && self.asked.is_empty() {
                self.follow();
                thread::sleep(REST);
                continue;
            }
            self.rewatch();
            let verdict = self.reload();
            for reply in self.asked.drain(..) {
                // Whoever asked may have left.
                let _ = reply.send(verdict.clone());
            }
        }
    }

    fn interval(&self) -> Duration {
        match (self.watch, &self.watcher) {
            (Watch::Off, _) if !self.retired.is_empty() => RETIRED,
            (Watch::Off, _) => Duration::MAX,
            // Where the whole folder is gone, nothing is left that could tell of its return.
            (Watch::Auto, Some(_)) if self.folders.last().is_some_and(|root| !root.is_dir()) => LOOK,
            (Watch::Auto, Some(_)) => LOOK_ANYWAY,
            (Watch::Auto, None) | (Watch::Poll, _) => LOOK,
        }
    }

    /// Waits until it is woken, or so long; false where nobody can wake it any more.
    fn wait(&mut self, limit: Duration) -> bool {
        match self.wakes.recv_timeout(limit) {
            Ok(Wake::Asked(reply)) => self.asked.push(reply),
            Ok(Wake::Seen) => self.seen.store(false, Ordering::Release),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        true
    }

    /// Whether there is another content, once nobody is writing any more. It is what is known from then on.
    fn is_changed(&mut self) -> bool {
        if self.watch == Watch::Off {
            return false;
        }
        let mut look = survey::look(&self.folders, &self.named);
        if self.survey.is_still(&look) {
            return false;
        }
        let end = Instant::now() + LONGEST;
        while self.asked.is_empty() && Instant::now() < end {
            self.pause();
            let next = survey::look(&self.folders, &self.named);
            if next == look {
                break;
            }
            look = next;
        }
        let survey = Survey::read(look, &self.survey);
        let is_same = survey.is_same(&self.survey);
        self.survey = survey;
        !is_same
    }

    /// Lets a quiet moment pass, whatever wakes it; who asks ends it.
    fn pause(&mut self) {
        let end = Instant::now() + QUIET;
        while self.asked.is_empty() && self.wait(end.saturating_duration_since(Instant::now())) {
            if Instant::now() >= end {
                return;
            }
        }
    }

    fn reload(&mut self) -> Verdict {
        let (begun, now) = (Instant::now(), SystemTime::now());
        let gate = AssertUnwindSafe(|| (self.gate)());
        let offer =
            catch_unwind(gate).unwrap_or_else(|_| Err("compiling them failed; please report it".to_owned()));
        if let Ok(Offer { named, .. }) = &offer
            && *named != self.named
        {
            let before = std::mem::replace(&mut self.named, named.clone());
            self.rewatch();
            self.take_over(&before, now);
        }
        self.retired.push((begun, self.catalog.current()));
        self.catalog.settle(offer, begun)
    }

    /// Takes files into what is known, of which it was not known before they were read; those that were named before are
    /// left out.
    fn take_over(&mut self, before: &BTreeSet<PathBuf>, begun: SystemTime) {
        let look = survey::look(&self.folders, &self.named);
        self.survey.complete(Survey::read(look, &self.survey), [before, &self.named], begun);
        self.waker()();
    }

    /// Watches all folders as they are now: one that was replaced by another is watched no more.
    fn rewatch(&mut self) {
        if self.watch != Watch::Auto {
            return;
        }
        let (was_there, waker) = (self.watcher.take().is_some(), self.waker());
        self.places = watcher::places(&self.folders, &self.named);
        match watcher::watch(&self.places, waker) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) if was_there || self.catalog.standing().revision == 1 => {
                let every_ms = LOOK.as_millis();
                tracing::warn!(event = "reload.not_told", %error, every_ms, "the system tells of no changes");
            }
            Err(_) => {}
        }
    }

    /// Watches folders that were made since, and has what may be in them already looked for.
    fn follow(&mut self) {
        if self.watch == Watch::Auto && watcher::places(&self.folders, &self.named) != self.places {
            self.rewatch();
            self.waker()();
        }
    }

    /// Wakes the thread, once until it has seen it.
    fn waker(&self) -> impl Fn() + Send + 'static {
        let (wake, seen) = (self.wake.clone(), Arc::clone(&self.seen));
        move || {
            if !seen.swap(true, Ordering::AcqRel) {
                // The thread may be gone; then there is nobody to wake.
                let _ = wake.send(Wake::Seen);
            }
        }
    }
}
