//! The keys of a node's questions and of its inputs.

use super::{Answers, Ends, Files, carry_out, compiled, of_step, walk};
use crate::mapping::language::lookup::{PICK, READ, STEP};
use crate::mapping::language::node::{INPUT, NODE};

const UPSTREAM: &str = "
upstream: crm
base_url: http://crm.example
operations:
  op:
    args: { phone: { required: true }, site: {} }
    get: /op
    query: { phone: '{{ phone }}', site: '{{ site }}' }
    records: $.data[*]
    unique: { email: $.email, tel: $.phone }
  other:
    args: { phone: { required: true }, site: {} }
    get: /other
    query: { phone: '{{ phone }}', site: '{{ site }}' }
    records: $.data[*]
    unique: { email: $.email, tel: $.phone }
  note:
    post: /notes
    effect: write
";
const STEPS: &str = "
node: n
about: Who calls.
budget_ms: 1000
least_ms: 20
methods: [get, post]
access: { per_second: 5 }
inputs:
  tel: { type: phone, region: SG, region_from: called, about: Who calls., aliases: [number], header: X-Tel }
  called: { type: phone, region: SG }
  mobile: { type: phone, region: SG }
  email: email
  id: { type: account, kinds: [partner, { line: '[a-z]+' }] }
  site: { type: text, default: one }
  key: { type: text, default: '0' }
call_id: key
pick: first
lookup:
  - { by: tel, call: crm.op, args: { phone: '{{ tel }}', site: '{{ site }}' }, forms: [e164], pick: { newest: $.at }, when: key == '0' }
null_on: [error]
cache: { fresh_sec: 300 }
outputs: { name: { path: $.name, default: '' } }
";

#[test]
fn what_a_step_asks_ends_what_was_kept_and_whether_it_is_asked_does_not() {
    let files = Files { upstream: UPSTREAM, node: STEPS, revision: of_step };
    walk(
        &STEP,
        files,
        &[
            (
                "by",
                "by: tel, call: crm.op, args: { phone: '{{ tel }}'",
                "by: mobile, call: crm.op, args: { phone: '{{ mobile }}'",
                Ends,
            ),
            ("call", "crm.op", "crm.other", Ends),
            ("args", "phone: '{{ tel }}'", "phone: '{{ tel }}1'", Ends),
            (
                "args",
                "phone: '{{ tel }}', site: '{{ site }}'",
                "site: '{{ site }}', phone: '{{ tel }}'",
                Answers,
            ),
            ("forms", "[e164]", "[e164, national]", Ends),
            ("pick", "{ newest: $.at }", "only", Ends),
            ("when", "key == '0'", "key == '1' and now > 0", Answers),
            ("record", "when: key", "record: customer, when: key", Answers),
        ],
    );
    walk(&PICK, files, &[("newest", "$.at", "$.created", Ends)]);
}

#[test]
fn what_else_a_node_says_ends_nothing_that_is_kept() {
    let files = Files { upstream: UPSTREAM, node: STEPS, revision: of_step };
    walk(
        &NODE,
        files,
        &[
            ("node", "node: n", "node: m", Answers),
            ("about", "\nabout: Who calls.", "\nabout: Whoever calls.", Answers),
            ("budget_ms", "budget_ms: 1000", "budget_ms: 1200", Answers),
            ("least_ms", "least_ms: 20", "least_ms: 25", Answers),
            ("methods", "[get, post]", "[get]", Answers),
            ("access", "per_second: 5", "per_second: 6", Answers),
            ("call_id", "call_id: key\n", "", Answers),
            ("inputs", "  mobile: { type: phone, region: SG }\n", "", Answers),
            ("lookup", "lookup:\n", "lookup:\n  - { by: mobile, call: crm.op }\n", Answers),
            ("pick", "pick: first", "pick: only", Answers),
            ("then", "null_on", "then: { as: more, call: crm.other, args: { phone: x } }\nnull_on", Answers),
            ("do", "null_on", "do: { call: crm.note }\nnull_on", Answers),
            ("outputs", "$.name", "$.full_name", Answers),
            ("null_on", "[error]", "[timeout]", Answers),
            ("dialect", "null_on", "dialect: strings\nnull_on", Answers),
            ("cache", "fresh_sec: 300", "fresh_sec: 200", Answers),
            (
                "examples",
                "null_on",
                "examples: [{ name: nobody, send: {}, outcome: no_identifier }]\nnull_on",
                Answers,
            ),
        ],
    );
}

#[test]
fn the_inputs_that_a_step_reads_count_and_others_do_not() {
    walk(
        &INPUT,
        Files { upstream: UPSTREAM, node: STEPS, revision: of_step },
        &[
            ("type", "site: { type: text, default: one }", "site: { type: int, default: 1 }", Ends),
            ("type", "key: { type: text", "key: { type: text, about: Pressed.", Answers),
            ("region", "tel: { type: phone, region: SG", "tel: { type: phone, region: MY", Ends),
            ("region", "called: { type: phone, region: SG", "called: { type: phone, region: MY", Answers),
            ("region_from", ", region_from: called", "", Ends),
            ("kinds", "[partner, ", "[", Answers),
            ("aliases", "[number]", "[number, from]", Answers),
            ("header", "X-Tel", "X-Phone", Answers),
            ("default", "default: one", "default: two", Ends),
            ("about", "about: Who calls., aliases", "about: Whoever calls., aliases", Answers),
        ],
    );
    let by_id = STEPS.replace("by: tel", "by: id").replace("'{{ tel }}'", "'{{ id }}'");
    let by_id = by_id.replace("forms: [e164], ", "");
    carry_out(
        Files { upstream: UPSTREAM, node: &by_id, revision: of_step },
        &[
            ("kinds", "[partner, ", "[partner, other, ", Ends),
            ("kinds", "{ line: '[a-z]+' }", "line", Ends),
            ("kinds", "'[a-z]+'", "'[a-z]{3}'", Ends),
        ],
    );
}

