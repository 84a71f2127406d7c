//! What a node answers: each option of an output, each default, each dialect.

use std::time::Duration;

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::upstream::{Asked, Reaction, Upstream};
use crate::wire::Said;

const CRM: &str = "
upstream: crm
base_url: ${CRM_URL}
operations:
  customer: { args: { phone: { required: true } }, get: '/customers/{{ phone }}', timeout_ms: 800 }
  all: { args: { phone: { required: true } }, get: '/customers/{{ phone }}', records: '$[*]', timeout_ms: 800 }
  points: { args: { id: { required: true } }, get: '/points/{{ id }}', timeout_ms: 800 }
";

/// A node on this CRM: what a test says of it, behind its name and its phone number.
fn start(node: &str, crm: &Upstream) -> Gateway {
    let node = format!("node: n\ninputs:\n  tel: {{ type: phone, region: SG }}\n{node}");
    let mappings = [("upstreams/crm.yaml", CRM), ("nodes/n.yaml", &node)];
    Gateway::start_with(&mappings, &[], &[("CRM_URL", &crm.url())])
}

/// What a node with these outputs answers where the CRM holds this record. Outputs are written as in a file.
fn answer(record: &Value, outputs: &str) -> Said {
    answer_of(record, &format!("lookup: {{ by: tel, call: crm.customer }}\noutputs:\n{outputs}"))
}

fn answer_of(record: &Value, node: &str) -> Said {
    let record = record.clone();
    let crm = Upstream::start(move |_| Reaction::json(&record));
    let gateway = start(node, &crm);
    let said = gateway.get("/nodes/n?tel=91234567");
    assert_eq!(said.status, 200, "{}\n{}", said.text(), gateway.log());
    said
}

