//! `datadip learn`: from a sample answer to a node that passes `check` as it stands and answers calls.

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::shell::{Ended, datadip, datadip_with, program};
use crate::upstream::{Reaction, Upstream};

/// A sample, how its customer is asked for, and some of what is answered then.
struct Shape {
    sample: &'static str,
    ask: &'static str,
    records: &'static str,
    answer: Value,
}

fn shapes() -> Vec<Shape> {
    vec![
        Shape {
            // A list behind REST, with codes of its own.
            sample: r#"{"code":0,"msg":"ok","data":{"list":[
                {"id":4711,"name":"Lim Mei","phone":"+6591234567","email":"mei@example.sg","vip":true,"points":7,"rate":1.5},
                {"id":4712,"name":"Tan","phone":"98765432","email":null,"vip":false,"points":0,"rate":2}],"total":2}}"#,
            ask: "tel=91234567",
            records: "$.data.list[*]",
            answer: json!({ "status": "found", "id": "4711", "name": "Lim Mei", "vip": "1", "points": 7, "rate": 1.5 }),
        },
        Shape {
            // One object, and no e-mail address.
            sample: r#"{"customerId":"C-1001","mobile":91234567,"blocked":false,"tier":"gold","since":"2020-05-01"}"#,
            ask: "tel=91234567",
            records: "$",
            answer: json!({ "customerId": "C-1001", "mobile": "91234567", "blocked": "2", "tier": "gold" }),
        },
        Shape {
            sample: r#"{"data":{"customers":{"edges":[{"node":{"id":"9","emailAddress":"o'hara@example.com","plan":"basic"}}]}}}"#,
            ask: "email=o'hara@example.com",
            records: "$.data.customers.edges[*].node",
            answer: json!({ "id": "9", "emailAddress": "o'hara@example.com", "plan": "basic" }),
        },
        Shape {
            sample: r#"{"took":3,"hits":{"total":{"value":1},"hits":[{"_id":"1","_score":1.0,"_source":{"tel":"+442071838750","segment":"B"}}]}}"#,
            ask: "tel=+442071838750",
            records: "$.hits.hits[*]._source",
            answer: json!({ "tel": "+442071838750", "segment": "B" }),
        },
        Shape {
            // Deep, with lists of all kinds.
            sample: r#"{"result":{"contact":{"phones":[{"type":"mobile","number":"+6591234567"}],"name":"Mei"},
                "account":{"plan":{"level":3,"details":{"a":{"b":{"c":1}}}}},"tags":[{"name":"Golf"},{"name":"Sailing"}],
                "scores":[1,2,3],"orders":[],"matrix":[[1],[2]],"mixed":[1,{"a":1}],"phone":"+6591234567"}}"#,
            ask: "tel=+6591234567",
            records: "$.result",
            answer: json!({ "account_plan_level": 3, "tags": "Golf, Sailing", "tags_count": 2, "scores": "1, 2, 3",
                            "orders_count": 0, "contact_phones_count": 1, "contact_name": "Mei" }),
        },
        Shape {
            // Keys that are no names.
            sample: r##"[{"客户 姓名":"王小明","手机":"+8613812345678","a.b":"dot","it's":"quote","say \"hi\"":"double",
                "back\\slash":1,"{{ x }}":"braces","${HOME}":"expansion","":"empty","#":"hash","true":"word","- x: y":"yaml",
                "status":"open","error":"none","tel":"x","inputs":"in","record":"rec","a_b":1,"a":{"b":2}}]"##,
            ask: "tel=+8613812345678",
            records: "$[*]",
            answer: json!({ "客户 姓名": "王小明", "a.b": "dot", "it's": "quote", "say \"hi\"": "double", "back\\slash": 1,
                            "{{ x }}": "braces", "${HOME}": "expansion", "value": "empty", "#": "hash", "true": "word",
                            "- x: y": "yaml", "record_status": "open", "record_error": "none", "status": "found",
                            "a_b": 1, "a_b_2": 2 }),
        },
        Shape {
            // Null, and numbers that no float holds.
            sample: r#"{"items":[{"phone":"+6591234567","none":null,"huge":123456789012345678901234567890,"tiny":0.1234567890123456789,
                "exp":1E400,"zero":-0.0,"long":12345678901234567,"nested":{"none":null}}]}"#,
            ask: "tel=+6591234567",
            records: "$.items[*]",
            answer: json!({ "none": "", "huge": "123456789012345678901234567890", "tiny": "0.1234567890123456789",
                            "long": "12345678901234567", "nested_none": "" }),
        },
        Shape {
            // Neither phone number nor e-mail address.
            sample: r#"{"results":[{"uid":"u1","score":5,"texts":{"de":"{% raw","en":"{{ name }}"}}]}"#,
            ask: "tel=+6591234567",
            records: "$.results[*]",
            answer: json!({ "uid": "u1", "score": 5, "texts_de": "{% raw", "texts_en": "{{ name }}" }),
        },
    ]
}

