//! What makes a question what it is, as one number: the same in every process of every build, and another as soon as
//! anything is another that what it finds depends on. Each type takes itself apart without `..`, so that who adds a
//! field must say whether it counts.

mod login;
mod question;
mod request;

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::expr::{Condition, Path, Place, Template};

/// Of what is said in the same words but means something else than in an earlier build, nothing that is kept is good any
/// more: then this is another number.
const MEANING: u64 = 1;

/// Takes in, one after the other, what something depends on.
#[derive(Debug, Clone)]
pub struct Identity(Sha256);

/// What has a part in an identity. No two values of a type may be taken in as the same bytes, and none as the beginning
/// of another; where one type or another may stand, a word says which it is.
pub trait Identify {
    /// Is taken in.
    fn identify(&self, identity: &mut Identity);
}

impl Identity {
    /// The identity of such a thing.
    #[must_use]
    pub fn of(what: &str) -> Self {
        Self(Sha256::new()).with(&MEANING).with(what)
    }

    /// Takes it in.
    #[must_use]
    pub fn with(mut self, part: &(impl Identify + ?Sized)) -> Self {
        self.add(part);
        self
    }

    /// Takes it in.
    pub fn add(&mut self, part: &(impl Identify + ?Sized)) -> &mut Self {
        part.identify(self);
        self
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u64 {
        u64::from_le_bytes(self.0.finalize().first_chunk().copied().unwrap_or_default())
    }

    /// The same as a name, so long that no two are the same by chance. It tells nothing about what was taken in.
    #[must_use]
    pub fn name(self) -> String {
        self.0.finalize().iter().take(16).fold(String::new(), |mut name, byte| {
            // Writing to a text cannot fail.
            let _ = write!(name, "{byte:02x}");
            name
        })
    }
}

impl Identify for u64 {
    fn identify(&self, identity: &mut Identity) {
        identity.0.update(self.to_le_bytes());
    }
}

impl Identify for u16 {
    fn identify(&self, identity: &mut Identity) {
        identity.add(&u64::from(*self));
    }
}

impl Identify for bool {
    fn identify(&self, identity: &mut Identity) {
        identity.add(&u64::from(*self));
    }
}

impl Identify for Duration {
    fn identify(&self, identity: &mut Identity) {
        identity.add(&self.as_secs()).add(&u64::from(self.subsec_nanos()));
    }
}

impl Identify for str {
    fn identify(&self, identity: &mut Identity) {
        identity.add(&(self.len() as u64));
        identity.0.update(self.as_bytes());
    }
}

impl Identify for String {
    fn identify(&self, identity: &mut Identity) {
        identity.add(self.as_str());
    }
}

/// Members in their order, numbers with the digits that were written.
impl Identify for Value {
    fn identify(&self, identity: &mut Identity) {
        identity.add(&self.to_string());
    }
}

impl<T: Identify> Identify for Option<T> {
    fn identify(&self, identity: &mut Identity) {
        identity.add(&self.is_some());
        if let Some(part) = self {
            identity.add(part);
        }
    }
}

impl<T: Identify> Identify for [T] {
    fn identify(&self, identity: &mut Identity) {
        identity.add(&(self.len() as u64));
        for part in self {
            identity.add(part);
        }
    }
}

impl<T: Identify> Identify for Vec<T> {
    fn identify(&self, identity: &mut Identity) {
        identity.add(self.as_slice());
    }
}

impl<A: Identify, B: Identify> Identify for (A, B) {
    fn identify(&self, identity: &mut Identity) {
        identity.add(&self.0).add(&self.1);
    }
}

impl<T: Identify + ?Sized> Identify for &T {
    fn identify(&self, identity: &mut Identity) {
        T::identify(self, identity);
    }
}

impl<T: Identify + ?Sized> Identify for Arc<T> {
    fn identify(&self, identity: &mut Identity) {
        T::identify(self, identity);
    }
}

impl<T: Identify + ?Sized> Identify for Box<T> {
    fn identify(&self, identity: &mut Identity) {
        T::identify(self, identity);
    }
}

impl Identify for Path {
    fn identify(&self, identity: &mut Identity) {
        identity.add(self.text());
    }
}

impl Identify for Condition {
    fn identify(&self, identity: &mut Identity) {
        identity.add(self.text());
    }
}

impl Identify for Template {
    fn identify(&self, identity: &mut Identity) {
        let place = match self.place() {
            Place::Text => "text",
            Place::PathSegment => "path",
            Place::Xml => "xml",
            Place::JsonString => "json",
        };
        identity.add(place).add(self.text());
    }
}

#[cfg(test)]
mod tests;