/// The literal digits of a number are kept: they are read from text.
fn record(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A CRM that reacts to the number it is asked for as one that is well, ill, slow …
fn moody(asked: &Asked) -> Reaction {
    match asked.target.rsplit('/').next().unwrap() {
        "%2B6591110001" => Reaction::json(&json!({ "id": 1, "tier": "gold" })),
        "%2B6591110002" => Reaction::json(&json!({ "id": 2, "tier": null })),
        "%2B6591110003" => Reaction::json(&json!([{ "id": 3 }, { "id": 4 }])),
        "%2B6591110004" => Reaction::Silence,
        "%2B6591110005" => Reaction::status(500, &json!(null)),
        "%2B6591110006" => Reaction::status(429, &json!(null)),
        _ => Reaction::status(404, &json!(null)),
    }
}

#[test]
fn a_path_gives_what_stands_there_and_else_the_default() {
    let said = answer(
        &json!({
            "name": "Lim Mei Ling",
            "profile": { "tier": "gold", "none": null, "empty": "" },
            "tags": ["vip", "golf"],
            "any name": { "ä.b": "found" },
            "orders": [{ "no": "A-1" }, { "no": "A-2" }],
        }),
        r#"
  top: { path: $.name, default: "-" }
  nested: { path: $.profile.tier, default: "-" }
  missing: { path: $.profile.city.name, default: "-" }
  "null": { path: $.profile.none, default: "-" }
  empty: { path: $.profile.empty, default: "-" }
  object: { path: $.profile, default: "-" }
  list: { path: $.tags, default: "-" }
  item: { path: "$.tags[1]", default: "-" }
  last: { path: "$.orders[-1].no", default: "-" }
  beyond: { path: "$.tags[7]", default: "-" }
  quoted: { path: "$['any name']['ä.b']", default: "-" }
  filter: { path: "$.orders[?@.no == 'A-2'].no", default: "-" }
  deep: { path: $..tier, default: "-" }
"#,
    );
    assert_eq!(
        said.json(),
        json!({
            "top": "Lim Mei Ling", "nested": "gold", "missing": "-", "null": "-", "empty": "", "object": "-",
            "list": "vip", "item": "golf", "last": "A-2", "beyond": "-", "quoted": "found", "filter": "A-2",
            "deep": "gold",
        })
    );
}

#[test]
fn a_text_has_values_in_it_and_is_the_default_where_one_is_missing() {
    let said = answer(
        &json!({ "name": "Ada", "title": null, "tags": ["a", "b"], "vip": true, "n": 1.50 }),
        r#"
  hello: { text: "Hello {{ record.name }}!", default: Hello }
  missing: { text: "Hello {{ record.nick }}!", default: Hello }
  "null": { text: "{{ record.title }} Ada", default: Hello }
  bare: { text: "{{ record.name }}", default: Hello }
  bare_missing: { text: "{{ record.nick }}", default: Hello }
  fallback: { text: "Hello {{ record.nick or 'you' }}", default: Hello }
  deep: { text: "{{ record.profile?.nick or 'you' }}", default: Hello }
  filter: { text: "{{ record.name | upper }}", default: "" }
  either: { text: "{% if record.vip %}VIP{% else %}guest{% endif %}", default: "" }
  each: { text: "{% for tag in record.tags %}{{ tag }};{% endfor %}", default: "" }
  input: { text: "{{ tel }} {{ inputs.tel }}", default: "" }
  literal: { text: "1 < 2 & \"so\" on" }
  number: { text: "{{ 6 * 7 }}", type: int, default: 0 }
  word: { text: "{{ record.name }}", type: int, default: -1 }
"#,
    );
    assert_eq!(
        said.json(),
        json!({
            "hello": "Hello Ada!", "missing": "Hello", "null": "Hello", "bare": "Ada", "bare_missing": "Hello",
            "fallback": "Hello you", "deep": "you", "filter": "ADA", "either": "VIP", "each": "a;b;",
            "input": "+6591234567 +6591234567", "literal": "1 < 2 & \"so\" on", "number": 42, "word": -1,
        })
    );
}

#[test]
fn a_table_of_values_compares_by_canonical_text() {
    let values =
        r#"values: { true: "yes", 1: "one", 2.50: "half", gold: "G", "007": "James" }, default: none"#;
    let outputs: String = ["t", "ts", "i", "is", "f", "h", "g", "gs", "z", "w", "m", "n", "l", "o"]
        .iter()
        .map(|name| format!("  {name}: {{ path: $.{name}, {values} }}\n"))
        .collect();
    let said = answer(
        &record(
            r#"{ "t": true, "ts": "true", "i": 1, "is": "1", "f": 1.0, "h": 2.5, "g": "gold", "gs": " gold ",
                 "z": "007", "w": 7, "m": "Gold", "n": null, "l": [["gold"]], "o": {} }"#,
        ),
        &outputs,
    );
    assert_eq!(
        said.json(),
        json!({
            "t": "yes", "ts": "yes", "i": "one", "is": "one", "f": "one", "h": "half", "g": "G", "gs": "G",
            "z": "James", "w": "none", "m": "none", "n": "none", "l": "none", "o": "none",
        })
    );
}