/// The lines of the first block of commands in a section of the page for authors, `to` its end.
fn commands(section: &str, to: &str) -> Vec<String> {
    let page = include_str!("../../docs/mappings.md");
    let (_, rest) = page.split_once(&format!("\n## {section}\n")).unwrap();
    let (section, _) = rest.split_once(to).unwrap();
    let lines =
        section.lines().filter(|line| ["datadip ", "export "].iter().any(|word| line.starts_with(word)));
    lines.map(str::to_owned).collect()
}

#[test]
fn the_page_for_authors_can_be_followed_from_its_top() {
    let sample = r#"{"data":[{"id":"C-1","name":"Lim Mei","phone":"+6591234567","vip":true}]}"#;
    let crm = Upstream::start(move |_| Reaction::json(&serde_json::from_str(sample).unwrap()));
    let folder = Folder::with(&[("sample.json", sample)]);
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings");
    let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let place = folder.path().to_str().unwrap();
    assert_eq!(program("cp", &["-r", shipped, templates, place]).code, 0);
    let caller = folder.read("mappings/nodes/caller.yaml").replace("node: caller", "node: hotline");
    folder.write("mappings/nodes/hotline.yaml", &caller);
    let (mut env, mut last) = (Vec::new(), String::new());
    for line in
        [commands("Your first node", "## "), commands("Drafting a node", "It finds the records")].concat()
    {
        if let Some(exported) = line.strip_prefix("export ") {
            let pairs = exported.split(' ').filter_map(|pair| pair.split_once('='));
            let to_crm = |value: &str| value.replace("https://crm.example.com", &crm.url());
            env.extend(pairs.map(|(name, value)| (name.to_owned(), to_crm(value))));
            continue;
        }
        let args: Vec<&str> = line.split_whitespace().skip(1).collect();
        let set: Vec<(&str, &str)> =
            env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let ended = datadip_with(folder.path(), &args, &set);
        assert_eq!(ended.code, 0, "{line}: {ended:?}");
        last = ended.out;
    }
    let answer: Value = serde_json::from_str(&last).unwrap();
    assert_eq!((&answer["status"], &answer["name"]), (&json!("found"), &json!("Lim Mei")));
}

fn learnt(folder: &Folder, args: &[&str]) -> Ended {
    datadip(folder.path(), &[&["learn"], args].concat())
}

