//! Every key of a mapping file, edited: what was kept before answers after it, or does not. A key that is new has no line
//! here, and a test fails until somebody has said which of the two it is.

mod credential;
mod node;
mod upstream;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

use crate::diagnostic::render::{Style, text};
use crate::mapping::compile;
use crate::mapping::language::Table;
use crate::plan::{Node, Slot};

/// What an edit makes of what was kept before.
#[derive(Debug, PartialEq, Eq)]
enum Kept {
    /// It answers as before.
    Answers,
    /// It is no answer to what is asked now.
    Ends,
    /// The files do not compile any more, so that nothing is asked.
    Refused,
}

use Kept::{Answers, Ends, Refused};

/// A key, what stands in the files before the edit and after it, and what that makes of what was kept.
type Edit = (&'static str, &'static str, &'static str, Kept);

/// An upstream's file and a node's, and the question of the node that it is about.
#[derive(Clone, Copy)]
struct Files<'f> {
    upstream: &'f str,
    node: &'f str,
    revision: fn(&Node) -> u64,
}

/// A node that asks the one operation of the upstreams here.
const NODE: &str = "
node: n
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: crm.op, args: { phone: '{{ tel }}' } }
cache: { fresh_sec: 300 }
outputs: { name: { path: $.name, default: '' } }
";

impl Files<'_> {
    /// The files with one piece of text in place of another.
    fn edited(&self, from: &str, to: &str) -> [String; 2] {
        assert_eq!(self.upstream.matches(from).count() + self.node.matches(from).count(), 1, "{from}");
        [self.upstream, self.node].map(|text| text.replace(from, to))
    }
}

/// The node that they compile to; none: they have errors.
fn compiled(upstream: &str, node: &str) -> Result<Arc<Node>, String> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("datadip-revisions-{}-{count}", process::id()));
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("upstreams/crm.yaml", upstream);
    write("nodes/n.yaml", node);
    write("data/one.jsonl", r#"{"id":"1","tel":"+6591234567","land":"SG","vip":true}"#);
    write("data/other.jsonl", r#"{"id":"2","tel":"+6591234567","land":"SG","vip":true}"#);
    write("data/one.txt", "one {{ phone }}");
    write("data/other.txt", "other {{ phone }}");
    let value = |name: &str| Some(format!("the value of {name}"));
    let done = compile(&folder, &|name| if name.ends_with("URL") { None } else { value(name) }).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    match done.catalogue.nodes.into_values().next() {
        Some(Slot::Ready(node)) => Ok(node),
        _ => Err(done.findings.iter().map(|finding| text(finding, Style::Plain)).collect()),
    }
}

/// The revision of the last step.
fn of_step(node: &Node) -> u64 {
    node.lookup.last().unwrap().keep.revision
}

/// Carries out every edit of a table's keys, each on its own.
fn walk(table: &Table, files: Files<'_>, edits: &[Edit]) {
    let told: BTreeSet<&str> = edits.iter().map(|(key, ..)| *key).collect();
    let all: BTreeSet<&str> = table.names.iter().copied().collect();
    assert_eq!(told, all, "every key of `{}` is to be edited here", table.name);
    carry_out(files, edits);
}

fn carry_out(files: Files<'_>, edits: &[Edit]) {
    let before = compiled(files.upstream, files.node).unwrap_or_else(|found| panic!("{found}"));
    for (key, from, to, kept) in edits {
        let [upstream, node] = files.edited(from, to);
        let came = match compiled(&upstream, &node) {
            Ok(after) if (files.revision)(&after) == (files.revision)(&before) => Answers,
            Ok(_) => Ends,
            Err(found) if *kept != Refused => panic!("`{key}` as {to}\n{found}"),
            Err(_) => Refused,
        };
        assert_eq!(came, *kept, "`{key}` as {to}");
    }
}

#[test]
fn the_same_files_have_the_same_revision_in_every_build() {
    let files = "upstream: crm\nbase_url: http://crm.example\noperations:\n  \
                 op: { args: { phone: {} }, get: '/{{ phone }}' }\n";
    let node = compiled(files, NODE).unwrap();
    // Where this is another number on purpose, all that is kept in Redis is asked for again.
    let keep = &node.lookup[0].keep;
    assert_eq!((keep.revision, keep.fingerprint), (6_593_880_243_993_533_267, 7_233_639_823_832_096_149));
}
