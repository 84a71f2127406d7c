//! Node files as a team would write them, with mistakes: all of them at once, each where it is and once only.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says so by failing"
)]

#[allow(dead_code)] // other tests use the rest of the harness
#[path = "harness/folder.rs"]
mod folder;

use std::sync::Arc;
use std::time::Duration;

use datadip::app;
use datadip::diagnostic::render::{Style, text};
use datadip::diagnostic::{Finding, Findings};
use datadip::mapping::compile;
use datadip::plan::{Catalogue, Node, Pick, Slot};

use crate::folder::Folder;

/// What compiling one came to.
struct Compiled {
    catalogue: Catalogue,
    /// Each finding as `file:line:column severity code`.
    places: Vec<String>,
    /// Each finding as people read it.
    told: Vec<String>,
}

impl Compiled {
    fn of(folder: &Folder, catalogue: Catalogue, findings: &Findings) -> Self {
        let prefix = format!("{}/", folder.path().display());
        let place = |finding: &Finding| {
            let path = finding.source.path.replace(&prefix, "");
            let at = finding.source.position(finding.span.unwrap_or_default().start);
            format!("{path}:{}:{} {} {}", at.line, at.column, finding.severity.name(), finding.code.code())
        };
        let told = |finding: &Finding| text(finding, Style::Plain).replace(&prefix, "");
        Self {
            catalogue,
            places: findings.iter().map(place).collect(),
            told: findings.iter().map(told).collect(),
        }
    }
}

fn compiled(files: &[(&str, &str)]) -> Compiled {
    let folder = Folder::with(files);
    let compiled = compile(folder.path(), &|_| None).unwrap();
    Compiled::of(&folder, compiled.catalogue, &compiled.findings)
}

const CRM: &str = r#"
upstream: crm
base_url: http://127.0.0.1:9
operations:
  by_phone: { args: { phone: { required: true } }, get: /p, query: { phone: "{{ phone }}" } }
  by_email: { args: { email: { required: true } }, get: /e, query: { email: "{{ email }}" } }
  by_account:
    args: { kind: { required: true }, id: { required: true } }
    get: /a
    query: { kind: "{{ kind }}", id: "{{ id }}" }
  orders: { args: { id: { required: true }, most: int }, get: "/orders/{{ id }}", query: { most: "{{ most }}" } }
  add_note: { args: { text: { required: true } }, post: /n, effect: write, json: { text: "{{ text }}" } }
"#;

/// The findings of one node file, on this CRM, as `line:column severity code`.
fn places(node: &str) -> Vec<String> {
    let compiled = compiled(&[("upstreams/crm.yaml", CRM), ("nodes/n.yaml", node)]);
    let places = compiled.places.iter();
    places.map(|place| place.strip_prefix("nodes/n.yaml:").unwrap_or(place).to_owned()).collect()
}

/// The same as people read them.
fn told(node: &str) -> Vec<String> {
    compiled(&[("upstreams/crm.yaml", CRM), ("nodes/n.yaml", node)]).told
}

const MISTAKES: &str = r#"node: 2nd caller
budget_ms: 9000
methods: [get, put]
access: { header: X-Key, networks: [10.0.0.0/99] }
inputs:
  tel: { type: phone }
  email: emial
  record: text
  id: { type: account, kinds: [a, a, { b: "(" }] }
  key: { type: text, default: 0, aliases: [tel] }
  spare: text
lokup: []
lookup:
  - { by: tel, call: crm.by_phone, forms: ["last:8", e164, e614] }
  - { by: mail, call: crm.by_email }
  - { by: key, call: crm.by_email }
  - { by: email, call: crm.by_mail }
  - { by: email, call: crm.add_note }
  - { by: id, call: crm.by_account, args: { kid: "{{ kind }}" } }
pick: newest
then:
  - { as: orders, call: crm.orders, args: { id: "{{ recrod.id }}", most: few } }
  - { as: my-points, call: crm.orders, args: { id: "{{ record.id }}" } }