#[test]
fn a_table_of_values_maps_text_choice_and_outcome_too() {
    let said = answer(
        &json!({ "tier": "gold", "score": 700 }),
        r#"
  from_text: { text: "{{ record.tier }}-{{ record.score }}", values: { gold-700: 1 }, type: int, default: 0 }
  from_choice:
    choose: [ { when: record.score > 500, value: high }, { value: low } ]
    values: { high: true, low: false }
    type: bool
    default: false
  from_outcome: { outcome: true, values: { found: 1, not_found: 2 }, type: int, default: 0 }
  to_int: { path: $.tier, type: int, values: { silver: 1, gold: 2 }, default: 0 }
"#,
    );
    assert_eq!(said.text(), r#"{"from_text":1,"from_choice":true,"from_outcome":1,"to_int":2}"#);
}

#[test]
fn the_first_choice_whose_condition_is_true_is_taken() {
    let said = answer(
        &json!({ "name": "Ada", "score": 700, "tags": ["vip"] }),
        r#"
  by_record: { choose: [ { when: record.score > 800, value: top }, { when: record.score > 500, value: good }, { value: low } ] }
  by_input: { choose: [ { when: "tel is starting_with(pat='+65')", value: SG }, { value: abroad } ] }
  by_output: { choose: [ { when: by_input == 'SG' and by_record == 'good', value: both }, { value: not } ] }
  by_outcome: { choose: [ { when: outcome == 'found', value: known }, { value: new } ] }
  by_list: { choose: [ { when: "'vip' in record.tags", value: VIP }, { value: guest } ] }
  unknowable: { choose: [ { when: record.profile.tier == 'gold', value: gold }, { value: none } ] }
  missing: { choose: [ { when: record.tier == 'gold', value: gold }, { when: not record.tier, value: unset } ], default: x }
  templated: { choose: [ { when: record.name, value: "Hello {{ record.name }}" }, { value: Hello } ], default: "" }
  failing: { choose: [ { when: record.name, value: "Hello {{ record.nick }}" }, { value: Hello } ], default: "?" }
  nobody: { choose: [ { when: record.score < 0, value: x } ], default: none }
  number: { choose: [ { when: record.score > 500, value: 1 }, { value: 2 } ], type: int }
"#,
    );
    assert_eq!(
        said.json(),
        json!({
            "by_record": "good", "by_input": "SG", "by_output": "both", "by_outcome": "known", "by_list": "VIP",
            "unknowable": "none", "missing": "unset", "templated": "Hello Ada", "failing": "?",
            "nobody": "none", "number": 1,
        })
    );
}

#[test]
fn a_value_is_answered_in_the_declared_type_or_as_the_default() {
    let kinds = [("s", "string", "'-'"), ("i", "int", "-1"), ("n", "number", "-1.5"), ("b", "bool", "false")];
    let fields = ["text", "digits", "zeros", "whole", "half", "huge", "yes", "one", "word", "list"];
    let outputs: String = kinds
        .iter()
        .flat_map(|(short, kind, default)| {
            fields.iter().map(move |field| {
                format!("  {short}_{field}: {{ path: $.{field}, type: {kind}, default: {default} }}\n")
            })
        })
        .collect();
    let said = answer(
        &record(
            r#"{ "text": "gold", "digits": "42", "zeros": "007", "whole": 42.0, "half": 1.50,
                 "huge": 12345678901234567890123, "yes": true, "one": 1, "word": "FALSE", "list": [["a"]] }"#,
        ),
        &outputs,
    );
    assert_eq!(
        said.text(),
        concat!(
            r#"{"s_text":"gold","s_digits":"42","s_zeros":"007","s_whole":"42.0","s_half":"1.50","#,
            r#""s_huge":"12345678901234567890123","s_yes":"true","s_one":"1","s_word":"FALSE","s_list":"-","#,
            r#""i_text":-1,"i_digits":42,"i_zeros":7,"i_whole":42,"i_half":-1,"#,
            r#""i_huge":12345678901234567890123,"i_yes":1,"i_one":1,"i_word":-1,"i_list":-1,"#,
            r#""n_text":-1.5,"n_digits":42,"n_zeros":7,"n_whole":42.0,"n_half":1.50,"#,
            r#""n_huge":12345678901234567890123,"n_yes":1,"n_one":1,"n_word":-1.5,"n_list":-1.5,"#,
            r#""b_text":false,"b_digits":false,"b_zeros":false,"b_whole":false,"b_half":false,"#,
            r#""b_huge":false,"b_yes":true,"b_one":true,"b_word":false,"b_list":false}"#,
        )
    );
}

