//! Faults that a test or a person asks for: an answer that is late, wrong, cut off, or never comes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sim::exchange::Asked;

/// A fault, and which requests it meets.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Only requests whose path begins so; empty: all.
    #[serde(default)]
    pub path: String,
    /// Only requests with this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only the next so many requests; else all until a reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Waits so long before anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Waits as long as a draw from this distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Spread>,
    /// Answers with this status, and does not do what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Answers 200 with a page of HTML, and does not do what was asked.
    #[serde(default, skip_serializing_if = "is_unset")]
    pub html: bool,
    /// Does what was asked, announces the whole answer, sends half of it and closes.
    #[serde(default, skip_serializing_if = "is_unset")]
    pub truncate: bool,
    /// Closes the connection without a word, and does not do what was asked.
    #[serde(default, skip_serializing_if = "is_unset")]
    pub drop: bool,
    /// Never answers, and does not do what was asked.
    #[serde(default, skip_serializing_if = "is_unset")]
    pub hang: bool,
    /// Ends all tokens, now.
    #[serde(default, skip_serializing_if = "is_unset")]
    pub expire_tokens: bool,
}

/// A log-normal distribution by two of its percentiles.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Half of the draws are shorter.
    pub p50_ms: f64,
    /// One draw of a hundred is longer.
    pub p99_ms: f64,
}

/// What becomes of the request, after the delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is answered as if nothing were wrong.
    None,
    /// This status.
    Status(u16),
    /// HTML with 200.
    Html,
    /// Half of the answer.
    Truncate,
    /// No answer, and the connection is closed.
    Drop,
    /// No answer, ever.
    Hang,
}

impl Fault {
    /// Why it cannot be put in force, if so.
    ///
    /// # Errors
    /// The reason, as a sentence.
    pub fn check(&self) -> Result<(), String> {
        let effects = [self.status.is_some(), self.html, self.truncate, self.drop, self.hang];
        if effects.iter().filter(|is_set| **is_set).count() > 1 {
            return Err("give one of `status`, `html`, `truncate`, `drop`, `hang`".to_owned());
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("`status` is between 200 and 599".to_owned());
        }
        if self.delay_ms.is_some() && self.delay.is_some() {
            return Err("give one of `delay_ms`, `delay`".to_owned());
        }
        if self.delay.is_some_and(|spread| !(spread.p50_ms > 0.0 && spread.p99_ms >= spread.p50_ms)) {
            return Err("`delay` has `p50_ms` above 0, and `p99_ms` not below it".to_owned());
        }
        Ok(())
    }

    /// Whether it only ends tokens, and meets no request.
    #[must_use]
    pub fn is_at_once(&self) -> bool {
        self.expire_tokens && self.delay_ms.is_none() && self.delay.is_none() && self.effect() == Effect::None
    }

    /// What becomes of a request that it meets.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self { status: Some(status), .. } => Effect::Status(*status),
            Self { html: true, .. } => Effect::Html,
            Self { truncate: true, .. } => Effect::Truncate,
            Self { drop: true, .. } => Effect::Drop,
            Self { hang: true, .. } => Effect::Hang,
            _ => Effect::None,
        }
    }

    fn meets(&self, asked: &Asked) -> bool {
        asked.path.starts_with(&self.path)
            && self.method.as_ref().is_none_or(|method| *method == asked.method)
    }
}

fn is_unset(flag: &bool) -> bool {
    !flag
}

/// The faults in force.
#[derive(Debug, Default)]
pub struct Faults {
    list: Vec<Fault>,
    dice: Dice,
}

impl Faults {
    /// Puts one in force, behind those that already are.
    pub fn add(&mut self, fault: Fault) {
        if fault.times != Some(0) {
            self.list.push(fault);
        }
    }

    /// Those in force.
    #[must_use]
    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// What becomes of this request, by the first fault that meets it. One that has met all its requests is gone.
    pub fn draw(&mut self, asked: &Asked) -> (Duration, Effect) {
        let Some(place) = self.list.iter().position(|fault| fault.meets(asked)) else {
            return (Duration::ZERO, Effect::None);
        };
        let Some(fault) = self.list.get_mut(place) else { return (Duration::ZERO, Effect::None) };
        let delay = match (fault.delay_ms, fault.delay) {
            (Some(ms), _) => Duration::from_millis(ms),
            (None, Some(spread)) => self.dice.draw(spread),
            (None, None) => Duration::ZERO,
        };
        let effect = fault.effect();
        if let Some(times) = &mut fault.times {
            *times -= 1;
            if *times == 0 {
                self.list.remove(place);
            }
        }
        (delay, effect)
    }
}

/// Draws that are the same in each run, so that what they find can be found again.
#[derive(Debug)]
struct Dice(u64);

impl Default for Dice {
    fn default() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Dice {
    /// A draw from a log-normal distribution (Box and Muller).
    fn draw(&mut self, spread: Spread) -> Duration {
        /// How many standard deviations lie between the 50th and the 99th percentile.
        const TO_99: f64 = 2.326_347_9;
        let normal = (-2.0 * self.share().ln()).sqrt() * (std::f64::consts::TAU * self.share()).cos();
        let sigma = (spread.p99_ms / spread.p50_ms).ln() / TO_99;
        let ms = spread.p50_ms * (sigma * normal).exp();
        Duration::from_secs_f64((ms / 1000.0).min(600.0))
    }

    /// Between 0 and 1, and neither of them (SplitMix64).
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
}
