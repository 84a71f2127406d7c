//! One simulator: a system, the faults in force over it, and the record of what it was asked. Its control door, under
//! `/_sim/`, is for tests and for people at a shell.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::sim::exchange::{Answer, Asked, System};
use crate::sim::fault::{Effect, Fault, Faults};
use crate::sim::ledger::Ledger;

/// Makes a system as it stands at the beginning.
pub type Make = fn() -> Result<Box<dyn System>, serde_json::Error>;

/// Where the control door's paths begin.
const CONTROL: &str = "/_sim/";

/// The simulator.
pub struct Simulator {
    make: Make,
    inside: Mutex<Inside>,
}

struct Inside {
    system: Box<dyn System>,
    faults: Faults,
    ledger: Ledger,
}

impl Simulator {
    /// One with a new system.
    ///
    /// # Errors
    /// Where the data it begins with cannot be read.
    pub fn new(make: Make) -> Result<Self, serde_json::Error> {
        let inside = Inside { system: make()?, faults: Faults::default(), ledger: Ledger::default() };
        Ok(Self { make, inside: Mutex::new(inside) })
    }

    /// What the control door answers; None where the request is not for it.
    #[must_use]
    pub fn control(&self, asked: &Asked) -> Option<Answer> {
        let path = asked.path.strip_prefix(CONTROL)?;
        Some(match (asked.method.as_str(), path) {
            ("POST", "faults") => self.put_faults(asked),
            ("GET", "faults") => Answer::ok(json!(self.inside().faults.list())),
            ("POST", "reset") => self.reset(),
            ("GET", "requests") => Answer::ok(json!(self.inside().ledger)),
            _ => Answer::of(
                404,
                json!({ "message": "the control door has GET and POST /_sim/faults, POST /_sim/reset, GET /_sim/requests" }),
            ),
        })
    }

    /// Notes a request, and says what becomes of it, after how long.
    #[must_use]
    pub fn receive(&self, asked: &Asked) -> (Duration, Effect) {
        let mut inside = self.inside();
        inside.ledger.note(asked);
        inside.faults.draw(asked)
    }

    /// What the system answers.
    #[must_use]
    pub fn answer(&self, asked: &Asked) -> Answer {
        self.inside().system.answer(asked)
    }

    /// One fault, or a list of them. Either all are put in force, or none.
    fn put_faults(&self, asked: &Asked) -> Answer {
        let faults = match read(&asked.body) {
            Ok(faults) => faults,
            Err(message) => return Answer::of(400, json!({ "message": message })),
        };
        let mut inside = self.inside();
        for fault in faults {
            if fault.expire_tokens {
                inside.system.expire_tokens();
            }
            if !fault.is_at_once() {
                inside.faults.add(fault);
            }
        }
        Answer::ok(json!(inside.faults.list()))
    }

    fn reset(&self) -> Answer {
        let mut inside = self.inside();
        match (self.make)() {
            Ok(system) => {
                *inside = Inside { system, faults: Faults::default(), ledger: Ledger::default() };
                Answer::ok(json!({}))
            }
            Err(error) => Answer::of(500, json!({ "message": error.to_string() })),
        }
    }

    /// What a request that panicked left behind is still whole: each change is one step.
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(body: &str) -> Result<Vec<Fault>, String> {
    let said: Value = serde_json::from_str(body).map_err(|error| format!("the body is no JSON: {error}"))?;
    let list = if let Value::Array(list) = said { list } else { vec![said] };
    let mut faults = Vec::with_capacity(list.len());
    for one in list {
        let fault: Fault = serde_json::from_value(one).map_err(|error| error.to_string())?;
        fault.check()?;
        faults.push(fault);
    }
    Ok(faults)
}