#[test]
fn of_several_values_one_counts_or_all_in_a_row_or_how_many() {
    let said = answer(
        &json!({
            "tags": [{ "name": "golf", "n": 1 }, { "name": null }, { "name": "sailing", "n": 2 }, { "n": 3 }],
            "plain": ["a", 1, true, null, ["x"], {}],
            "one": "solo",
            "none": [],
            "null": null,
        }),
        r#"
  first: { path: "$.tags[*].n", type: int, default: 0 }
  last: { path: "$.tags[*].n", take: last, type: int, default: 0 }
  last_text: { path: "$.tags[*].name", take: last, default: "-" }
  joined: { path: "$.tags[*].name", join: ", ", default: "-" }
  joined_list: { path: $.plain, join: "|", default: "-" }
  joined_one: { path: $.one, join: ", ", default: "-" }
  joined_values: { path: "$.tags[*].n", join: "+", values: { 1: one, 3: three }, default: "-" }
  joined_nothing: { path: "$.none[*]", join: ", ", default: "-" }
  joined_unknown: { path: "$.tags[*].n", join: "+", values: { 9: nine }, default: "-" }
  count: { path: "$.tags[*]", take: count, default: -1 }
  count_filter: { path: "$.tags[?@.n > 1]", take: count, default: -1 }
  count_list: { path: $.tags, take: count, default: -1 }
  count_none: { path: $.none, take: count, default: -1 }
  count_missing: { path: $.nowhere, take: count, default: -1 }
  count_null: { path: $.null, take: count, default: -1 }
  count_text: { path: "$.tags[*]", take: count, type: string, default: "-" }
  count_values: { path: "$.tags[*]", take: count, type: bool, values: { 0: false, 4: true }, default: false }
"#,
    );
    assert_eq!(
        said.json(),
        json!({
            "first": 1, "last": 3, "last_text": "sailing", "joined": "golf, sailing", "joined_list": "a|1|true",
            "joined_one": "solo", "joined_values": "one+three", "joined_nothing": "-", "joined_unknown": "-",
            "count": 4, "count_filter": 2, "count_list": 4, "count_none": 0, "count_missing": 0,
            "count_null": 0, "count_text": "4", "count_values": true,
        })
    );
}

#[test]
fn every_outcome_has_its_own_default_and_the_rest_the_common_one() {
    let crm = Upstream::start(moody);
    let gateway = start(
        r#"
lookup: { by: tel, call: crm.customer }
outputs:
  tier:
    path: $.tier
    default: other
    default_on: { found: blank, not_found: stranger, no_identifier: hidden, timeout: slow, error: down, overloaded: busy, bad_input: wrong }
  common: { path: $.tier, default: other }
"#,
        &crm,
    );
    for (tel, outcome, tier, common) in [
        ("91110001", "found", "gold", "gold"),
        ("91110002", "found", "blank", "other"),
        ("91110009", "not_found", "stranger", "other"),
        ("anonymous", "no_identifier", "hidden", "other"),
        ("", "no_identifier", "hidden", "other"),
        ("91110004", "timeout", "slow", "other"),
        ("91110005", "error", "down", "other"),
        ("91110006", "overloaded", "busy", "other"),
    ] {
        let said = gateway.get(&format!("/nodes/n?tel={tel}"));
        assert_eq!((said.status, said.header("x-datadip-outcome")), (200, outcome), "{tel}");
        assert_eq!(said.json(), json!({ "tier": tier, "common": common }), "{tel}");
    }
    let said = gateway.post_json("/nodes/n", "{");
    assert_eq!((said.status, said.header("x-datadip-outcome")), (400, "bad_input"));
    assert_eq!((&said.json()["tier"], &said.json()["common"]), (&json!("wrong"), &json!("other")));
}

#[test]
fn an_ambiguous_customer_has_a_default_of_her_own() {
    let crm = Upstream::start(moody);
    let gateway = start(
        "
lookup: { by: tel, call: crm.all, pick: only }
outputs: { id: { path: $.id, default: '-', default_on: { ambiguous: several } }, status: { outcome: true } }
",
        &crm,
    );
    let said = gateway.get("/nodes/n?tel=91110003");
    assert_eq!(said.json(), json!({ "id": "several", "status": "ambiguous" }));
}

