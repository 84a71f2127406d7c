//! Mapping files that are changed while the gateway runs: however they are saved, the new plan answers soon; a broken
//! one changes nothing, and that is said everywhere.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::admin::TOKEN;
use crate::folder::Folder;
use crate::gateway::Gateway;
use crate::machine::undisturbed;
use crate::shell::Ended;

const TABLE: &str = "
upstream: book
table:
  file: ../data/book.csv
  identifiers: { id: text }
operations:
  by_id:
    args: { id: { required: true } }
    find: { id: '{{ id }}' }
";
const BOOK: &str = "id,name\n1,Ada\n";
const WHO: &str = "
node: who
inputs: { id: account }
lookup: { by: id, call: book.by_id }
outputs: { name: { path: $.name, default: '' } }
";
const PAGE: &str = "
node: page
dialect: { content_type: text/plain, template: { file: ../../page.txt } }
outputs: { x: a }
";
const HOOK: &str = "
hook: change
secret: { header: X-Hook-Secret, value: '${secret:HOOK_SECRET}' }
evict: { node: who, identifiers: { id: $.id } }
";

/// A node that answers this.
pub fn saying(what: &str) -> String {
    format!("node: say\noutputs: {{ said: '{what}' }}\n")
}

fn gateway(args: &[&str]) -> Gateway {
    let files =
        [("nodes/say.yaml", &*saying("one")), ("nodes/who.yaml", WHO), ("upstreams/book.yaml", TABLE)];
    let files = [&files[..], &[("data/book.csv", BOOK)]].concat();
    Gateway::start_with(&files, args, &[("DATADIP_ADMIN_TOKEN", TOKEN), ("HOOK_SECRET", "s3cr3t")])
}

/// What `/nodes/say` says.
pub fn said(gateway: &Gateway) -> String {
    gateway.get("/nodes/say").json()["said"].as_str().unwrap_or_default().to_owned()
}

fn path(gateway: &Gateway, below: &str) -> PathBuf {
    gateway.folder().join("mappings").join(below)
}

pub fn revision(gateway: &Gateway) -> u64 {
    status(gateway)["catalogue"]["revision"].as_u64().unwrap()
}

fn status(gateway: &Gateway) -> Value {
    gateway.ask("GET", "/api/status", TOKEN, "").json()
}

/// Waits until it is so: shorter than the time after which the files are looked at although nothing told of a change.
fn soon(what: &str, is_so: impl FnMut() -> bool) {
    let took = wait(what, is_so);
    assert!(took < Duration::from_secs(4), "after {took:?}: {what}");
}

/// Waits until it is so, for as long as a test may wait; says for how long it did.
fn wait(what: &str, mut is_so: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
    start.elapsed()
}

fn settle() {
    // Longer than the quiet moment that the gateway waits for, and than a compilation.
    std::thread::sleep(Duration::from_millis(700));
}

#[test]
fn however_a_file_is_saved_the_new_plan_answers() {
    undisturbed(|| {
        for watch in ["auto", "poll"] {
            let gateway = gateway(&["--watch", watch]);
            let file = path(&gateway, "nodes/say.yaml");
            fs::write(&file, saying("in place")).unwrap();
            soon("written in place", || said(&gateway) == "in place");
            gateway.write("mappings/nodes/say.yaml", &saying("renamed over"));
            soon("another file renamed over it", || said(&gateway) == "renamed over");
            fs::rename(&file, file.with_extension("yaml~")).unwrap();
            fs::write(&file, saying("backed up")).unwrap();
            soon("moved away and written anew", || said(&gateway) == "backed up");
            fs::remove_file(&file).unwrap();
            soon("deleted", || gateway.get("/nodes/say").status == 404);
            fs::write(&file, saying("back")).unwrap();
            soon("created again", || said(&gateway) == "back");
            fs::rename(&file, path(&gateway, "nodes/other.yml")).unwrap();
            settle();
            assert_eq!(said(&gateway), "back");
            assert!(!gateway.log().contains("reload.refused"), "{watch}: {}", gateway.log());
        }
    });
}

