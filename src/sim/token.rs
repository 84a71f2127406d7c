//! Access tokens: given out, known again, ended.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use md5::{Digest, Md5};

/// The tokens that a system has given out, and what it has noted about each.
#[derive(Debug)]
pub struct Tokens<T> {
    live: HashMap<String, (Instant, T)>,
    life: Duration,
}

impl<T> Tokens<T> {
    /// None yet; each will live so long.
    #[must_use]
    pub fn living(life: Duration) -> Self {
        Self { live: HashMap::new(), life }
    }

    /// Gives out a new one.
    pub fn mint(&mut self, note: T) -> String {
        let token = unlike_any_before();
        self.keep(token.clone(), note);
        token
    }

    /// Gives out one that was made elsewhere.
    pub fn keep(&mut self, token: String, note: T) {
        self.live.insert(token, (Instant::now(), note));
    }

    /// What was noted about a token that is still good.
    #[must_use]
    pub fn known(&self, token: &str) -> Option<&T> {
        let (since, note) = self.live.get(token)?;
        (since.elapsed() < self.life).then_some(note)
    }

    /// Ends all of them.
    pub fn expire(&mut self) {
        self.live.clear();
    }
}

/// 32 hexadecimal digits that were never given before, not even before a reset.
#[must_use]
pub fn unlike_any_before() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    md5_hex(&format!("{}-{count}", std::process::id()))
}

/// The same as five groups, as a UUID is written.
#[must_use]
pub fn grouped() -> String {
    let mut token = unlike_any_before();
    for place in [20, 16, 12, 8] {
        token.insert(place, '-');
    }
    token
}

/// The MD5 of a text in lower-case hexadecimal digits.
#[must_use]
pub fn md5_hex(text: &str) -> String {
    let mut hex = String::with_capacity(32);
    for byte in Md5::digest(text.as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
