//! After a reload: the calls of earlier plans are told, so that those plans, and the tables in them, can go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::explain::Traces;
use crate::explain::told::Told;

/// While calls of both plans come in turns, they are told so often.
const BEAT: Duration = Duration::from_secs(1);

/// Whether earlier plans are held, and whether somebody sees to it.
#[derive(Debug, Default)]
pub(super) struct Replanning {
    is_due: AtomicBool,
    is_running: AtomicBool,
}

impl Traces {
    /// Lets go of earlier plans, beside the calls.
    pub(super) fn let_go_of_plans(self: &Arc<Self>) {
        self.replanning.is_due.store(true, Ordering::Release);
        if self.replanning.is_running.swap(true, Ordering::AcqRel) {
            return;
        }
        let traces = Arc::clone(self);
        std::thread::spawn(move || {
            let Replanning { is_due, is_running } = &traces.replanning;
            loop {
                while is_due.swap(false, Ordering::AcqRel) {
                    traces.tell_outdated();
                    std::thread::sleep(BEAT);
                }
                is_running.store(false, Ordering::Release);
                if !is_due.load(Ordering::Acquire) || is_running.swap(true, Ordering::AcqRel) {
                    return;
                }
            }
        });
    }

    fn tell_outdated(&self) {
        let outdated = self.stories().outdated();
        for (id, past) in outdated {
            let told = Told::of(&past, &self.cache);
            self.stories().tell(id, told);
        }
    }
}
