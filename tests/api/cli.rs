//! The command line: what each command says, where, and with which exit code it ends.

use std::collections::HashSet;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::gateway::Gateway;
use crate::shell::{datadip, datadip_unread, datadip_with, program};
use crate::upstream::{Reaction, Upstream};
use crate::wire::Wire;

const UPSTREAM: &str = "\
upstream: acme
base_url: ${ACME_URL}
operations:
  customer:
    about: Customers by phone.
    args: { phone: { type: text, required: true } }
    get: /customers
    query: { phone: '{{ phone }}' }
    records: $.data[*]
  points:
    args: { id: text, limit: { type: int, default: 20, one_of: [10, 20] } }
    get: '/points/{{ id or 0 }}'
    query: { limit: '{{ limit }}' }
  note:
    args: { text: { type: text, required: true } }
    post: /notes
    effect: write
    json: { text: '{{ text }}' }
";

const CALLER: &str = "\
node: caller
inputs:
  tel: { type: phone, region: SG, aliases: [ivr_customer_number] }
  key: { type: text, default: '' }
lookup: { by: tel, call: acme.customer, forms: [e164, national] }
then: { as: points, call: acme.points, args: { id: '{{ record.name }}' } }
do: { as: note, call: acme.note, when: key == '1', args: { text: '{{ record.name }}' } }
outputs:
  status: { outcome: true }
  name: { path: $.name, default: '' }
  points: { path: $.points, from: points, type: int, default: 0 }
  note: { path: $.no, from: note, type: int, default: 0 }
";

/// Mistakes of several kinds, in two files.
const MISTAKEN: &str = "\
node: mistaken
bugdet_ms: 1200
inputs:
  tel: { type: phone, region: SG }
lookup: { by: tel, call: acme.custmer }
outputs:
  name: { path: '$.name[', default: '' }
  level: { path: $.level }
  level: '1'
examples:
  - { name: a, send: { tel: 0138 }, answer: {} }
";
const MISTAKEN_TOO: &str = "\
node: mistaken-too
outputs:
  客户: { text: '{{ nme }}', default: '' }
";

/// The variables that the shipped files name, each set.
fn shipped_variables() -> Vec<(&'static str, &'static str)> {
    let names = "CRM_HOOK_SECRET CRM_TOKEN CRM_URL SOBOT_AGENT_ID SOBOT_APP_ID SOBOT_APP_SECRET SOBOT_CRM_APP_ID \
                 SOBOT_CRM_APP_KEY SOBOT_CRM_URL SOBOT_IVR_URL SOBOT_URL STRINGEE_SECRET STRINGEE_SID STRINGEE_URL \
                 XSWITCH_DEV_KEY XSWITCH_URL";
    names.split(' ').map(|name| (name, "http://127.0.0.1:1")).collect()
}

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder() -> Folder {
    Folder::with(&[("mappings/upstreams/acme.yaml", UPSTREAM), ("mappings/nodes/caller.yaml", CALLER)])
}

fn mistaken() -> Folder {
    let folder = folder();
    folder.write("mappings/nodes/mistaken.yaml", MISTAKEN);
    folder.write("mappings/nodes/too.yaml", MISTAKEN_TOO);
    folder
}

fn acme() -> Upstream {
    Upstream::start(|asked| match asked.target.as_str() {
        "/customers?phone=91234567" => Reaction::json(&json!({ "data": [{ "name": "Ada" }] })),
        "/points/Ada?limit=20" => Reaction::json(&json!({ "points": 5 })),
        "/notes" => Reaction::json(&json!({ "no": 7 })),
        _ => Reaction::json(&json!({ "data": [] })),
    })
}

fn assert_says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in:\n{text}");
    }
}