do: { call: crm.orders, args: { id: "1" }, when: "key = '1'" }
outputs:
  name: $.name
  tier: { path: $.tier }
  vip: { path: $.vip, type: int, default: "0" }
  error: { value: x }
  key: { path: $.key, default: "" }
  both: { text: "{{ key }}", default: "" }
  a: { text: "{{ b }}", default: "" }
  b: { text: "{{ a }}", default: "" }
  n: { path: "$.tags[", take: all, default: "" }
  t: { text: "{{ tier | uper }}", default: "" }
  w: { path: $.a, text: x, default: "" }
  points: { path: $.points, from: my-points, default: "" }
  joined: { path: "$.n[*]", join: ",", type: int, default: 0 }
  late: { path: $.a, default: "", default_on: { timout: "" } }
  choice: { choose: [ { value: a }, { value: b } ] }
  odd: { path: $.a, default: 007 }
null_on: [found]
dialect: { template: "<a>{{ outputs.nmae }}</a>", content_type: xml }
examples:
  - name: one
    send: { tell: "1" }
    upstream: { crm.order: {} }
    answer: { nmae: x }
"#;

#[test]
fn all_mistakes_of_a_file_are_told_at_once_each_where_it_is() {
    assert_eq!(
        places(MISTAKES),
        [
            "1:7 error bad-name",
            "2:12 error out-of-range",
            "3:16 error unknown-word",
            "4:19 error missing-key",
            "4:37 error bad-network",
            "6:8 error missing-region",
            "7:10 error unknown-word",
            "8:3 error reserved-name",
            "9:35 error duplicate-kind",
            "9:43 error bad-shape",
            "10:31 error not-text",
            "10:44 error shadowed-input",
            "12:1 error unknown-key",
            "14:54 error form-order",
            "14:60 error bad-form",
            "15:11 error unknown-input",
            "16:11 error names-nobody",
            "17:24 error unknown-operation",
            "18:24 error wrong-effect",
            "19:21 error missing-argument",
            "19:45 error unknown-argument",
            "20:7 error unknown-word",
            "22:53 error unknown-variable",
            "22:74 error value-type",
            "23:11 error bad-name",
            "24:13 error wrong-effect",
            "24:55 error wrong-operator",
            "26:3 error missing-default",
            "27:3 error missing-default",
            "28:43 error value-type",
            "29:3 error reserved-name",
            "31:21 error ambiguous-name",
            "32:3 error cycle",
            "34:21 error path-syntax",
            "34:31 error unknown-word",
            "35:25 error unknown-filter",
            "36:19 error keys-clash",
            "38:46 error join-type",
            "39:49 error unknown-outcome",
            "40:23 error unreachable-choice",
            "41:30 error not-text",
            "42:11 error unknown-word",
            "43:29 error unknown-variable",
            "43:65 error bad-media-type",
            "46:13 warning unknown-input",
            "47:17 error unknown-operation",
            "48:15 error unknown-output",
        ]
    );
}