#[test]
fn a_further_read_is_known_by_what_it_asks_and_by_what_the_record_before_it_answers_to() {
    let node = "
node: n
inputs: { tel: { type: phone, region: SG }, email: email }
lookup: { by: tel, call: crm.op, args: { phone: '{{ tel }}' } }
then: { as: more, call: crm.other, args: { phone: '{{ record.id }}' }, pick: first, when: record.id is defined }
cache: { fresh_sec: 300 }
outputs: { name: { path: $.name, default: '' } }
";
    let upstream = UPSTREAM.replacen("tel: $.phone", "tel: $.first", 1);
    let files = Files { upstream: &upstream, node, revision: |node| node.then[0].keep.revision };
    walk(
        &READ,
        files,
        &[
            ("as", "as: more", "as: further", Answers),
            ("call", "call: crm.other", "call: crm.op", Ends),
            ("args", "record.id }}", "record.key }}", Ends),
            ("pick", "pick: first", "pick: only", Ends),
            ("when", "record.id is defined", "record.id is number", Answers),
        ],
    );
    carry_out(files, &[("unique", "tel: $.first", "tel: $.mobile", Ends)]);
}

#[test]
fn what_another_step_has_found_counts_where_it_is_the_same_record() {
    let node = "
node: n
inputs: { tel: { type: phone, region: SG }, email: email }
lookup:
  - { by: email, call: crm.op, args: { phone: '{{ email }}' }, record: one }
  - { by: tel, call: crm.other, args: { phone: '{{ tel }}' }, record: one }
cache: { fresh_sec: 300 }
outputs: { name: { path: $.name, default: '' } }
";
    let by_phone = |upstream: &str, node: &str| compiled(upstream, node).unwrap().lookup[1].keep.revision;
    let before = by_phone(UPSTREAM, node);
    assert_ne!(before, by_phone(&UPSTREAM.replace("get: /op", "get: /v2/op"), node));
    assert_ne!(before, by_phone(&UPSTREAM.replacen("tel: $.phone", "tel: $.mobile", 1), node));
    let apart = node.replacen("record: one", "record: two", 1);
    assert_ne!(before, by_phone(UPSTREAM, &apart));
    // Which word it is says nothing, and what answers nobody else does not count.
    assert_eq!(before, by_phone(UPSTREAM, &node.replace("record: one", "record: two")));
    let elsewhere = UPSTREAM.replace("get: /op", "get: /v2/op");
    assert_eq!(by_phone(UPSTREAM, &apart), by_phone(&elsewhere, &apart));
}

#[test]
fn the_names_of_the_inputs_count_and_their_order() {
    let node = |inputs: &str, args: &str| {
        let node = format!(
            "node: n\ninputs: {{ {inputs} }}\nlookup: {{ call: crm.op, args: {{ {args} }} }}\n\
             cache: {{ fresh_sec: 300 }}\noutputs: {{ name: {{ path: $.name, default: '' }} }}\n"
        );
        of_step(&compiled(UPSTREAM, &node).unwrap())
    };
    let both = "phone: '{{ branch }}', site: '{{ pin }}'";
    assert_ne!(node("branch: text, pin: text", both), node("pin: text, branch: text", both));
    let whole = "phone: '{{ inputs | keys | join }}'";
    assert_ne!(node("branch: text", whole), node("pin: text", whole));
    // An input that is not read is nobody's business.
    assert_eq!(node("branch: text, pin: text", both), node("other: text, branch: text, pin: text", both));
}

#[test]
fn a_reply_ends_with_the_template_that_it_was_made_from_and_with_what_its_node_asks() {
    let node = "
node: n
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: crm.op, args: { phone: '{{ tel }}' } }
then: { as: more, call: crm.other, args: { phone: '{{ record.id }}' } }
do: { call: crm.note }
dialect: { content_type: text/plain, template: 'one {{ outputs.phone }}' }
cache: { fresh_sec: 300 }
outputs: { phone: { path: $.phone, default: '' } }
";
    carry_out(
        Files { upstream: UPSTREAM, node, revision: |node| node.revision },
        &[
            ("template", "'one {{ outputs.phone }}'", "'two {{ outputs.phone }}'", Ends),
            ("call", "get: /op", "get: /v2/op", Ends),
            ("call", "get: /other", "get: /v2/other", Ends),
            ("call", "post: /notes", "post: /v2/notes", Ends),
            ("call", "post: /notes", "timeout_ms: 300\n    post: /notes", Answers),
        ],
    );
}