#[test]
fn a_draft_passes_check_as_it_stands_and_answers_what_the_sample_says() {
    for shape in shapes() {
        let folder = Folder::with(&[("sample.json", shape.sample)]);
        let ended =
            learnt(&folder, &["--from", "sample.json", "--upstream", "acme-1", "--write", "mappings"]);
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{}", shape.sample);
        assert_eq!(ended.out, "mappings/nodes/sample.yaml\nmappings/upstreams/acme-1.yaml\n");
        let upstream = folder.read("mappings/upstreams/acme-1.yaml");
        let node = folder.read("mappings/nodes/sample.yaml");
        assert!(upstream.contains(&format!("records: {}\n", shape.records)), "{upstream}");

        let checked = datadip(folder.path(), &["check"]);
        assert_eq!(checked.code, 0, "{}\n{node}", checked.out);
        assert!(checked.out.contains("1 example"), "{}", checked.out);

        let body: Value = serde_json::from_str(shape.sample).unwrap();
        let server = Upstream::start(move |_| Reaction::json(&body));
        let env = [("ACME_1_URL", server.url()), ("ACME_1_TOKEN", "t".to_owned())];
        let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let tried = datadip_with(folder.path(), &["try", "sample", shape.ask], &env);
        let answer: Value = serde_json::from_str(&tried.out).unwrap_or_else(|_| panic!("{tried:?}"));
        for (name, value) in shape.answer.as_object().unwrap() {
            assert_eq!(&answer[name], value, "`{name}` of {answer}\n{node}");
        }
    }
}

const SAMPLE: &str = r#"{"message":"ok for mei@example.sg","data":[{"id":4711,"name":"Lim Mei Ling","nick":"Mei","phone":"+65 9123 4567",
    "home":"+6591234567","email":"Mei@Example.sg","address":"12 Orchard Road","birthday":"1980-02-03","note":"ask for Ling",
    "greeting":"Dear Lim Mei Ling","card":"4111 1111 1111 1111","avatar":"https://cdn.example.com/mei.png","ip":"203.0.113.9",
    "token":"abc","tier":"gold","city":"Singapore","updated_at":"2026-01-31T08:15:00Z","company":"Acme"}]}"#;