#[test]
fn links_that_are_turned_to_another_folder_are_followed() {
    undisturbed(|| {
        let folder = Folder::with(&[
            ("first/say.yaml", &saying("first")),
            ("second/say.yaml", &saying("second")),
            ("releases/2/nodes/say.yaml", &saying("third")),
        ]);
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("releases/1/nodes")).unwrap();
        // A ConfigMap: each file is a link through `..data`, which is turned.
        symlink("../../../first", at("releases/1/nodes/..data")).unwrap();
        symlink("..data/say.yaml", at("releases/1/nodes/say.yaml")).unwrap();
        symlink("releases/1", at("current")).unwrap();
        let args =
            ["serve", "--mappings", "current", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
        let turn = |target: &str, link: PathBuf| {
            let beside = link.with_file_name("..beside");
            symlink(target, &beside).unwrap();
            fs::rename(&beside, &link).unwrap();
        };
        let (data, current) = (at("releases/1/nodes/..data"), at("current"));
        let gateway = Gateway::start_in(folder, &args, &[]);
        assert_eq!(said(&gateway), "first");
        turn("../../../second", data);
        soon("the file's link is turned", || said(&gateway) == "second");
        turn("releases/2", current);
        soon("the folder's link is turned", || said(&gateway) == "third");
    });
}

#[test]
fn a_touch_is_no_change_and_half_a_file_is_waited_for() {
    undisturbed(|| {
        let gateway = gateway(&[]);
        let file = path(&gateway, "nodes/say.yaml");
        fs::write(&file, saying("two")).unwrap();
        wait("it is in force", || said(&gateway) == "two");
        fs::write(&file, saying("two")).unwrap();
        fs::write(path(&gateway, "nodes/.say.yaml.swp"), "rubbish").unwrap();
        fs::write(path(&gateway, "data/other.csv"), "rubbish").unwrap();
        settle();
        assert_eq!(revision(&gateway), 2);
        let whole = saying("three");
        let mut writing = OpenOptions::new().write(true).truncate(true).open(&file).unwrap();
        for half in [&whole[..18], &whole[18..]] {
            writing.write_all(half.as_bytes()).unwrap();
            std::thread::sleep(Duration::from_millis(40));
        }
        wait("it is in force", || said(&gateway) == "three");
        assert!(revision(&gateway) == 3 && !gateway.log().contains("reload.refused"), "{}", gateway.log());
    });
}

