//! Reads a text with mistakes to its end: each mistake is told, what it spoils in its line is overwritten, and the
//! text is read again. Positions stay true, because what is written over has the same length.

use std::sync::Arc;

use crate::diagnostic::source::Source;
use crate::diagnostic::{Findings, Span};
use crate::mapping::yaml::build::{self, Patch};
use crate::mapping::yaml::{Node, mistake};

/// How many mistakes of one file are told before reading ends; more are noise.
const MOST: usize = 20;

/// The tree and all findings, in no order; no tree where the text could not be read to its end.
pub fn parse(source: &Arc<Source>) -> (Option<Node>, Findings) {
    let mut text = source.text.clone();
    let mut patches: Vec<Patch> = Vec::new();
    let mut findings = Findings::new();
    loop {
        let pass = build::pass(source, &text, &patches);
        let Some(broken) = pass.broken_off else {
            findings.append(pass.findings);
            return (pass.root, findings);
        };
        let is_consequence = patches.last().is_some_and(|patch| {
            let end = if patch.is_text { patch.span.end } else { source.line_of(patch.span.start).end };
            broken.at <= end
        });
        let mistake = (!is_consequence).then(|| mistake::of(source, &text, &broken));
        let (patch, finding) = mistake.map_or((None, None), |mistake| (mistake.patch, Some(mistake.finding)));
        findings.extend(finding);
        let Some(patch) = patch.filter(|_| patches.len() < MOST) else {
            let told: Vec<Option<Span>> = findings.iter().map(|finding| finding.span).collect();
            findings.extend(pass.findings.into_iter().filter(|finding| !told.contains(&finding.span)));
            return (None, findings);
        };
        text.replace_range(patch.span.range(), &"x".repeat(patch.span.end - patch.span.start));
        patches.push(patch);
    }
}
