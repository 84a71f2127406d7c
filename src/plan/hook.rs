//! A hook: what an event from outside does here. A change in a CRM ends what is kept of a customer; a ringing call
//! is looked up before its node asks.

use std::sync::Arc;

use crate::expr::Path;
use crate::plan::operation::Setting;
use crate::plan::part::Part;
use crate::secret::{Hash, Secret};

/// A place where events come in.
#[derive(Debug)]
pub struct Hook {
    /// Its name, as in `/hooks/{name}`.
    pub name: Arc<str>,
    /// What it is for.
    pub about: Option<String>,
    /// How a sender shows that the event is true.
    pub proof: Proof,
    /// Whom the event is about: what is kept of that customer ends. Identifiers of a node.
    pub evict: Option<Reading>,
    /// The call that the event foretells: it is answered, and no write carried out. Inputs of a node.
    pub warm: Option<Reading>,
}

impl Hook {
    /// The part of an event that anything here reads.
    #[must_use]
    pub fn part(&self) -> Part {
        let readings = self.evict.iter().chain(&self.warm);
        Part::read_by(readings.flat_map(|reading| reading.params.iter().map(|(_, path)| path)))
    }
}

/// The secret that sender and gateway share.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The header that carries the proof.
    pub header: String,
    /// What it carries.
    pub way: Way,
    /// While it is not set, no event is believed.
    pub secret: Setting<Secret>,
}

/// What a proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The secret itself.
    Plain,
    /// The body's HMAC under the secret, by this hash.
    Signature(Hash),
    /// `t=…,v1=…`: a time in seconds since 1970, and the HMAC-SHA256 of that time, a dot and the body.
    TimedSignature,
}

/// How an event is read as a node's inputs.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The node.
    pub node: Arc<str>,
    /// Its inputs, and where the event holds their values.
    pub params: Vec<(String, Path)>,
}