#[test]
fn an_optional_output_is_left_out_unless_it_has_a_value_or_a_default_for_the_outcome() {
    let crm = Upstream::start(moody);
    let gateway = start(
        r#"
lookup: { by: tel, call: crm.customer }
outputs:
  tier: { path: $.tier, optional: true }
  seen: { path: $.seen, optional: true, default_on: { timeout: unknown } }
  "on": { value: "1" }
"#,
        &crm,
    );
    for (tel, body) in [
        ("91110001", r#"{"tier":"gold","on":"1"}"#),
        ("91110002", r#"{"on":"1"}"#),
        ("91110009", r#"{"on":"1"}"#),
        ("91110004", r#"{"seen":"unknown","on":"1"}"#),
    ] {
        assert_eq!(gateway.get(&format!("/nodes/n?tel={tel}")).text(), body, "{tel}");
    }
}

#[test]
fn the_whole_answer_is_null_where_the_node_says_so_and_else_holds_all_outputs() {
    let crm = Upstream::start(moody);
    let gateway = start(
        "
lookup: { by: tel, call: crm.customer }
null_on: [no_identifier, not_found, timeout]
outputs: { tier: { path: $.tier, default: '-' } }
",
        &crm,
    );
    for (tel, status, body) in [
        ("", 200, "null"),
        ("91110009", 200, "null"),
        ("91110004", 200, "null"),
        ("91110005", 200, r#"{"tier":"-"}"#),
        ("91110001", 200, r#"{"tier":"gold"}"#),
    ] {
        let said = gateway.get(&format!("/nodes/n?tel={tel}"));
        assert_eq!((said.status, said.text().as_str()), (status, body), "{tel}");
        assert_eq!(said.header("content-type"), "application/json");
    }
    assert_eq!(gateway.post_json("/nodes/n", "{").json()["tier"], "-");
}

#[test]
fn the_outcome_and_constants_are_always_there() {
    let crm = Upstream::start(moody);
    let gateway = start(
        "
lookup: { by: tel, call: crm.customer }
outputs:
  status: { outcome: true }
  short: QU_1
  long: { value: QU_2 }
  number: { value: 3, type: int }
  fraction: { value: 1.50, type: number }
  truth: { value: true, type: bool }
  literal: { text: as it is }
",
        &crm,
    );
    for (tel, outcome) in [("91110001", "found"), ("91110009", "not_found"), ("", "no_identifier")] {
        let rest =
            r#""short":"QU_1","long":"QU_2","number":3,"fraction":1.50,"truth":true,"literal":"as it is"}"#;
        let said = gateway.get(&format!("/nodes/n?tel={tel}"));
        assert_eq!(said.text(), format!(r#"{{"status":"{outcome}",{rest}"#));
    }
}

#[test]
fn outputs_read_each_other_in_any_order_and_stand_in_the_files_order() {
    let said = answer(
        &json!({ "name": "Ada", "vip": true, "open": 2 }),
        r#"
  queue: { choose: [ { when: isVip == '1' and open > 1, value: QU_VIP }, { value: QU } ] }
  greeting: { text: "Dear {{ outputs['客户 姓名'] }} ({{ queue }})", default: Dear }
  isVip: { path: $.vip, values: { true: "1" }, default: "2" }
  zero: { value: "0" }
  客户 姓名: { path: $.name, default: "" }
  open: { path: $.open, type: int, default: 0 }
  second: { text: "{{ greeting | upper }}", default: "" }
  unset: { text: "{{ left_out }}!", default: none }
  left_out: { path: $.nowhere, optional: true }
"#,
    );
    assert_eq!(
        said.text(),
        concat!(
            r#"{"queue":"QU_VIP","greeting":"Dear Ada (QU_VIP)","isVip":"1","zero":"0","客户 姓名":"Ada","#,
            r#""open":2,"second":"DEAR ADA (QU_VIP)","unset":"none"}"#,
        )
    );
}

#[test]
fn an_output_may_be_called_as_a_variable_is_and_reads_that_variable() {
    let said = answer(
        &json!({ "id": 7 }),
        r#"
  outcome: { choose: [ { when: outcome == 'found', value: "1" }, { value: "0" } ] }
  record: { text: "{{ record.id }}", default: "" }
  inputs: { text: "{{ inputs.tel }}", default: "" }
  both: { text: "{{ outputs.outcome }}{{ outputs.record }}", default: "" }
"#,
    );
    assert_eq!(said.text(), r#"{"outcome":"1","record":"7","inputs":"+6591234567","both":"17"}"#);
}

#[test]
fn an_output_may_be_called_as_the_read_it_is_made_of() {
    let points = json!({ "id": 7, "total": 12 });
    let said = answer_of(
        &points,
        "
lookup: { by: tel, call: crm.customer }
then: { as: points, call: crm.points, args: { id: '{{ record.id }}' } }
outputs: { points: { text: '{{ points.total }} points', default: none } }
",
    );
    assert_eq!(said.text(), r#"{"points":"12 points"}"#);
}

#[test]
fn names_may_be_of_any_script_with_spaces_dots_and_quotes() {
    let said = answer(
        &json!({ "name": "王小明" }),
        r#"
  客户姓名: { path: $.name, default: "" }
  Account manager: { value: Mei }
  a.b-c[0]: { value: x }
  'say "hi"': { value: 'a "b" \c' }
  "ключ=1&2": { value: "да" }
"#,
    );
    assert_eq!(
        said.text(),
        r#"{"客户姓名":"王小明","Account manager":"Mei","a.b-c[0]":"x","say \"hi\"":"a \"b\" \\c","ключ=1&2":"да"}"#
    );
    assert_eq!(said.header("content-type"), "application/json");
}

/// Outputs of every type, with all that an encoding could trip over.
const HARD: &str = r#"
lookup: { by: tel, call: crm.customer }
outputs:
  name: { path: $.name, default: nobody }
  客户 城市: { path: $.city, default: "" }
  vip: { path: $.vip, type: bool, default: false }
  n: { path: $.n, type: number, default: 0 }
  gone: { path: $.gone, optional: true }
"#;

fn hard() -> Value {
    record(r#"{ "name": "O'Neil & <Söhne> = \"100%\"+\n\\", "city": "北京", "vip": true, "n": 1.50 }"#)
}

#[test]
fn the_dialect_strings_answers_every_value_as_a_text() {
    let said = answer_of(&hard(), &format!("dialect: strings\n{HARD}"));
    assert_eq!(
        said.text(),
        r#"{"name":"O'Neil & <Söhne> = \"100%\"+\n\\","客户 城市":"北京","vip":"true","n":"1.50"}"#
    );
    assert_eq!(said.header("content-type"), "application/json");
}

#[test]
fn the_dialect_pairs_is_percent_encoded_and_survives_a_form_parser() {
    let said = answer_of(&hard(), &format!("dialect: pairs\n{HARD}"));
    assert_eq!(
        said.text(),
        concat!(
            "name=O%27Neil%20%26%20%3CS%C3%B6hne%3E%20%3D%20%22100%25%22%2B%0A%5C",
            "&%E5%AE%A2%E6%88%B7%20%E5%9F%8E%E5%B8%82=%E5%8C%97%E4%BA%AC&vip=true&n=1.50",
        )
    );
    assert_eq!(said.header("content-type"), "application/x-www-form-urlencoded");
    let parsed: Vec<(String, String)> = form_urlencoded::parse(&said.body).into_owned().collect();
    assert_eq!(parsed[0], ("name".to_owned(), "O'Neil & <Söhne> = \"100%\"+\n\\".to_owned()));
    assert_eq!(parsed[1], ("客户 城市".to_owned(), "北京".to_owned()));
}

#[test]
fn a_template_of_xml_escapes_values_and_not_its_own_text() {
    let dialect = r#"
dialect:
  content_type: application/xml; charset=utf-8
  template: "<a b='1' n=\"{{ outputs.name }}\"><c>{{ outputs['客户 城市'] }}</c>{% if outputs.vip %}<vip/>{% endif %}{{ outcome }}</a>"
"#;
    let said = answer_of(&hard(), &format!("{dialect}{HARD}"));
    assert_eq!(
        said.text(),
        "<a b='1' n=\"O&#39;Neil &amp; &lt;Söhne&gt; = &quot;100%&quot;+\n\\\"><c>北京</c><vip/>found</a>"
    );
    assert_eq!(said.header("content-type"), "application/xml; charset=utf-8");
}

#[test]
fn a_template_that_goes_through_all_outputs_finds_them_in_the_files_order() {
    let outputs: String = ["z", "客户", "b", "a", "10", "9", "m"].map(|n| format!("  \"{n}\": x\n")).concat();
    let template = "{% for name, value in outputs %}{{ name }}={{ value }};{% endfor %}";
    let node = format!(
        "lookup: {{ by: tel, call: crm.customer }}\n\
         dialect: {{ content_type: text/plain, template: '{template}' }}\noutputs:\n{outputs}"
    );
    assert_eq!(answer_of(&json!({}), &node).text(), "z=x;客户=x;b=x;a=x;10=x;9=x;m=x;");
}

#[test]
fn a_template_of_json_stands_in_a_file_and_escapes_for_a_json_string() {
    let record = hard();
    let crm = Upstream::start(move |_| Reaction::json(&record));
    let node = format!(
        "node: n\ninputs: {{ tel: {{ type: phone, region: SG }} }}\n\
         dialect: {{ content_type: application/vnd.x+json, template: {{ file: answers/n.json }} }}\n{HARD}"
    );
    let template = r#"{ "data": { "who": "{{ outputs.name }}", "vip": {{ outputs.vip }}, "n": {{ outputs.n }} }, "error": "{{ error }}" }"#;
    let mappings =
        [("upstreams/crm.yaml", CRM), ("nodes/n.yaml", node.as_str()), ("nodes/answers/n.json", template)];
    let gateway = Gateway::start_with(&mappings, &[], &[("CRM_URL", &crm.url())]);
    let said = gateway.get("/nodes/n?tel=91234567");
    assert_eq!(said.header("content-type"), "application/vnd.x+json");
    assert_eq!(
        said.json(),
        json!({ "data": { "who": "O'Neil & <Söhne> = \"100%\"+\n\\", "vip": true, "n": 1.5 }, "error": "" }),
    );
    let refused = gateway.post_json("/nodes/n", r#"{"tel": "#);
    assert_eq!((refused.status, &refused.json()["data"]["who"]), (400, &json!("nobody")));
    assert!(!refused.json()["error"].as_str().unwrap().is_empty());
}

#[test]
fn a_template_of_plain_text_is_not_escaped() {
    let dialect = "dialect: { content_type: text/plain, template: '{{ outputs.name }}|{{ outputs.n }}' }\n";
    let said = answer_of(&hard(), &format!("{dialect}{HARD}"));
    assert_eq!(said.text(), "O'Neil & <Söhne> = \"100%\"+\n\\|1.5");
    assert_eq!(said.header("content-type"), "text/plain");
}

#[test]
fn what_is_wrong_with_a_call_stands_in_the_nodes_own_dialect() {
    let crm = Upstream::start(moody);
    let refused = |dialect: &str| {
        let gateway = start(&format!("{dialect}\n{HARD}"), &crm);
        let said = gateway.post_json("/nodes/n", r#"{"tel": {"a": 1}}"#);
        assert_eq!(said.status, 400, "{}", said.text());
        said
    };
    for (dialect, defaults) in [
        ("dialect: json", json!({ "name": "nobody", "客户 城市": "", "vip": false, "n": 0 })),
        ("dialect: strings", json!({ "name": "nobody", "客户 城市": "", "vip": "false", "n": "0" })),
    ] {
        let mut body = refused(dialect).json();
        let error = body.as_object_mut().unwrap().remove("error").unwrap();
        assert!(error.as_str().unwrap().contains("tel"), "{error}");
        assert_eq!(body, defaults, "{dialect}");
    }
    let said = refused("dialect: pairs");
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&said.body).into_owned().collect();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["name", "客户 城市", "vip", "n", "error"]);
    assert!(pairs[4].1.contains("tel"), "{pairs:?}");
    let said = refused(
        "dialect: { content_type: text/xml, template: '<a>{{ outputs.name }}: {{ outcome }}</a><!-- {{ error }} -->' }",
    );
    assert!(said.text().starts_with("<a>nobody: bad_input</a><!-- "), "{}", said.text());
    assert!(said.text().contains("tel"), "{}", said.text());
    assert_eq!(said.header("content-type"), "text/xml");
}

#[test]
fn what_reads_a_further_read_takes_its_default_for_that_reads_own_end() {
    let crm = Upstream::start(|asked| match asked.target.as_str() {
        "/points/1" => Reaction::json(&json!({ "total": 12, "tier": null })),
        "/points/2" => Reaction::status(404, &json!(null)),
        "/points/3" => Reaction::Silence,
        "/points/4" => Reaction::status(503, &json!(null)),
        "/points/5" => Reaction::status(429, &json!(null)),
        target => {
            let id = target.chars().next_back().unwrap();
            Reaction::json(&json!({ "id": id.to_string(), "name": "Ada" }))
        }
    });
    let on = "{ found: blank, not_found: none, timeout: slow, error: down, overloaded: busy }";
    let gateway = start(
        &format!(
            "
lookup: {{ by: tel, call: crm.customer }}
then: {{ as: points, call: crm.points, args: {{ id: '{{{{ record.id }}}}' }}, when: record.id != '6' }}
outputs:
  name: {{ path: $.name, default: '-' }}
  path: {{ path: $.tier, from: points, default: other, default_on: {on} }}
  text: {{ text: 'has {{{{ points.tier }}}}', default: other, default_on: {on} }}
  choice: {{ choose: [ {{ when: points.total < 0, value: debt }}, {{ value: '{{{{ points.tier }}}}' }} ], default: other, default_on: {on} }}
  total: {{ path: $.total, from: points, take: count, default: 0, default_on: {{ error: -1 }} }}
"
        ),
        &crm,
    );
    for (digit, unset, total, partial) in [
        (1, "blank", 1, ""),
        (2, "none", 0, ""),
        (3, "slow", 0, "points"),
        (4, "down", -1, "points"),
        (5, "busy", 0, "points"),
        (6, "none", 0, ""),
    ] {
        let said = gateway.get(&format!("/nodes/n?tel=9111000{digit}"));
        assert_eq!(
            said.json(),
            json!({ "name": "Ada", "path": unset, "text": unset, "choice": unset, "total": total }),
            "{digit}"
        );
        assert_eq!(said.header("x-datadip-outcome"), "found");
        assert_eq!(said.header("x-datadip-partial"), partial, "{digit}");
    }
}

#[test]
fn an_answer_is_the_same_on_a_connection_that_is_kept() {
    let crm = Upstream::start(|_| Reaction::json(&json!({ "tier": "gold" })).after(Duration::from_millis(5)));
    let gateway = start(
        "lookup: { by: tel, call: crm.customer }\noutputs: { tier: { path: $.tier, default: '-' } }",
        &crm,
    );
    let mut wire = gateway.open();
    for _ in 0..3 {
        wire.write(b"GET /nodes/n?tel=91234567 HTTP/1.1\r\nhost: a\r\n\r\n");
        assert_eq!(wire.read(false).text(), r#"{"tier":"gold"}"#);
    }
}