#[test]
fn a_tables_data_a_template_and_a_hook_are_read_again_too() {
    let gateway = gateway(&[]);
    let name = || gateway.get("/nodes/who?id=1").json()["name"].clone();
    assert_eq!(name(), "Ada");
    gateway.write("mappings/data/book.csv", "id,name\n1,Grace\n");
    wait("the table's data", || name() == "Grace");
    gateway.write("page.txt", "a {{ outputs.x }}");
    gateway.write("mappings/nodes/page.yaml", PAGE);
    wait("a node came", || gateway.get("/nodes/page").text() == "a a");
    gateway.write("page.txt", "the {{ outputs.x }}");
    wait("its template", || gateway.get("/nodes/page").text() == "the a");
    let event =
        || gateway.call("POST", "/hooks/change", &[("x-hook-secret", "s3cr3t")], br#"{"id":"1"}"#).status;
    assert_eq!(event(), 404);
    gateway.write("mappings/hooks/change.yaml", HOOK);
    wait("a folder of hooks came", || event() == 202);
    fs::remove_file(path(&gateway, "nodes/page.yaml")).unwrap();
    wait("a node went", || gateway.get("/nodes/page").status == 404);
    gateway.write("mappings/hooks/change.yaml", &HOOK.replace("X-Hook-Secret", "X-Secret"));
    wait("a hook changed", || event() == 401);
    for told in ["came=\"page\"", "changed=\"who\"", "changed=\"page\"", "went=\"page\"", "\"hook change\""] {
        assert!(gateway.log().contains(told), "{told} in {}", gateway.log());
    }
}

#[test]
fn a_broken_file_changes_nothing_and_is_told_everywhere_until_it_is_mended() {
    let gateway = gateway(&[]);
    assert_eq!(gateway.get("/readyz").json(), json!({ "status": "ready", "broken": 0 }));
    gateway.write("mappings/nodes/other.yaml", &saying("new").replace("say", "other"));
    wait("a new node", || gateway.get("/nodes/other").status == 200);
    // With a good change beside it: all or nothing.
    gateway.write("mappings/nodes/who.yaml", &WHO.replace("$.name", "name"));
    wait("it is refused", || !gateway.get("/readyz").json()["refused"].is_null());
    gateway.write("mappings/nodes/say.yaml", &saying("not yet"));
    assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").status, 422);
    let ready = gateway.get("/readyz");
    let refused = &ready.json()["refused"];
    let file = refused["files"][0].as_str().unwrap();
    assert!(ready.status == 200 && file.ends_with("nodes/who.yaml") && refused["errors"] == 1, "{refused}");
    assert_eq!((ready.json()["status"].as_str(), said(&gateway).as_str()), (Some("degraded"), "one"));
    let catalogue = status(&gateway)["catalogue"].clone();
    let finding = &catalogue["refused"]["findings"][0];
    assert!(
        finding["line"] == 5
            && finding["code"].as_str().unwrap().starts_with("path-")
            && catalogue["revision"] == 2,
        "{catalogue}"
    );
    assert_eq!(catalogue["refused"]["since"], refused["since"]);
    let log = gateway.log();
    assert!(log.contains("reload.refused") && log.contains("mapping.finding"), "{log}");
    // Broken in another way, it is still the same time.
    gateway.write("mappings/nodes/who.yaml", &WHO.replace("book.by_id", "book.by_it"));
    wait("the other mistake is told", || {
        let told = status(&gateway)["catalogue"]["refused"]["findings"].to_string();
        told.contains("by_it") && !told.contains("path-")
    });
    assert_eq!(gateway.get("/readyz").json()["refused"]["since"], refused["since"]);
    gateway.write("mappings/nodes/who.yaml", WHO);
    wait("it is mended", || said(&gateway) == "not yet");
    assert_eq!(gateway.get("/readyz").json(), json!({ "status": "ready", "broken": 0 }));
}

/// Files of which no plan can be made at all: what is in them, and whether it says of which name the node is.
const UNREADABLE: [(&str, &[u8], bool); 6] = [
    ("a tab", b"node: b\noutputs:\n\tx: '1'\n", true),
    ("a tab below a comment and quotes", b"# whose?\nnode: \"b\" # here\noutputs:\n\tx: '1'\n", true),
    ("a list", b"- node: b\n", false),
    ("nothing", b"", false),
    ("no name", b"about: b\noutputs: { x: '1' }\n", false),
    ("letters of another encoding", b"node: b\nabout: Caf\xe9\noutputs: { x: '1' }\n", true),
];

#[test]
fn a_file_that_cannot_be_read_is_told_after_a_start_as_after_a_reload() {
    for (what, text, is_named) in UNREADABLE {
        let folder = Folder::with(&[("mappings/nodes/say.yaml", &saying("one"))]);
        fs::write(folder.path().join("mappings/nodes/b.yaml"), text).unwrap();
        let args = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
        let gateway = Gateway::start_in(folder, &args, &[("DATADIP_ADMIN_TOKEN", TOKEN)]);
        let state = || {
            let mut ready = gateway.get("/readyz").json();
            ready["refused"]["since"].take();
            let page = gateway.ask("GET", "/metrics", "", "").text();
            let watched = |line: &&str| {
                line.starts_with("datadip_catalogue_refused ") || line.starts_with("datadip_nodes{")
            };
            let metrics: Vec<String> = page.lines().filter(watched).map(str::to_owned).collect();
            (ready, metrics, gateway.get("/nodes/b").status, said(&gateway))
        };
        let (ready, metrics, status, said) = state();
        assert_eq!(
            (&ready["status"], &ready["broken"]),
            (&json!("degraded"), &json!(u8::from(is_named))),
            "{what}"
        );
        let files = ready["refused"]["files"].to_string();
        assert!(files.contains("nodes/b.yaml") && !files.contains("say.yaml"), "{what}: {ready}");
        assert_eq!((status, said.as_str()), (if is_named { 503 } else { 404 }, "one"), "{what}");
        assert!(metrics.contains(&"datadip_catalogue_refused 1".to_owned()), "{what}: {metrics:?}");
        let printed = gateway.printed();
        assert!(printed.contains("nodes/b.yaml"), "{what}: {printed}");
        let page = gateway.ask("GET", "/", "", "").text();
        assert!(page.contains("not in force") && page.contains("nodes/b.yaml"), "{what}: {page}");
        let before = state();
        assert_eq!(gateway.ask("POST", "/api/reload", TOKEN, "").status, 422, "{what}");
        assert_eq!(state(), before, "{what}");
        fs::write(path(&gateway, "nodes/b.yaml"), saying("two").replace("say", "b")).unwrap();
        wait("it is mended", || gateway.get("/readyz").json() == json!({ "status": "ready", "broken": 0 }));
        assert_eq!(gateway.get("/nodes/b").status, 200, "{what}");
    }
}

#[test]
fn a_gateway_none_of_whose_files_can_be_read_says_so_and_is_not_ready() {
    let gateway = Gateway::start(&[("nodes/b.yaml", ""), ("hooks/c.yaml", "hook: c\n\tx: 1\n")]);
    let ready = gateway.get("/readyz");
    let told = ready.json();
    assert_eq!((ready.status, &told["status"]), (503, &json!("empty")));
    assert!(told["error"].to_string().contains("have 2 errors"), "{told}");
    assert_eq!(told["refused"]["files"].as_array().unwrap().len(), 2);
    let event = gateway.call("POST", "/hooks/c", &[], b"{}");
    assert_eq!(event.status, 503, "{}", event.text());
}

#[test]
fn a_failed_example_keeps_the_plan_out_of_force() {
    let gateway = gateway(&[]);
    let failing =
        format!("{}examples: [{{ name: it, send: {{}}, answer: {{ said: three }} }}]\n", saying("two"));
    gateway.write("mappings/nodes/say.yaml", &failing);
    wait("it is refused", || gateway.get("/readyz").json()["refused"]["errors"] == 1);
    assert_eq!(said(&gateway), "one");
}

#[test]
fn a_folder_that_is_gone_for_a_while_takes_no_node_with_it() {
    undisturbed(|| {
        for way in ["poll", "auto"] {
            let gateway = gateway(&["--watch", way]);
            let (here, away) = (gateway.folder().join("mappings"), gateway.folder().join("away"));
            fs::rename(&here, &away).unwrap();
            soon("it is noticed", || gateway.get("/readyz").json()["status"] == "degraded");
            assert_eq!(said(&gateway), "one");
            fs::write(away.join("nodes/say.yaml"), saying("two")).unwrap();
            fs::rename(&away, &here).unwrap();
            // Nothing tells of its return, so it is looked for: sooner than files are that nobody told of.
            soon("it is back", || {
                said(&gateway) == "two" && gateway.get("/readyz").json()["status"] == "ready"
            });
        }
    });
}

#[test]
fn a_folder_that_is_made_later_is_watched_as_well() {
    undisturbed(|| {
        let gateway = gateway(&[]);
        let folder = path(&gateway, "hooks");
        for name in ["change", "another"] {
            fs::create_dir(&folder).unwrap();
            settle();
            fs::write(folder.join(format!("{name}.yaml")), HOOK.replace("change", name)).unwrap();
            soon("the hook is there", || {
                gateway.call("POST", &format!("/hooks/{name}"), &[], b"{}").status == 401
            });
            fs::remove_dir_all(&folder).unwrap();
            soon("it is gone", || gateway.call("POST", &format!("/hooks/{name}"), &[], b"{}").status == 404);
        }
    });
}

#[test]
fn what_is_not_watched_is_read_when_it_is_asked_for() {
    let gateway = gateway(&["--watch", "off"]);
    gateway.write("mappings/nodes/say.yaml", &saying("two"));
    settle();
    assert_eq!(said(&gateway), "one");
    let answer = gateway.ask("POST", "/api/reload", TOKEN, "");
    let expected = json!({ "revision": 2, "came": [], "changed": ["say"], "went": [], "findings": [] });
    assert_eq!((answer.status, answer.json(), said(&gateway)), (200, expected, "two".to_owned()));
    gateway.write("mappings/nodes/say.yaml", &saying("three"));
    gateway.signal("HUP");
    wait("the signal is heard", || said(&gateway) == "three");
    let Ended { code, out, .. } = gateway.command(TOKEN, &["reload"]);
    assert_eq!((code, &*out), (0, "in force  revision 4\ncame      none\nchanged   none\nwent      none\n"));
    assert_eq!(gateway.ask("POST", "/api/reload", "another", "").status, 401);
    assert_eq!(gateway.ask("GET", "/api/reload", TOKEN, "").status, 405);
}

#[test]
fn who_asks_for_a_reload_is_told_what_is_wrong() {
    let gateway = gateway(&["--watch", "off"]);
    gateway.write("mappings/nodes/say.yaml", "node: say\noutputs: { said: { value: a, zzz: 1 } }\n");
    let answer = gateway.ask("POST", "/api/reload", TOKEN, "");
    let body = answer.json();
    let finding = &body["findings"][0];
    assert_eq!((answer.status, &body["revision"]), (422, &json!(1)));
    assert!(body["error"].as_str().unwrap().contains("what was in force before stays"), "{body}");
    assert!(finding["file"].as_str().unwrap().ends_with("nodes/say.yaml"), "{finding}");
    assert_eq!(
        ["line", "column", "severity", "code"].map(|member| finding[member].clone()),
        [json!(2), json!(30), json!("error"), json!("unknown-key")]
    );
    assert!(finding["message"].is_string() && finding["help"].is_string(), "{finding}");
    let Ended { code, out, .. } = gateway.command(TOKEN, &["reload"]);
    assert!(code == 1 && out.contains("nodes/say.yaml:2:30\n  help: "), "{code} {out}");
    assert!(
        out.ends_with("not in force: the mapping files have an error; what was in force before stays\n"),
        "{out}"
    );
    assert_eq!(said(&gateway), "one");
}

/// A pipe that nobody writes to, and a device that never ends.
fn special(at: &Path) -> [PathBuf; 2] {
    let (pipe, device) = (at.join("pipe.yaml"), at.join("zero.yaml"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    symlink("/dev/zero", &device).unwrap();
    [pipe, device]
}

#[test]
fn what_is_no_plain_file_is_told_and_holds_nothing_up() {
    let gateway = gateway(&[]);
    let placed = special(&path(&gateway, "nodes"));
    let files = || gateway.get("/readyz").json()["refused"]["files"].to_string();
    wait("both are told", || files().contains("pipe.yaml") && files().contains("zero.yaml"));
    assert!(gateway.log().contains("is no plain file"), "{}", gateway.log());
    for placed in placed {
        fs::remove_file(placed).unwrap();
    }
    gateway.write("mappings/nodes/say.yaml", &saying("two"));
    wait("it goes on", || said(&gateway) == "two");
    let book = path(&gateway, "data/book.csv");
    fs::remove_file(&book).unwrap();
    assert!(Command::new("mkfifo").arg(&book).status().unwrap().success());
    wait("the table's is told", || files().contains("book.yaml"));
    assert_eq!(gateway.get("/nodes/who?id=1").json()["name"], "Ada");
}

#[test]
fn what_is_no_plain_file_keeps_no_gateway_from_starting() {
    let folder = Folder::with(&[("mappings/nodes/say.yaml", &saying("one"))]);
    special(&folder.path().join("mappings/nodes"));
    let args = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
    let gateway = Gateway::start_in(folder, &args, &[]);
    assert_eq!(
        (said(&gateway).as_str(), gateway.get("/readyz").json()["status"].as_str()),
        ("one", Some("degraded"))
    );
}
