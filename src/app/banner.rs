//! What `serve` prints when it listens: where, for each node that can answer a curl line that works as it stands, and
//! which variables the others wait for.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::app::unset::{paragraph, unset};
use crate::catalog::reload::Offer;
use crate::description::sample::Sample;
use crate::diagnostic::Severity;
use crate::diagnostic::code::Code;
use crate::plan::{Node, Slot};

/// The text. `addresses`: of the nodes, and of those who run them.
pub(super) fn banner(addresses: (SocketAddr, SocketAddr), loaded: &Offer) -> String {
    let (nodes, admin) = addresses;
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "listening on http://{nodes}\nadmin on http://{admin}\n");
    let (mut shut, mut waiting) = (Vec::new(), Vec::new());
    for (name, slot) in &loaded.catalogue.nodes {
        let url = format!("http://{}/nodes/{name}", reachable(nodes));
        let _ = match slot {
            Slot::Ready(node) if node.access.is_shut() => {
                shut.push(name.as_ref());
                continue;
            }
            Slot::Ready(node) if !node.is_configured() => {
                waiting.push(name.as_ref());
                continue;
            }
            Slot::Ready(node) => ready(&mut text, node, &url),
            Slot::Broken(why) => writeln!(text, "  {url}\n    BROKEN, answers 503: {why}"),
        };
        let _ = writeln!(text);
    }
    for (name, slot) in &loaded.catalogue.hooks {
        let url = format!("http://{}/hooks/{name}", reachable(nodes));
        let _ = match slot {
            Slot::Ready(hook) => {
                let about = hook.about.as_deref().and_then(|about| about.lines().next()).unwrap_or("A hook.");
                writeln!(text, "  {url}\n    {about}\n")
            }
            Slot::Broken(why) => writeln!(text, "  {url}\n    BROKEN, answers 503: {why}\n"),
        };
    }
    let _ = with_errors(&mut text, loaded);
    let _ = unconfigured(&mut text, &shut, &waiting, loaded);
    let notes = loaded.findings.iter().filter(|finding| finding.severity == Severity::Note);
    for note in notes.filter(|note| note.code != Code::UnsetVariable) {
        let _ = writeln!(text, "  note: {} ({})", note.message, note.source.path);
    }
    text
}

/// The files that have errors: one that cannot be read is known by its path alone.
fn with_errors(text: &mut String, loaded: &Offer) -> std::fmt::Result {
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for error in loaded.findings.iter().filter(|finding| finding.severity == Severity::Error) {
        *files.entry(&error.source.path).or_default() += 1;
    }
    if files.is_empty() {
        return Ok(());
    }
    writeln!(text, "  files with errors, not in force until all are mended; `datadip check` shows them:")?;
    for (path, count) in files {
        writeln!(text, "    {path}: {count} error{}", if count == 1 { "" } else { "s" })?;
    }
    writeln!(text)
}

/// The nodes that wait for their variables, in one paragraph for each way of waiting, and the variables of each file that
/// are not set.
fn unconfigured(text: &mut String, shut: &[&str], waiting: &[&str], loaded: &Offer) -> std::fmt::Result {
    if !shut.is_empty() {
        writeln!(text, "  not configured, answering 401 until a key of theirs is set:")?;
        paragraph(text, "    ", shut.iter().copied())?;
        writeln!(text)?;
    }
    if !waiting.is_empty() {
        writeln!(text, "  not configured, answering `error` until the variables of their upstream are set:")?;
        paragraph(text, "    ", waiting.iter().copied())?;
        writeln!(text)?;
    }
    let files = unset(&loaded.findings, "    ");
    if !files.is_empty() {
        writeln!(text, "  variables that are not set:\n{}", files.trim_end())?;
    }
    Ok(())
}

/// Where this machine reaches what listens on all addresses.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, v6.port()).into(),
        reachable => reachable,
    }
}

fn ready(text: &mut String, node: &Node, url: &str) -> std::fmt::Result {
    writeln!(text, "  {url}")?;
    if let Some(about) = &node.about {
        writeln!(text, "    {}", about.lines().next().unwrap_or_default())?;
    }
    let sample = Sample::of(node);
    writeln!(text, "    {}", if node.methods.get { sample.get(url) } else { sample.form(url) })
}