#[test]
fn a_finding_shows_its_line_and_says_what_is_allowed_instead() {
    let told = told(MISTAKES);
    let about = |code: &str, place: &str| {
        let place = format!("nodes/n.yaml:{place}\n");
        told.iter()
            .find(|told| told.contains(&format!("[{code}]")) && told.contains(&place))
            .unwrap()
            .as_str()
    };
    assert_eq!(
        about("out-of-range", "2:12"),
        "\
error[out-of-range]: `budget_ms` must be from 50 to 4500 ms, not 9000
 --> nodes/n.yaml:2:12
  |
2 | budget_ms: 9000
  |            ^^^^
  |
  = help: write a whole number from 50 to 4500 ms"
    );
    assert_eq!(
        about("bad-shape", "9:43"),
        "\
error[bad-shape]: the shape of `b` is no regular expression: unclosed group
 --> nodes/n.yaml:9:43
  |
9 |   id: { type: account, kinds: [a, a, { b: \"(\" }] }
  |                                           ^^^
  |
  = help: a shape is a regular expression for the whole id: \"U[0-9a-f]{32}\""
    );
    assert_eq!(
        about("form-order", "14:54"),
        "\
error[form-order]: the strict form `e164` stands behind a loose one
  --> nodes/n.yaml:14:54
   |
14 |   - { by: tel, call: crm.by_phone, forms: [\"last:8\", e164, e614] }
   |                                                      ^^^^
   |
   = help: put strict forms first: a loose one may find another customer"
    );
    assert_eq!(
        about("unknown-variable", "22:53"),
        "\
error[unknown-variable]: there is no variable `recrod` here
  --> nodes/n.yaml:22:53
   |
22 |   - { as: orders, call: crm.orders, args: { id: \"{{ recrod.id }}\", most: few } }
   |                                                     ^^^^^^
   |
   = help: did you mean `record`?"
    );
    assert_eq!(
        about("missing-default", "26:3"),
        "\
error[missing-default]: the output `name` has no value where nothing is found
  --> nodes/n.yaml:26:3
   |
26 |   name: $.name
   |   ^^^^
   |
   = help: write `name: { path: $.name, default: \"\" }`"
    );
    assert_eq!(
        about("ambiguous-name", "31:21"),
        "\
error[ambiguous-name]: `key` is both an input and an output
  --> nodes/n.yaml:31:21
   |
31 |   both: { text: \"{{ key }}\", default: \"\" }
   |                     ^^^
   |
   = help: write `inputs.key` or `outputs.key`"
    );
    assert_eq!(
        about("cycle", "32:3"),
        "\
error[cycle]: these outputs read each other: `a` → `b`
  --> nodes/n.yaml:32:3
   |
32 |   a: { text: \"{{ b }}\", default: \"\" }
   |   ^
   |
   = help: an output can read only what can be made before it"
    );
}

#[test]
fn what_follows_from_a_mistake_is_not_told_again() {
    let cases = [
        // An input with a mistake is still the input that steps and templates name.
        (
            "inputs: { tel: { type: phone, region: XX } }\nlookup: { by: tel, call: crm.by_phone }",
            "2:39 error bad-region",
        ),
        (
            "inputs: { tel: { type: phone, region_from: c }, c: text }\nlookup: { by: tel, call: crm.by_phone }",
            "2:16 error missing-region",
        ),
        // An operation that is not there leaves its step's input used, and its arguments read.
        (
            "inputs: { tel: { type: phone, region: SG } }\nlookup: { by: tel, call: crm.nobody }",
            "3:26 error unknown-operation",
        ),
        (
            "inputs: { key: text }\nlookup: { call: crm.nobody, args: { text: \"{{ key }}\" } }",
            "3:17 error unknown-operation",
        ),
        // An input that is not there lacks no argument.
        ("lookup: { by: tel, call: crm.by_phone }", "2:15 error unknown-input"),
        // An argument with a mistake is given.
        ("lookup: { call: crm.orders, args: { id: \"{{ recrod }}\" } }", "2:45 error unknown-variable"),
        // A read with a mistake is still there to be read.
        (
            "lookup: { call: crm.orders, args: { id: a } }\nthen: { as: x, call: crm.nobody, args: { id: b } }",
            "3:22 error unknown-operation",
        ),
        (
            "lookup: { call: crm.orders, args: { id: a } }\nthen: { as: x, call: crm.orders, args: { id: b }, pick: oldest }",
            "3:57 error unknown-word",
        ),
    ];
    for (lines, expected) in cases {
        let reads = if lines.contains("as: x") { "{ path: $.a, from: x, default: '' }" } else { "'1'" };
        assert_eq!(places(&format!("node: n\n{lines}\noutputs: {{ o: {reads} }}\n")), [expected], "{lines}");
    }
}

#[test]
fn a_template_where_a_constant_stands_and_a_header_that_cannot_be_are_told() {
    let node = "\
node: n
access: { header: 'X Key', keys: ['${secret:KEY}'] }
inputs: { site: { type: text, header: 'X-Site:', default: '{{ now }}' } }
outputs:
  a: '{{ site }}'
  b: { value: 'x {{ site }}' }
  c: { text: '{{ site }}', default: '{{ inputs.site }}' }
";
    assert_eq!(
        places(node),
        [
            "2:19 error bad-header",
            "2:36 note unset-variable",
            "3:39 error bad-header",
            "3:60 warning braces-in-constant",
            "5:7 warning braces-in-constant",
            "6:18 warning braces-in-constant",
            "7:38 warning braces-in-constant",
        ]
    );
}

#[test]
fn a_name_that_no_variable_has_is_told_wherever_it_is_read() {
    let head = "node: n\ninputs: { tel: { type: phone, region: SG }, id: { type: account, kinds: [a] } }\n";
    let by_id = "args: { kind: \"{{ kind }}\", id: \"{{ id }}\" }";
    for (lines, expected) in [
        // Only an account has kinds, and no step knows its kind before it is asked.
        (
            "lookup: [{ by: id, call: crm.by_account, ARGS }, { by: tel, call: crm.orders, args: { id: '{{ kind }}' } }]",
            vec!["3:135 error unknown-variable"],
        ),
        (
            "lookup: [{ by: id, call: crm.by_account, ARGS, when: kind == 'a' }, { by: tel, call: crm.by_phone }]",
            vec!["3:94 error unknown-variable"],
        ),
        // A read runs before the write, and the write does not read itself.
        (
            "lookup: [{ by: id, call: crm.by_account, ARGS }, { by: tel, call: crm.by_phone }]\n\
             then: { as: x, call: crm.orders, args: { id: '{{ answer.id }}' } }\n\
             do: { call: crm.add_note, args: { text: '{{ answer.text }}' } }",
            vec!["4:50 error unknown-variable", "5:45 error unknown-variable"],
        ),
        // Nor do reads go in a circle.
        (
            "lookup: [{ by: id, call: crm.by_account, ARGS }, { by: tel, call: crm.by_phone }]\n\
             then:\n- { as: x, call: crm.orders, args: { id: '{{ y.id }}' } }\n- { as: y, call: crm.orders, args: { id: '{{ x.id }}' } }",
            vec!["4:1 error cycle"],
        ),
    ] {
        let lines = lines.replace("ARGS", by_id);
        assert_eq!(places(&format!("{head}{lines}\noutputs: {{ o: '1' }}\n")), expected, "{lines}");
    }
}

#[test]
fn what_a_write_is_once_by_is_something_of_the_call() {
    let head =
        "node: n\ninputs: { tel: { type: phone, region: SG } }\nlookup: { by: tel, call: crm.by_phone }\n";
    for (once, expected) in [
        ("{ by: '{{ tel }}' }", vec![]),
        ("{ by: ['{{ record.id }}', fixed], keep_sec: 60 }", vec![]),
        ("{ keep_sec: 60 }", vec!["missing-key"]),
        ("{ by: [fixed] }", vec!["value-type"]),
        ("{ by: [] }", vec!["value-type"]),
        ("{ by: ['{{ tel }}', '{{ now }}'] }", vec!["value-type"]),
        ("{ by: '{{ tell }}' }", vec!["unknown-variable"]),
        ("{ by: '{{ tel }}', keep_sec: 0 }", vec!["out-of-range"]),
        ("{ by: '{{ tel }}', keep: 60 }", vec!["unknown-key"]),
    ] {
        let text = format!(
            "{head}do: {{ call: crm.add_note, args: {{ text: x }}, once: {once} }}\noutputs: {{ o: '1' }}\n"
        );
        let codes: Vec<String> =
            places(&text).iter().filter_map(|place| Some(place.split(' ').nth(2)?.to_owned())).collect();
        assert_eq!(codes, expected, "{once}");
    }
}

/// The node of these lines, on this CRM.
fn node(lines: &str) -> Arc<Node> {
    let text = format!("node: n\ninputs: {{ tel: {{ type: phone, region: SG }} }}\n{lines}\n");
    let compiled = compiled(&[("upstreams/crm.yaml", CRM), ("nodes/n.yaml", &text)]);
    match compiled.catalogue.nodes.get("n") {
        Some(Slot::Ready(node)) => Arc::clone(node),
        _ => panic!("{lines}\n{}", compiled.told.join("\n")),
    }
}

#[test]
fn a_node_has_the_times_and_ways_that_the_page_says_where_it_says_none_itself() {
    let lookup = "lookup: { by: tel, call: crm.by_phone }\noutputs: { o: { path: $.o, default: '' } }";
    let plain = node(lookup);
    let millis = Duration::from_millis;
    assert_eq!((plain.budget, plain.least), (millis(1800), millis(30)));
    assert_eq!(plain.lookup[0].ask.operation.timeout, millis(1000));
    assert!(plain.cache.is_none() && plain.methods.get && plain.methods.post);
    assert!(matches!(plain.lookup[0].ask.pick, Pick::First));

    let own = node(&format!("budget_ms: 4500\nleast_ms: 1000\n{lookup}"));
    assert_eq!((own.budget, own.least), (millis(4500), millis(1000)));
    let lives = |cache: &str| {
        let lives = node(&format!("cache: {{ {cache} }}\n{lookup}")).cache.unwrap();
        [lives.fresh, lives.stale, lives.not_found].map(|life| life.as_secs())
    };
    assert_eq!(lives("fresh_sec: 300"), [300, 0, 30]);
    assert_eq!(lives("fresh_sec: 10"), [10, 0, 10]);
    assert_eq!(lives("fresh_sec: 300, stale_sec: 3600, not_found_sec: 60"), [300, 3600, 60]);
}

#[test]
fn replies_are_kept_of_nodes_whose_answer_changes_only_with_what_is_kept() {
    let cache = "cache: { fresh_sec: 300 }";
    let lookup = "lookup: { by: tel, call: crm.by_phone }";
    let outputs = "outputs: { o: { path: $.o, default: '' } }";
    let say = |text: &str| format!("outputs: {{ o: {{ text: \"{text}\", default: '' }} }}");
    let then = |args: &str| {
        format!(
            "then: {{ as: x, call: crm.orders, args: {{ {args} }} }}\noutputs: {{ o: {{ path: $.o, from: x, default: '' }} }}"
        )
    };
    for (lines, is_kept) in [
        (format!("{cache}\n{lookup}\n{outputs}"), true),
        (format!("{cache}\n{lookup}\n{}", say("{{ tel }} {{ record.o }}")), true),
        (format!("{cache}\n{lookup}\n{}", then("id: '{{ record.id }}'")), true),
        (format!("{lookup}\n{outputs}"), false),
        (format!("{cache}\n{lookup}\n{}", say("{{ now }}")), false),
        (
            format!(
                "{cache}\n{lookup}\n{}",
                say("{{ record.list | weekly(at=now, zone='Asia/Singapore', day='d', from='f', to='t') }}")
            ),
            false,
        ),
        (format!("{cache}\n{lookup}\n{}", then("id: '{{ now }}'")), false),
        (format!("{cache}\nlookup: {{ by: tel, call: crm.by_phone, when: 'now > 5' }}\n{outputs}"), false),
        (format!("{cache}\n{lookup}\ndo: {{ call: crm.add_note, args: {{ text: x }} }}\n{outputs}"), false),
        (
            format!(
                "{cache}\n{lookup}\nthen: {{ as: x, call: crm.orders, args: {{ id: '1' }}, when: 'now > 5' }}\noutputs: {{ o: {{ path: $.o, from: x, default: '' }} }}"
            ),
            false,
        ),
    ] {
        assert_eq!(node(&lines).keeps_replies, is_kept, "{lines}");
    }
}

#[test]
fn a_number_that_should_have_been_text_is_a_finding_and_never_a_guess() {
    for (output, column, code) in [
        ("{ value: 0138 }", 21, "not-text"),
        ("{ path: $.a, default: 0 }", 34, "not-text"),
        ("{ path: $.a, default: true }", 34, "not-text"),
        ("{ path: $.a, default: '', values: { a: 1 } }", 51, "not-text"),
        ("{ path: $.a, type: int, default: '0' }", 45, "value-type"),
        ("{ path: $.a, type: int, default: 1.5 }", 45, "value-type"),
        ("{ path: $.a, type: bool, default: yes }", 46, "value-type"),
        ("{ path: $.a, type: int, default: 0, default_on: { timeout: x } }", 71, "value-type"),
        ("{ choose: [ { value: 1 } ] }", 33, "not-text"),
        ("7", 12, "not-text"),
    ] {
        let found = places(&format!("node: n\noutputs: {{ o: {output} }}\n"));
        let column = column + 3;
        assert_eq!(found, [format!("2:{column} error {code}")], "{output}");
    }
}

#[test]
fn a_template_in_a_file_of_its_own_has_its_mistakes_told_there() {
    let node = "node: n\noutputs: { name: x }\n\
                dialect: { content_type: application/xml, template: { file: answers/n.xml } }\n";
    let template = "<a>\n  <b>{{ outputs.nmae }}</b>{{ outcome }}{{ error }}\n</a>\n";
    let wrong = compiled(&[("nodes/n.yaml", node), ("nodes/answers/n.xml", template)]);
    assert_eq!(wrong.places, ["nodes/answers/n.xml:2:9 error unknown-variable"]);
    assert!(wrong.told[0].ends_with("= help: did you mean `name`?"), "{}", wrong.told[0]);
    assert!(matches!(wrong.catalogue.nodes["n"], Slot::Broken(_)));
    let missing = compiled(&[("nodes/n.yaml", node), ("nodes/answers/m.xml", template)]);
    assert_eq!(missing.places, ["nodes/n.yaml:3:61 error file-missing"]);
}

const NODE: &str = "inputs: { tel: { type: phone, region: SG } }\nlookup: { by: tel, call: crm.by_phone }\n\
                    outputs: { name: { path: $.name, default: '-' } }\n";

#[test]
fn a_broken_upstream_breaks_its_nodes_without_a_word_about_them() {
    let crm = CRM.replace("get: /e,", "gett: /e,");
    let other = "upstream: erp\nbase_url: http://127.0.0.1:9\noperations: { get: { get: /x } }\n";
    let compiled = compiled(&[
        ("upstreams/crm.yaml", &crm),
        ("upstreams/erp.yaml", other),
        ("nodes/a.yaml", &format!("node: a\n{NODE}")),
        (
            "nodes/b.yaml",
            "node: b\nlookup: { call: erp.get }\noutputs: { name: { path: $.name, default: '-' } }\n",
        ),
    ]);
    assert!(
        compiled.places.iter().all(|place| place.starts_with("upstreams/crm.yaml:6:")),
        "{:?}",
        compiled.places
    );
    let Slot::Broken(why) = &compiled.catalogue.nodes["a"] else { panic!("`a` is in force") };
    assert!(why.contains("crm.by_phone"), "{why}");
    assert!(matches!(compiled.catalogue.nodes["b"], Slot::Ready(_)));
}

const HOOK: &str = "hook: h\nsecret: { header: X-S, value: '${secret:S}' }\n\
                    evict: { node: b, identifiers: { tel: $.phone } }\n";

#[test]
fn of_what_may_stand_in_a_file_that_cannot_be_read_nothing_is_told_but_the_cause() {
    let erp = "upstream: erp\nbase_url: http://127.0.0.1:9\noperations: { get: { get: /x } }\n";
    let asks = |name: &str, call: &str| format!("node: {name}\n{}", NODE.replace("crm.by_phone", call));
    let (a, b) = (asks("a", "crm.by_phone"), asks("b", "erp.gett"));
    let tab = CRM.replacen("  by_phone", "\tby_phone", 1);
    let nameless = CRM.replace("upstream: crm\n", "");
    let misspelt = CRM.replace("operations:", "operatoins:");
    let a_list = CRM.replace("upstream: crm\n", "- crm\n");
    for (crm, code) in [
        (tab.as_str(), "yaml-tab"),
        (&nameless, "missing-key"),
        (&misspelt, "unknown-key"),
        (&a_list, "yaml-indent"),
        ("", "empty"),
    ] {
        let compiled = compiled(&[
            ("upstreams/zcrm.yaml", crm),
            ("upstreams/erp.yaml", erp),
            ("nodes/a.yaml", &a),
            ("nodes/b.yaml", &b),
        ]);
        let told: Vec<&str> = compiled.places.iter().map(String::as_str).collect();
        let (own, others): (Vec<&str>, Vec<&str>) =
            told.iter().partition(|place| place.starts_with("upstreams/zcrm.yaml"));
        assert!(own.iter().any(|place| place.ends_with(code)), "{code}: {told:?}");
        assert_eq!(others, ["nodes/b.yaml:3:26 error unknown-operation"], "{code}");
        let Slot::Broken(why) = &compiled.catalogue.nodes["a"] else { panic!("{code}: `a` is in force") };
        assert!(why.contains("crm.by_phone"), "{why}");
    }
    // Its name is known, so what is of no upstream at all is still told.
    let other = asks("a", "crn.by_phone");
    let compiled = compiled(&[("upstreams/crm.yaml", &tab), ("nodes/a.yaml", &other)]);
    assert_eq!(compiled.places[1..], ["nodes/a.yaml:3:26 error unknown-operation"]);
}

#[test]
fn a_node_that_cannot_be_read_is_no_unknown_node_to_a_hook() {
    let nodes = [
        ("nodes/b.yaml", "node: b\noutputs:\n\tx: '1'\n", 1),
        ("nodes/b.yaml", "about: b\noutputs: { x: '1' }\n", 1),
        ("nodes/b.yaml", "", 1),
        ("upstreams/b.yaml", "node: b\noutputs: { x: '1' }\n", 1),
        // That one says whose it is, and it is not the hook's.
        ("nodes/b.yaml", "node: c\noutputs:\n\tx: '1'\n", 2),
    ];
    for (path, text, count) in nodes {
        let files =
            [(path, text), ("hooks/a.yaml", HOOK), ("nodes/z.yaml", "node: z\noutputs: { x: '1' }\n")];
        let compiled = compiled(&files);
        let errors: Vec<&String> = compiled.places.iter().filter(|place| place.contains(" error ")).collect();
        assert_eq!(errors.len(), count, "{text}: {errors:?}");
        assert!(errors[0].starts_with(path), "the cause stands first: {errors:?}");
    }
}

#[test]
fn an_upstream_in_the_folder_of_nodes_is_told_once() {
    let compiled = compiled(&[("nodes/crm.yaml", CRM), ("nodes/a.yaml", &format!("node: a\n{NODE}"))]);
    assert_eq!(compiled.places, ["nodes/crm.yaml:2:1 error wrong-folder"]);
}

#[test]
fn a_name_can_be_declared_in_one_file_only() {
    let node = format!("node: n\n{NODE}");
    let compiled = compiled(&[
        ("upstreams/a.yaml", CRM),
        (
            "upstreams/b.yaml",
            "upstream: crm\nbase_url: http://127.0.0.1:9\noperations: { get: { get: /x } }\n",
        ),
        ("nodes/a.yaml", &node),
        ("nodes/b.yml", &node),
    ]);
    assert_eq!(
        compiled.places,
        ["nodes/b.yml:1:7 error duplicate-name", "upstreams/b.yaml:1:11 error duplicate-name"]
    );
    assert!(compiled.told[0].contains("nodes/a.yaml already"), "{}", compiled.told[0]);
}

#[test]
fn a_file_in_the_wrong_folder_is_told_to_move_and_nothing_else() {
    let compiled = compiled(&[("nodes/crm.yaml", CRM), ("upstreams/n.yaml", "node: n\noutputs: { a: x }\n")]);
    assert_eq!(
        compiled.places,
        ["nodes/crm.yaml:2:1 error wrong-folder", "upstreams/n.yaml:1:1 error wrong-folder"]
    );
    assert!(compiled.told[0].contains("move it to the folder `upstreams`"), "{}", compiled.told[0]);
}

#[test]
fn a_key_that_stands_twice_and_a_file_that_is_no_node_are_findings() {
    assert_eq!(places("node: n\noutputs: { a: x, a: y }\n"), ["2:18 error duplicate-key"]);
    assert_eq!(places("outputs: { a: x }\n"), ["1:1 error missing-key"]);
    assert_eq!(places("node: n\n"), ["1:1 error missing-key"]);
    assert_eq!(places("- node: n\n"), ["1:1 error wrong-kind"]);
}

#[tokio::test]
async fn a_failing_example_keeps_its_node_out_of_force_and_is_told_at_the_value() {
    let folder = Folder::with(&[
        ("upstreams/crm.yaml", CRM),
        (
            "nodes/a.yaml",
            &format!(
                "node: a\n{NODE}examples:\n  - name: Ada calls\n    send: {{ tel: \"91234567\" }}\n    \
                 upstream: {{ crm.by_phone: {{ name: Ada }} }}\n    outcome: found\n    answer: {{ name: Bob }}\n"
            ),
        ),
        (
            "nodes/b.yaml",
            &format!(
                "node: b\n{NODE}examples:\n  - name: nobody calls\n    send: {{ tel: anonymous }}\n    outcome: not_found\n  \
                 - name: nothing is said\n    send: {{ tel: \"91234567\" }}\n"
            ),
        ),
        ("nodes/c.yaml", &format!("node: c\n{NODE}")),
    ]);
    let loaded = app::load(folder.path(), |_| None).await.unwrap();
    let compiled = Compiled::of(&folder, loaded.catalogue, &loaded.findings);
    assert_eq!(
        compiled.places,
        [
            "nodes/a.yaml:10:21 error example-failed",
            "nodes/b.yaml:6:11 error example-failed",
            "nodes/b.yaml:9:11 error example-unanswered",
        ]
    );
    assert_eq!(
        compiled.told[0],
        "\
error[example-failed]: example `Ada calls`: `name` is \"Ada\", not \"Bob\"
  --> nodes/a.yaml:10:21
   |
10 |     answer: { name: Bob }
   |                     ^^^"
    );
    let in_force = |name: &str| matches!(compiled.catalogue.nodes[name], Slot::Ready(_));
    assert_eq!((in_force("a"), in_force("b"), in_force("c")), (false, false, true));
}