#[test]
fn the_people_of_the_sample_are_not_in_the_draft_unless_they_are_to_be_kept() {
    let personal = [
        "4711",
        "Lim",
        "Mei",
        "mei",
        "9123 4567",
        "91234567",
        "xample.sg",
        "Orchard",
        "1980",
        "Ling",
        "4111",
        "cdn.",
        "203.0.113",
        "abc",
    ];
    let folder = Folder::with(&[("sample.json", SAMPLE)]);
    let ended = learnt(&folder, &["--from", "sample.json", "--upstream", "crm"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    for text in personal {
        assert!(!ended.out.contains(text), "`{text}` is in\n{}", ended.out);
    }
    for text in
        ["gold", "Singapore", "Acme", "2026-01-31T08:15:00Z", "Dear Person 1", "+65 9100 0001", "+6591000001"]
    {
        assert!(ended.out.contains(text), "`{text}` is not in\n{}", ended.out);
    }
    let kept = learnt(&folder, &["--from", "sample.json", "--keep-values"]);
    assert!(personal.iter().all(|text| kept.out.contains(text)), "{}", kept.out);
    assert!(kept.out.contains("send: { tel: \"+65 9123 4567\" }"), "{}", kept.out);
}

#[test]
fn no_file_is_written_over() {
    let folder = Folder::with(&[("sample.json", SAMPLE), ("mappings/upstreams/crm.yaml", "mine")]);
    let args = ["--from", "sample.json", "--upstream", "crm", "--write", "mappings"];
    let ended = learnt(&folder, &args);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    assert!(
        ended.err.contains("mappings/upstreams/crm.yaml is there already, and nothing was written"),
        "{}",
        ended.err
    );
    assert_eq!(folder.read("mappings/upstreams/crm.yaml"), "mine");
    assert_eq!(folder.read("mappings/nodes/sample.yaml"), "");
}

#[test]
fn a_sample_that_gives_nothing_says_why() {
    for (sample, args, said) in [
        (r#"{"data":[]}"#, &[][..], "`$.data` is an empty list: ask for a customer who exists"),
        ("[]", &[], "`$` is an empty list"),
        ("{}", &[], "no record was found in the sample"),
        ("[1,2]", &[], "no record was found in the sample"),
        ("<html>", &[], "sample.json is no JSON: expected value at line 1 column 1"),
        ("", &[], "sample.json is no JSON"),
        (r#"{"a":{"b":1,"c":2}}"#, &["--records", "$.x"], "`$.x` selects nothing in the sample"),
        (r#"{"a":[]}"#, &["--records", "$.a[*]"], "`$.a[*]` selects nothing in the sample"),
        (r#"{"a":[1]}"#, &["--records", "$.a[*]"], "what stands at `$.a[*]` is no object with fields"),
        (r#"{"a":1,"b":2}"#, &["--records", "a.b"], "--records: a path starts with `$`"),
        (r#"{"a":1,"b":2}"#, &["--name", "a b"], "`a b` is no name"),
        (r#"{"a":1,"b":2}"#, &["--path", "v1"], "--path begins with `/`"),
        (r#"{"a":1,"b":2}"#, &["--region", "XX"], "`XX` is no region"),
    ] {
        let folder = Folder::with(&[("sample.json", sample)]);
        let ended = learnt(&folder, &[&["--from", "sample.json"], args].concat());
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{sample}");
        assert!(ended.err.contains(said), "{sample}: {}", ended.err);
    }
    let ended = learnt(&Folder::with(&[]), &["--from", "nowhere.json"]);
    assert!(ended.code == 2 && ended.err.starts_with("datadip: nowhere.json: "), "{}", ended.err);
}

#[test]
fn what_is_said_is_drafted_and_the_sample_may_come_through_a_pipe() {
    let program_path = env!("CARGO_BIN_EXE_datadip");
    let line = format!(
        "printf '%s' '{{\"data\":{{\"a\":[{{\"x\":1}}],\"b\":[{{\"tel\":\"020 7183 8750\"}}]}}}}' | {program_path} learn \
         --records '$.data.b[*]' --name hotline --by phone --region GB --upstream crm --path /v2/people"
    );
    let ended = program("sh", &["-c", &line]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    for text in [
        "# nodes/hotline.yaml\n",
        "node: hotline\n",
        "  tel: { type: phone, region: GB }\n",
        "  - { by: tel, call: crm.customer_by_phone }\n",
        "# upstreams/crm.yaml\n",
        "    get: /v2/people\n",
        "    query: { phone: \"{{ phone }}\" }\n",
        "    records: $.data.b[*]\n",
    ] {
        assert!(ended.out.contains(text), "`{text}` is not in\n{}", ended.out);
    }
    assert!(!ended.out.contains("by_email"), "{}", ended.out);
    let folder = Folder::with(&[("sample.json", SAMPLE)]);
    let node = learnt(&folder, &["--from", "sample.json"]);
    assert!(!node.out.contains("\nupstream: "), "{}", node.out);
    assert!(node.err.contains("--upstream crm drafts that file too"), "{}", node.err);
}

#[test]
fn an_answer_of_graphql_or_of_a_search_engine_is_asked_for_as_such() {
    let upstream = |sample: &str| {
        let folder = Folder::with(&[("sample.json", sample)]);
        let ended = learnt(&folder, &["--from", "sample.json", "--upstream", "crm"]);
        assert_eq!(ended.code, 0, "{}", ended.err);
        ended.out
    };
    let graph = upstream(r#"{"data":{"people":{"nodes":[{"id":"1","email":"mei@example.sg","a b":1}]}}}"#);
    for line in [
        "    post: /graphql\n",
        "query: \"query($email: String!) { people(email: $email) { nodes { id email } } }\", variables: { email: \"{{ email }}\" }",
        "    ok: status == 200 and not body.errors\n",
        "    error: \"$.errors[*].message\"\n",
    ] {
        assert!(graph.contains(line), "`{line}` is not in\n{graph}");
    }
    let search = upstream(r#"{"hits":{"hits":[{"_source":{"email":"mei@example.sg"}}]}}"#);
    assert!(search.contains("    post: /customers/_search\n"), "{search}");
    assert!(search.contains("    json: { query: { term: { email: \"{{ email }}\" } } }\n"), "{search}");
}

const CRM: &str = "\
upstream: crm
base_url: ${CRM_URL}
auth: { bearer: '${secret:CRM_TOKEN}' }
operations:
  find:
    args: { tenant: { type: text, required: true }, phone: { type: text, required: true } }
    get: /find
    query: { tenant: '{{ tenant }}', phone: '{{ phone }}' }
    records: $.data[*]
    ok: body.code == 200
  add: { post: /add, effect: write, json: {} }
";

#[test]
fn an_operation_that_is_there_is_asked_for_its_sample() {
    let upstream = Upstream::start(|asked| {
        let is_known = asked.target.contains("91234567");
        let found = json!([{ "name": "Lim Mei", "mobile": "+6591234567", "points": 7 }]);
        Reaction::json(&json!({ "code": 200, "data": if is_known { found } else { json!([]) } }))
    });
    let folder = Folder::with(&[("mappings/upstreams/crm.yaml", CRM)]);
    let (url, token) = (upstream.url(), "t".to_owned());
    let env = [("CRM_URL", url.as_str()), ("CRM_TOKEN", token.as_str())];
    let run = |args: &[&str]| datadip_with(folder.path(), args, &env);
    let args =
        ["learn", "crm.find", "tenant=sg", "phone=+6591234567", "--name", "who", "--write", "mappings"];
    let ended = run(&args);
    assert_eq!((ended.code, ended.out.as_str()), (0, "mappings/nodes/who.yaml\n"), "{}", ended.err);
    let node = folder.read("mappings/nodes/who.yaml");
    assert!(
        node.contains("- { by: tel, call: crm.find, args: { tenant: \"sg\", phone: \"{{ tel }}\" } }"),
        "{node}"
    );
    assert!(!node.contains("Mei") && !node.contains("91234567"), "{node}");
    assert_eq!(run(&["check"]).code, 0, "{}", run(&["check"]).out);
    let tried = run(&["try", "who", "tel=91234567"]);
    let answer: Value = serde_json::from_str(&tried.out).unwrap();
    assert_eq!(answer, json!({ "status": "found", "name": "Lim Mei", "mobile": "+6591234567", "points": 7 }));

    for (args, said) in [
        (&["learn", "crm.find", "tenant=sg", "phone=+6580000000"][..], "`crm.find` found nobody"),
        (&["learn", "crm.find", "tenant=sg"], "argument `phone`: is required"),
        (&["learn", "crm.add"], "`crm.add` writes"),
        (&["learn", "crm.fnd"], "did you mean `crm.find`?"),
    ] {
        let ended = run(args);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{args:?}");
        assert!(ended.err.contains(said), "{args:?}: {}", ended.err);
    }
}

#[test]
fn what_is_the_customers_own_is_named_as_the_sample_has_it() {
    let sample = r#"{"data":[{"id":1,"profile":{"mail":"mei@example.sg"},"mobiles":["+6591234567"],
        "lastContact":"2026-01-31","segment":{"name":"Business"}}]}"#;
    let folder = Folder::with(&[("sample.json", sample)]);
    let ended = learnt(&folder, &["--from", "sample.json", "--upstream", "acme", "--write", "mappings"]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    let upstream = folder.read("mappings/upstreams/acme.yaml");
    for unique in ["# unique: { email: $.profile.mail } ", "# unique: { tel: \"$.mobiles[*]\" } "] {
        assert!(upstream.contains(unique), "{unique} in {upstream}");
    }
    folder.write(
        "mappings/upstreams/acme.yaml",
        &upstream.replace("    # unique:", "    unique:").replace("   only if", " # only if"),
    );
    let checked = datadip(folder.path(), &["check"]);
    assert_eq!(checked.code, 0, "{checked:?}");
}