#[test]
fn check_ends_with_0_where_nothing_is_to_be_mended() {
    let ended = datadip(checkout(), &["check"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_says(&ended.out, &["nodes, ", " operations, ", " examples: 16 notes", "note[unset-variable]"]);
    let ended = datadip_with(checkout(), &["check"], &shipped_variables());
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    assert_says(&ended.out, &["examples: nothing to mend"]);
    let elsewhere = Folder::with(&[]);
    let mappings = checkout().join("mappings");
    assert_eq!(datadip(elsewhere.path(), &["check", mappings.to_str().expect("text")]).code, 0);
}

#[test]
fn check_ends_with_1_and_tells_all_findings_at_once_each_with_its_place_and_remedy() {
    let folder = mistaken();
    let ended = datadip(folder.path(), &["check"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    for (finding, place, remedy) in [
        ("error[unknown-key]: `bugdet_ms`", "mappings/nodes/mistaken.yaml:2:1", "did you mean `budget_ms`?"),
        (
            "error[unknown-operation]: there is no operation",
            "mappings/nodes/mistaken.yaml:5:26",
            "did you mean `acme.customer`?",
        ),
        ("error[path-syntax]", "mappings/nodes/mistaken.yaml:7:24", "a path is written as in RFC 9535"),
        (
            "error[missing-default]: the output `level`",
            "mappings/nodes/mistaken.yaml:8:3",
            "add `default: \"\"`",
        ),
        ("error[duplicate-key]: `level`", "mappings/nodes/mistaken.yaml:9:3", "keep one of them"),
        (
            "error[number-form]: `0138`",
            "mappings/nodes/mistaken.yaml:11:29",
            "quote it if it is a text: \"0138\"",
        ),
        (
            "error[unknown-variable]: there is no variable `nme`",
            "mappings/nodes/too.yaml:3:19",
            "known here: ",
        ),
    ] {
        let from = ended.out.find(finding).unwrap_or_else(|| panic!("{finding}: {}", ended.out));
        let block = ended.out[from..].split("\n\n").next().unwrap_or_default();
        assert_says(block, &[place, "= help: ", remedy]);
    }
    assert_says(&ended.out, &["3 nodes, ", "0 examples: 7 errors"]);
}

#[test]
fn check_writes_one_json_object_for_machines() {
    let folder = mistaken();
    let ended = datadip(folder.path(), &["check", "--format", "json"]);
    assert_eq!((ended.code, ended.err.as_str()), (1, ""));
    let report: Value = serde_json::from_str(&ended.out).expect("a JSON object");
    let findings = report["findings"].as_array().expect("a list");
    assert_eq!([&report["errors"], &report["warnings"], &report["notes"]], [7, 0, 1]);
    let errors = findings.iter().filter(|finding| finding["severity"] == "error");
    let codes: HashSet<&str> = errors.filter_map(|finding| finding["code"].as_str()).collect();
    let expected = [
        "unknown-key",
        "unknown-operation",
        "path-syntax",
        "missing-default",
        "duplicate-key",
        "number-form",
        "unknown-variable",
    ];
    assert_eq!(codes, HashSet::from(expected));
    let number = findings.iter().find(|finding| finding["code"] == "number-form").expect("the number");
    assert_eq!(
        [&number["file"], &number["line"], &number["column"], &number["end_line"], &number["end_column"]],
        [&json!("mappings/nodes/mistaken.yaml"), &json!(11), &json!(29), &json!(11), &json!(33)]
    );
    let ended = datadip_with(checkout(), &["check", "--format=json"], &shipped_variables());
    let report: Value = serde_json::from_str(&ended.out).expect("a JSON object");
    assert_eq!((ended.code, &report["findings"]), (0, &json!([])));
}

#[test]
fn check_runs_the_examples_and_shows_what_they_gave() {
    let node = "\
node: plain
inputs: { name: text }
outputs:
  greeting: { text: 'Hello {{ name }}', default: Hello }
examples:
  - { name: right, send: { name: Ada }, answer: { greeting: Hello Ada } }
  - { name: wrong, send: { name: Ada }, answer: { greeting: Hello Bob } }
";
    let folder = Folder::with(&[("mappings/nodes/plain.yaml", node)]);
    let ended = datadip(folder.path(), &["check"]);
    assert_eq!(ended.code, 1);
    assert_says(
        &ended.out,
        &["error[example-failed]", "mappings/nodes/plain.yaml:7:", "Hello Ada", "Hello Bob", "1 error"],
    );
    assert!(!ended.out.contains("plain.yaml:6"), "{}", ended.out);
}

#[test]
fn check_ends_with_1_for_a_warning_too() {
    let node = "node: warned\naccess: { keys: [abc] }\noutputs: { a: '1' }\n";
    let folder = Folder::with(&[("mappings/nodes/warned.yaml", node)]);
    let ended = datadip(folder.path(), &["check"]);
    assert_eq!(ended.code, 1);
    assert_says(&ended.out, &["warning[secret-in-file]", "mappings/nodes/warned.yaml:2:18", "1 warning"]);
}

#[test]
fn check_ends_with_1_where_the_only_node_cannot_be_read() {
    let folder = Folder::with(&[("mappings/nodes/a.yaml", "node: a\n\toutputs: { a: '1' }\n")]);
    let ended = datadip(folder.path(), &["check"]);
    assert_eq!((ended.code, ended.err.as_str()), (1, ""), "{ended:?}");
    assert_says(&ended.out, &["error[yaml-tab]", "1 error"]);
}

#[test]
fn check_ends_with_2_where_there_is_nothing_to_check() {
    let folder = Folder::with(&[("empty/nodes/readme.txt", ""), ("other/a.yaml", "")]);
    for (args, words) in [
        (&["check", "nowhere"][..], "nowhere: there is no such folder"),
        (&["check"], "mappings: there is no such folder"),
        (&["check", "other"], "holds neither `nodes/` nor `upstreams/`"),
        (&["check", "empty"], "empty holds no nodes"),
        (&["check", "empty", "--format", "json"], "empty holds no nodes"),
        (&["check", "--format", "xml"], "possible values: text, json, sarif"),
    ] {
        let ended = datadip(folder.path(), args);
        assert_eq!(ended.code, 2, "{args:?} {ended:?}");
        assert_says(&ended.err, &[words]);
    }
}

#[test]
fn try_prints_the_answer_alone_and_what_is_about_it_beside() {
    let upstream = acme();
    let args = ["try", "caller", "tel=9123 4567", "--write"];
    let ended = datadip_with(folder().path(), &args, &[("ACME_URL", &upstream.url())]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(ended.out, "{\"status\":\"found\",\"name\":\"Ada\",\"points\":5,\"note\":0}\n");
    assert_says(&ended.err, &["found, cache ", " ms"]);
    assert_eq!(ended.err.lines().count(), 1);
}

/// The first number of a process takes longer to understand than this budget.
#[test]
fn an_example_is_about_what_is_answered_and_a_busy_machine_does_not_fail_it() {
    let folder = Folder::with(&[
        (
            "mappings/upstreams/crm.yaml",
            "upstream: crm\nbase_url: http://127.0.0.1:1\ntimeout_ms: 20\n\
             operations: { one: { args: { phone: { required: true } }, get: '/{{ phone }}' } }\n",
        ),
        (
            "mappings/nodes/brief.yaml",
            "node: brief\nbudget_ms: 50\ninputs: { tel: { type: phone, region: SG } }\n\
             lookup: { by: tel, call: crm.one }\noutputs: { name: { path: $.name, default: '-' } }\n\
             examples: [ { name: Ada, send: { tel: '9123 4567' }, upstream: { crm.one: { name: Ada } }, \
             answer: { name: Ada } } ]\n",
        ),
    ]);
    let ended = datadip(folder.path(), &["check"]);
    assert_eq!(ended.code, 0, "{}", ended.out);
}

#[test]
fn try_waits_for_a_write_that_no_caller_would_wait_for() {
    let upstream = acme();
    upstream.becomes(|asked| match asked.target.as_str() {
        "/notes" => Reaction::json(&json!({ "no": 7 })).after(Duration::from_millis(500)),
        _ => Reaction::json(&json!({ "data": [{ "name": "Ada" }] })),
    });
    let folder = Folder::with(&[
        ("mappings/upstreams/acme.yaml", UPSTREAM),
        (
            "mappings/nodes/noting.yaml",
            "node: noting\ninputs: { tel: { type: phone, region: SG } }\nlookup: { by: tel, call: acme.customer }\n\
             do: { call: acme.note, args: { text: called }, wait: false }\noutputs: { status: { outcome: true } }\n",
        ),
    ]);
    let args = ["try", "noting", "tel=9123 4567", "--trace", "--write"];
    let ended = datadip_with(folder.path(), &args, &[("ACME_URL", &upstream.url())]);
    assert_eq!((ended.code, ended.out.as_str()), (0, "{\"status\":\"found\"}\n"), "{ended:?}");
    assert_says(&ended.err, &["acme.note", "done"]);
    let notes = upstream.asked().iter().filter(|asked| asked.target == "/notes").count();
    assert_eq!((notes, upstream.left()), (1, 0), "{ended:?}");
}

#[test]
fn try_with_trace_shows_every_stage() {
    let upstream = acme();
    let folder = folder();
    let args = ["try", "caller", "tel=9123 4567", "key=1", "--trace", "--write"];
    let ended = datadip_with(folder.path(), &args, &[("ACME_URL", &upstream.url())]);
    assert_eq!(ended.out, "{\"status\":\"done\",\"name\":\"Ada\",\"points\":5,\"note\":7}\n");
    let stages = [
        ["done, ", "cache"],
        ["what came", ""],
        ["tel", "`9123 4567` → +6591234567  a number of SG"],
        ["key", "`1` → 1"],
        ["1  acme.customer by tel", "found"],
        ["as e164 `+6591234567`", "nothing found"],
        ["GET http://", "6591234567"],
        ["→ 200 after", "records: 0"],
        ["as national `91234567`", "found"],
        ["→ 200 after", "records: 1"],
        ["points  acme.points", "found"],
        ["→ 200 after", "records: 1"],
        ["note  acme.note", "done"],
        ["POST http://", ""],
        ["status", "\"done\"  how the call ended"],
        ["name", "\"Ada\"  `$.name` in record is Ada"],
        ["points", "5"],
        ["note", "7"],
    ];
    let mut lines = ended.err.lines();
    for stage in stages {
        let is_it = |line: &str| stage.iter().all(|part| line.contains(part));
        assert!(lines.any(is_it), "{stage:?} in its place:\n{}", ended.err);
    }
}

#[test]
fn try_with_trace_says_why_nothing_was_found() {
    let upstream = acme();
    let folder = folder();
    for (parameter, words) in [
        ("tel=anonymous", ["the caller's number is hidden", "not asked: its identifier was not given"]),
        ("tel=+6581234567", ["as e164 `+6581234567`", "nothing found"]),
    ] {
        let args = ["try", "caller", parameter, "--trace"];
        let ended = datadip_with(folder.path(), &args, &[("ACME_URL", &upstream.url())]);
        assert_eq!(ended.code, 0);
        assert_says(&ended.err, &words);
    }
    let ended = datadip(folder.path(), &["try", "caller", "tel=91234567", "--trace"]);
    assert_says(&ended.out, &["\"status\":\"error\""]);
    assert_says(&ended.err, &["ACME_URL"]);
}

#[test]
fn try_writes_only_if_it_is_told_to() {
    let upstream = acme();
    let folder = folder();
    let url = upstream.url();
    let env = [("ACME_URL", url.as_str())];
    let wrote = || upstream.asked().iter().filter(|asked| asked.method == "POST").count();
    let ended = datadip_with(folder.path(), &["try", "caller", "tel=91234567", "key=1", "--trace"], &env);
    assert_eq!((ended.code, wrote()), (0, 0));
    assert_says(&ended.out, &["\"status\":\"found\"", "\"note\":0"]);
    assert_says(
        &ended.err,
        &["`caller` may write (`acme.note`); nothing is written without --write", "only a live call writes"],
    );
    let ended = datadip_with(folder.path(), &["try", "caller", "tel=91234567", "key=1", "--write"], &env);
    assert_eq!((ended.code, wrote()), (0, 1));
    assert_says(&ended.out, &["\"status\":\"done\"", "\"note\":7"]);
}

#[test]
fn try_names_the_node_and_the_parameter_that_were_meant() {
    let folder = mistaken();
    let ended = datadip(folder.path(), &["try", "caler", "tel=91234567"]);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    assert_says(&ended.err, &["there is no node `caler`", "did you mean `caller`?"]);
    let ended = datadip(folder.path(), &["try", "caller", "tell=91234567", "ivr_customer_number="]);
    assert_eq!(ended.code, 0);
    assert_says(&ended.err, &["`caller` does not declare `tell`", "ignored", "did you mean `tel`?"]);
    assert!(!ended.err.contains("`ivr_customer_number`"), "{}", ended.err);
    for parameter in ["tel", "=1"] {
        let ended = datadip(folder.path(), &["try", "caller", parameter]);
        assert_eq!(ended.code, 2);
        assert_says(&ended.err, &["write it as NAME=VALUE"]);
    }
    let ended = datadip(folder.path(), &["try", "mistaken"]);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    assert_says(&ended.err, &["the node `mistaken` is not in force", "did you mean `budget_ms`?"]);
}

#[test]
fn try_takes_values_as_they_stand_in_the_shell() {
    let node = "\
node: echo
inputs: { 客户 编号: text, a: text }
outputs: { 客户 编号: { text: '{{ inputs[\"客户 编号\"] }}', default: '' }, a: { text: '{{ inputs.a }}', default: '' } }
";
    let folder = Folder::with(&[("maps/nodes/echo.yaml", node)]);
    let ended = datadip(
        folder.path(),
        &["try", "echo", "--mappings", "maps", "客户 编号=成都 1", "a=b=c+d%20", "a=2"],
    );
    assert_eq!(ended.out, "{\"客户 编号\":\"成都 1\",\"a\":\"b=c+d%20\"}\n", "{ended:?}");
}

#[test]
fn operations_lists_what_upstreams_can_be_asked() {
    let ended = datadip(folder().path(), &["operations"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let list = "\
acme.customer
    Customers by phone.
    phone: text, required

acme.note  (write)
    text: text, required

acme.points
    id: text
    limit: int, else 20, one of 10 20

";
    assert_eq!(ended.out, list);
    assert_eq!(datadip(checkout(), &["operations", "--mappings", "nowhere"]).code, 2);
}

#[test]
fn every_command_explains_itself() {
    let folder = Folder::with(&[]);
    let commands = ["serve", "check", "try", "operations", "completions"];
    let general = datadip(folder.path(), &["--help"]);
    assert_eq!((general.code, general.err.as_str()), (0, ""));
    assert_says(&general.out, &commands);
    assert_says(&general.out, &["Without a command, datadip serves."]);
    for (command, words) in [
        (
            "serve",
            &[
                "--listen",
                "--admin-listen",
                "--mappings",
                "--strict",
                "--config",
                "DATADIP_LISTEN",
                "DATADIP_ADMIN_LISTEN",
                "DATADIP_MAPPINGS",
                "127.0.0.1:8080",
            ][..],
        ),
        ("check", &["[DIR]", "--format", "Exit code 0", "1: findings", "DATADIP_MAPPINGS"]),
        ("try", &["<NODE>", "[NAME=VALUE]", "--trace", "--write", "--mappings"]),
        ("operations", &["--mappings"]),
        ("completions", &["bash", "zsh", "fish"]),
    ] {
        for args in [[command, "--help"], ["help", command]] {
            let ended = datadip(folder.path(), &args);
            assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{args:?}");
            assert_says(&ended.out, words);
        }
        assert_eq!(datadip(folder.path(), &[command, "-h"]).code, 0);
        assert_eq!(datadip(folder.path(), &[command, "--no-such-flag"]).code, 2);
    }
    let version = datadip(folder.path(), &["--version"]);
    assert_eq!(version.out, concat!("datadip ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(datadip(folder.path(), &["serf"]).code, 2);
}

#[test]
fn completions_are_scripts_for_the_shell() {
    let folder = Folder::with(&[]);
    for (shell, words) in [
        ("bash", &["complete -F _datadip", "completions", "--trace"][..]),
        ("zsh", &["#compdef datadip", "'--trace["]),
        ("fish", &["complete -c datadip", "-l trace"]),
    ] {
        let ended = datadip(folder.path(), &["completions", shell]);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""));
        assert_says(&ended.out, words);
        folder.write(&format!("script.{shell}"), &ended.out);
    }
    let script = folder.path().join("script.bash");
    let tried = format!(
        ". {} && COMP_WORDS=(datadip che) COMP_CWORD=1 && _datadip datadip che datadip && echo ${{COMPREPLY[0]}}",
        script.display()
    );
    let ended = program("bash", &["-c", &tried]);
    assert_eq!((ended.out.as_str(), ended.err.as_str()), ("check\n", ""));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let folder = mistaken();
    for (args, code) in [
        (&["operations"][..], 0),
        (&["check"], 1),
        (&["check", "--format", "json"], 1),
        (&["try", "caller", "tel=91234567", "--trace"], 0),
        (&["completions", "bash"], 0),
        (&["--help"], 0),
        (&["try", "--help"], 0),
    ] {
        let ended = datadip_unread(folder.path(), args);
        assert_eq!(ended.code, code, "{args:?} {ended:?}");
        assert!(!ended.err.contains("panicked"), "{args:?} {}", ended.err);
    }
    let binary = env!("CARGO_BIN_EXE_datadip");
    let piped = format!("cd {} && {binary} operations | head -1", checkout().display());
    let ended = program("sh", &["-c", &piped]);
    assert_eq!((ended.out.as_str(), ended.err.as_str()), ("crm.add_note  (write)\n", ""));
}

/// A node of this name, which answers to nobody else's.
fn node(name: &str) -> String {
    format!("node: {name}\noutputs: {{ a: '1' }}\n")
}

/// A folder with three mappings folders, whose nodes are called as they are, and these settings.
fn three_folders(settings: &str) -> Folder {
    let folder = Folder::with(&[("datadip.yaml", settings)]);
    for name in ["mappings", "file", "variable", "flag"] {
        folder.write(&format!("{name}/nodes/node.yaml"), &node(name));
    }
    folder
}

/// An address of the documentation's network: nobody can listen there.
const ELSEWHERE: &str = "192.0.2.1:1";
const FREE: &str = "127.0.0.1:0";

#[test]
fn a_flag_wins_over_its_variable_the_variable_over_the_file_and_the_file_over_the_default() {
    let addresses = "listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\n";
    let elsewhere = format!("listen: {ELSEWHERE}\nadmin_listen: {ELSEWHERE}\nmappings: file\n");
    let file = format!("{addresses}mappings: file\n");
    let free = [("DATADIP_LISTEN", FREE), ("DATADIP_ADMIN_LISTEN", FREE), ("DATADIP_MAPPINGS", "variable")];
    let taken = [
        ("DATADIP_LISTEN", ELSEWHERE),
        ("DATADIP_ADMIN_LISTEN", ELSEWHERE),
        ("DATADIP_MAPPINGS", "variable"),
    ];
    let flags = ["serve", "--listen", FREE, "--admin-listen", FREE, "--mappings", "flag"];
    for (settings, args, env, node) in [
        (addresses, &["serve"][..], &[][..], "mappings"),
        (&file, &["serve"], &[], "file"),
        (&file, &[], &[], "file"),
        (&elsewhere, &["serve"], &free, "variable"),
        (&elsewhere, &[], &free, "variable"),
        (&elsewhere, &flags, &taken, "flag"),
    ] {
        let gateway = Gateway::start_in(three_folders(settings), args, env);
        for name in ["mappings", "file", "variable", "flag"] {
            let status = if name == node { 200 } else { 404 };
            assert_eq!(gateway.get(&format!("/nodes/{name}")).status, status, "{args:?} {env:?}: {name}");
        }
    }
}

#[test]
fn the_settings_file_may_be_named_and_its_mistakes_are_told_at_once() {
    let folder = three_folders("listen: nowhere\n");
    folder.write(
        "other.yaml",
        "listen: 127.0.0.1:0\nadmin_listen: 127.0.0.1:0\nmappings: file\nlog_format: json\n",
    );
    let gateway = Gateway::start_in(folder, &["serve", "--config", "other.yaml"], &[]);
    assert_eq!(gateway.get("/nodes/file").status, 200);
    let folder = three_folders("listen: nowhere\nmapings: file\nstrict: yes\n");
    let ended = datadip(folder.path(), &["serve"]);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    assert_says(
        &ended.err,
        &["datadip.yaml:1:9", "datadip.yaml:2:1", "did you mean `mappings`?", "datadip.yaml:3:9"],
    );
    let ended = datadip(folder.path(), &["serve", "--config", "nowhere.yaml"]);
    assert_eq!(ended.code, 2);
    assert_says(&ended.err, &["nowhere.yaml"]);
}

#[test]
fn the_other_commands_read_the_mappings_that_serve_would() {
    let folder = three_folders("mappings: file\n");
    let variable = [("DATADIP_MAPPINGS", "variable")];
    for (args, env, node) in [
        (&[][..], &[][..], "file"),
        (&[], &variable, "variable"),
        (&["--mappings", "flag"], &variable, "flag"),
    ] {
        let ended = datadip_with(folder.path(), &[&["try", node], args].concat(), env);
        assert_eq!((ended.code, ended.out.as_str()), (0, "{\"a\":\"1\"}\n"), "{args:?} {env:?} {ended:?}");
        assert_eq!(datadip_with(folder.path(), &[&["operations"], args].concat(), env).code, 0);
    }
    folder.write("file/nodes/broken.yaml", "node: broken\n");
    assert_eq!(datadip(folder.path(), &["check"]).code, 1);
    assert_eq!(datadip_with(folder.path(), &["check"], &variable).code, 0);
    assert_eq!(datadip_with(folder.path(), &["check", "mappings"], &variable).code, 0);
}

#[test]
fn check_says_how_it_is_told_its_folder_and_that_it_takes_no_file() {
    let folder = Folder::with(&[("mappings/nodes/a.yaml", "node: a\noutputs: { a: '1' }\n")]);
    for (place, words) in [
        (
            "nowhere",
            "nowhere: there is no such folder; name the mappings folder: `--mappings DIR`, or `check DIR`",
        ),
        (
            "mappings/nodes/a.yaml",
            "mappings/nodes/a.yaml: is a file; name the mappings folder, that which holds `nodes/`",
        ),
    ] {
        let ended = datadip(folder.path(), &["check", place]);
        assert!(ended.code == 2 && ended.err.contains(words), "{ended:?}");
    }
}

#[test]
fn a_name_that_may_stand_in_a_broken_file_is_not_said_to_be_nowhere() {
    let folder = Folder::with(&[
        ("mappings/nodes/a.yaml", "node: a\noutputs: { a: '1' }\n"),
        ("mappings/nodes/b.yaml", ""),
        ("mappings/upstreams/acme.yaml", &UPSTREAM.replacen("operations:", "\toperations:", 1)),
        ("mappings/upstreams/acme2.yaml", &UPSTREAM.replacen("acme", "acme2", 1)),
    ]);
    for (args, words) in [
        (
            &["try", "customers"][..],
            "no node `customers` is in force: its file may be one of those with errors\n",
        ),
        (
            &["call", "acme.customer", "phone=1"],
            "no operation `acme.customer` is in force: its file may be one",
        ),
    ] {
        let ended = datadip(folder.path(), args);
        assert!(ended.code == 2 && ended.err.contains(words), "{ended:?}");
        assert!(ended.err.contains("error[yaml-tab]") && ended.err.contains("error[empty]"), "{ended:?}");
    }
}

#[test]
fn a_link_to_a_file_that_is_not_there_is_told_as_one() {
    let folder = Folder::with(&[("mappings/nodes/a.yaml", "node: a\noutputs: { a: '1' }\n")]);
    symlink("../away/b.yaml", folder.path().join("mappings/nodes/b.yaml")).unwrap();
    let ended = datadip(folder.path(), &["check"]);
    let told = "error[unreadable]: the file is a link to ../away/b.yaml, and nothing is there\n--> mappings/nodes/b.yaml";
    assert!(ended.code == 1 && ended.out.contains(told), "{ended:?}");
    assert!(
        ended.out.contains("= help: turn the link to a file that is there, or take it away"),
        "{ended:?}"
    );
}

#[test]
fn serve_ends_with_2_where_it_cannot_start() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address").to_string();
    let folder = Folder::with(&[("mappings/nodes/node.yaml", &node("a")), ("bare/x", "")]);
    for (args, words) in [
        (&["serve", "--mappings", "nowhere"][..], "nowhere: there is no such folder"),
        (&["serve", "--mappings", "bare"], "holds neither `nodes/` nor `upstreams/`"),
        (&["serve", "--listen", "here"], "--listen"),
        (&["serve", "--listen", ELSEWHERE, "--admin-listen", FREE], "cannot listen on 192.0.2.1:1"),
        (&["serve", "--listen", FREE, "--admin-listen", &taken], "cannot listen on 127.0.0.1:"),
        (
            &["serve", "--listen", FREE, "--redis", "redis://127.0.0.1:1"],
            "Redis needs DATADIP_KEY, the same for all replicas, so that no identifier is readable in it; make one with: \
             openssl rand -hex 32",
        ),
    ] {
        let ended = datadip(folder.path(), args);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{args:?} {ended:?}");
        assert_says(&ended.err, &[words]);
        assert!(!ended.err.contains("panicked"), "{}", ended.err);
    }
    let ended = datadip_with(folder.path(), &["serve", "--listen", FREE], &[("DATADIP_LOG", "WARNING")]);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{ended:?}");
    assert_says(&ended.err, &["DATADIP_LOG: `WARNING` is no level; the levels are error, warn, info"]);
}

#[test]
fn serve_that_is_told_to_stop_ends_its_calls_first() {
    let upstream = Upstream::start(|_| {
        Reaction::json(&json!({ "data": [{ "name": "Ada" }] })).after(Duration::from_millis(300))
    });
    let mappings = [("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", CALLER)];
    let mut gateway = Gateway::start_with(&mappings, &[], &[("ACME_URL", &upstream.url())]);
    for address in [gateway.address(), gateway.admin()] {
        let mut wire = Wire::open(address);
        wire.write(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assert_eq!(wire.read(false).status, 200);
    }
    let mut wire = gateway.open();
    wire.write(b"GET /nodes/caller?tel=91234567 HTTP/1.1\r\nhost: x\r\n\r\n");
    let sent = Instant::now();
    while upstream.asked().is_empty() {
        assert!(sent.elapsed() < Duration::from_secs(60), "the upstream is not asked");
        std::thread::sleep(Duration::from_millis(1));
    }
    gateway.terminate();
    assert_eq!(wire.read(false).json()["name"], "Ada");
    assert_eq!(gateway.ended(), 0);
}

#[test]
fn a_variable_that_is_set_to_nothing_counts_as_not_set() {
    let files = [("mappings/nodes/a.yaml", "node: a\noutputs: { x: a }\n")];
    let folder = Folder::with(&files);
    let names = [
        "DATADIP_CONFIG",
        "DATADIP_LISTEN",
        "DATADIP_MAPPINGS",
        "DATADIP_STRICT",
        "DATADIP_WATCH",
        "DATADIP_REDIS_URL",
        "DATADIP_KEY",
        "DATADIP_MEMORY_MB",
        "DATADIP_DRAIN_SEC",
        "DATADIP_ADMIN_TOKEN",
    ];
    let env = names.map(|name| (name, ""));
    let args = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
    let gateway = Gateway::start_in(folder, &args, &env);
    assert_eq!(gateway.get("/nodes/a").json(), serde_json::json!({ "x": "a" }));
    let ended = datadip_with(gateway.folder(), &["check"], &env);
    assert_eq!(ended.code, 0, "{}", ended.err);
}
