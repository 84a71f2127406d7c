//! What `serve` prints when it listens: where, and for each node a curl line that works as it stands.

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::app::Loaded;
use crate::diagnostic::Severity;
use crate::plan::{Example, Node, Slot};
use crate::record::Outcome;

/// The text. `addresses`: of the nodes, and of those who run them.
pub(super) fn banner(addresses: (SocketAddr, SocketAddr), loaded: &Loaded) -> String {
    let (nodes, admin) = addresses;
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "listening on http://{nodes}\nadmin on http://{admin}\n");
    for (name, slot) in &loaded.catalogue.nodes {
        let url = format!("http://{}/nodes/{name}", reachable(nodes));
        let _ = writeln!(text, "  {url}");
        let _ = match slot {
            Slot::Ready(node) => ready(&mut text, node, &url),
            Slot::Broken(why) => writeln!(text, "    BROKEN, answers 503: {why}"),
        };
        let _ = writeln!(text);
    }
    for (name, slot) in &loaded.catalogue.hooks {
        let url = format!("http://{nodes}/hooks/{name}");
        let _ = match slot {
            Slot::Ready(hook) => {
                let about = hook.about.as_deref().and_then(|about| about.lines().next()).unwrap_or("A hook.");
                writeln!(text, "  {url}\n    {about}\n")
            }
            Slot::Broken(why) => writeln!(text, "  {url}\n    BROKEN, answers 503: {why}\n"),
        };
    }
    let notes = loaded.findings.iter().filter(|finding| finding.severity == Severity::Note);
    for note in notes {
        let _ = writeln!(text, "  note: {} ({})", note.message, note.source.path);
    }
    text
}

/// Where this machine reaches what listens on all addresses.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, v6.port()).into(),
        reachable => reachable,
    }
}

fn ready(text: &mut String, node: &Node, url: &str) -> std::fmt::Result {
    if let Some(about) = &node.about {
        writeln!(text, "    {}", about.lines().next().unwrap_or_default())?;
    }
    writeln!(text, "    {}", curl(node, url))
}

/// A line for the shell, with the parameters of an example that finds something where there is one.
fn curl(node: &Node, url: &str) -> String {
    let found = |example: &&Example| example.outcome == Some(Outcome::Found) && !example.send.is_empty();
    let example =
        node.examples.iter().find(found).or_else(|| node.examples.iter().find(|e| !e.send.is_empty()));
    let send = example.map(|example| example.send.as_slice()).unwrap_or_default();
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.extend_pairs(send);
    let pairs = pairs.finish();
    match (node.methods.get, pairs.is_empty()) {
        (true, true) => format!("curl '{url}'"),
        (true, false) => format!("curl '{url}?{pairs}'"),
        (false, _) => format!("curl -d '{pairs}' '{url}'"),
    }
}
