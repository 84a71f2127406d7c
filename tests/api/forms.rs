//! How a customer is looked for: which forms of a phone number an upstream is asked for and in which order, which of
//! several records counts, which kinds of account are tried.

use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::upstream::{Asked, Reaction, Upstream};

const CRM: &str = "
upstream: crm
base_url: ${CRM_URL}
operations:
  by_phone: { args: { phone: { required: true } }, get: /phone, query: { phone: '{{ phone }}' }, records: '$[*]' }
  by_email: { args: { email: { required: true } }, get: /email, query: { email: '{{ email }}' }, records: '$[*]' }
  by_account:
    args: { kind: { required: true }, id: { required: true } }
    get: /account
    query: { kind: '{{ kind }}', id: '{{ id }}' }
    records: '$[*]'
";

const OUTPUTS: &str = "\noutputs: { id: { path: $.id, default: '-' }, status: { outcome: true } }\n";

fn start(node: &str, crm: &Upstream) -> Gateway {
    let node = format!("node: n\n{node}{OUTPUTS}");
    let mappings = [("upstreams/crm.yaml", CRM), ("nodes/n.yaml", &node)];
    Gateway::start_with(&mappings, &[], &[("CRM_URL", &crm.url())])
}

/// What was asked for: the values of the query.
fn wanted(asked: &Asked) -> Vec<String> {
    let query = asked.target.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned()).collect()
}

/// A CRM that holds customers under exactly these numbers and knows no other way of writing them.
fn holding(stored: &[(&str, Value)]) -> Upstream {
    let stored: Vec<(String, Value)> =
        stored.iter().map(|(number, found)| ((*number).to_owned(), found.clone())).collect();
    Upstream::start(move |asked| {
        let wanted = wanted(asked).join(" ");
        let found = stored.iter().find(|(number, _)| *number == wanted);
        Reaction::json(&found.map_or(json!([]), |(_, records)| records.clone()))
    })
}

/// Calls the node, and returns what was asked for it, in order, with the answer.
fn call(gateway: &Gateway, crm: &Upstream, query: &[(&str, &str)]) -> (Vec<String>, Value) {
    let before = crm.asked().len();
    let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    let said = gateway.get(&format!("/nodes/n?{query}"));
    assert_eq!(said.status, 200, "{}", said.text());
    let asked = crm.asked().split_off(before);
    (asked.iter().map(|asked| wanted(asked).join(" ")).collect(), said.json())
}

#[test]
fn the_forms_are_asked_in_order_until_the_one_that_the_upstream_stores() {
    let forms = [
        ("e164", "+442079460123"),
        ("international", "00442079460123"),
        ("digits", "442079460123"),
        ("national", "02079460123"),
        ("subscriber", "2079460123"),
        ("(0##) #### ####", "(020) 7946 0123"),
        ("+44 (0)## ########", "+44 (0)20 79460123"),
        ("last:8", "79460123"),
    ];
    let names: Vec<String> = forms.iter().map(|(form, _)| format!("{form:?}")).collect();
    let crm = holding(&[]);
    let gateway = start(
        &format!(
            "inputs: {{ tel: {{ type: phone, region: GB }} }}\n\
             lookup: {{ by: tel, call: crm.by_phone, forms: [{}] }}",
            names.join(", ")
        ),
        &crm,
    );
    for (at, (form, stored)) in forms.iter().enumerate() {
        let stored = (*stored).to_owned();
        crm.becomes(move |asked| {
            let found = wanted(asked) == [stored.as_str()];
            Reaction::json(&if found { json!([{ "id": stored }]) } else { json!([]) })
        });
        for sent in ["020 7946 0123", "+44 (0)20 7946 0123", "00442079460123"] {
            let (asked, answer) = call(&gateway, &crm, &[("tel", sent)]);
            let expected: Vec<&str> = forms[..=at].iter().map(|(_, text)| *text).collect();
            assert_eq!(asked, expected, "{form} of {sent}");
            assert_eq!(answer, json!({ "id": forms[at].1, "status": "found" }));
        }
    }
}

#[test]
fn each_country_writes_its_numbers_in_its_own_way_and_no_text_is_asked_twice() {
    let crm = holding(&[]);
    let all = "forms: [e164, international, digits, national, subscriber,";
    let gateway = start(
        &format!(
            "inputs:\n  sg: {{ type: phone, region: SG }}\n  cn: {{ type: phone, region: CN }}\n  \
             vn: {{ type: phone, region: VN }}\n  us: {{ type: phone, region: US }}\n  it: {{ type: phone, region: IT }}\n\
             lookup:\n\
             - {{ by: sg, call: crm.by_phone, {all} '#### ####', 'last:8'] }}\n\
             - {{ by: cn, call: crm.by_phone, {all} '### #### ####', 'last:8'] }}\n\
             - {{ by: vn, call: crm.by_phone, {all} '0### ### ###', 'last:7'] }}\n\
             - {{ by: us, call: crm.by_phone, {all} '(###) ###-####', 'last:4'] }}\n\
             - {{ by: it, call: crm.by_phone, {all} '#### #######', 'last:8'] }}"
        ),
        &crm,
    );
    for (region, sent, expected) in [
        // What `national`, `subscriber` and `last:8` write alike is one question.
        ("sg", "9123 4567", vec!["+6591234567", "006591234567", "6591234567", "91234567", "9123 4567"]),
        (
            "cn",
            "013812345678",
            vec![
                "+8613812345678",
                "008613812345678",
                "8613812345678",
                "13812345678",
                "138 1234 5678",
                "12345678",
            ],
        ),
        (
            "vn",
            "0912 345 678",
            vec![
                "+84912345678",
                "0084912345678",
                "84912345678",
                "0912345678",
                "912345678",
                "0912 345 678",
                "2345678",
            ],
        ),
        (
            "us",
            "(212) 555-0142",
            vec!["+12125550142", "0012125550142", "12125550142", "2125550142", "(212) 555-0142", "0142"],
        ),
        // Italy's zero is a part of the number; a mask for eleven digits is not asked for ten.
        (
            "it",
            "06 4512 3478",
            vec!["+390645123478", "00390645123478", "390645123478", "0645123478", "45123478"],
        ),
        // A number from abroad is asked for with its country code only.
        ("sg", "+852 9123 4567", vec!["+85291234567", "0085291234567", "85291234567"]),
    ] {
        let (asked, answer) = call(&gateway, &crm, &[(region, sent)]);
        assert_eq!(asked, expected, "{sent}");
        assert_eq!(answer["status"], "not_found");
    }
}

#[test]
fn the_last_digits_of_a_number_from_abroad_reach_into_its_country_code() {
    let crm = holding(&[("291234567", json!([{ "id": 1 }]))]);
    let gateway = start(
        "inputs: { tel: { type: phone, region: SG } }\n\
         lookup: { by: tel, call: crm.by_phone, forms: ['last:8', 'last:9'] }",
        &crm,
    );
    let (asked, answer) = call(&gateway, &crm, &[("tel", "+852 9123 4567")]);
    assert_eq!((asked, &answer["status"]), (vec!["291234567".to_owned()], &json!("found")));
}

#[test]
fn what_the_last_digits_find_must_be_the_only_record_whatever_pick_says() {
    let two = json!([{ "id": 1, "at": 1 }, { "id": 2, "at": 2 }]);
    let crm = holding(&[("91234567", two.clone()), ("81112222", json!([{ "id": 3 }, { "id": 3 }]))]);
    for pick in ["first", "{ newest: $.at }"] {
        let gateway = start(
            &format!(
                "inputs: {{ tel: {{ type: phone, region: SG }} }}\npick: {pick}\n\
                 lookup: {{ by: tel, call: crm.by_phone, forms: [e164, 'last:8'] }}"
            ),
            &crm,
        );
        let (asked, answer) = call(&gateway, &crm, &[("tel", "91234567")]);
        assert_eq!(asked, ["+6591234567", "91234567"]);
        assert_eq!(answer, json!({ "id": "-", "status": "ambiguous" }), "{pick}");
        let (_, answer) = call(&gateway, &crm, &[("tel", "81112222")]);
        assert_eq!(answer, json!({ "id": "3", "status": "found" }), "the same record twice is one");
    }
    // The same two records under a strict form are this customer's own.
    let crm = holding(&[("+6591234567", two)]);
    let gateway = start(
        "inputs: { tel: { type: phone, region: SG } }\n\
         lookup: { by: tel, call: crm.by_phone, forms: [e164, 'last:8'] }",
        &crm,
    );
    let (asked, answer) = call(&gateway, &crm, &[("tel", "91234567")]);
    assert_eq!((asked.len(), answer), (1, json!({ "id": "1", "status": "found" })));
}

#[test]
fn digits_that_no_plan_knows_go_as_they_came_and_never_by_their_end() {
    let crm = holding(&[("1001", json!([{ "id": 7 }]))]);
    let gateway = start(
        "inputs: { tel: { type: phone, region: SG } }\n\
         lookup: { by: tel, call: crm.by_phone, forms: [international, e164, national, '####', 'last:4'] }",
        &crm,
    );
    for (sent, expected) in
        [("1001", "found"), ("995", "not_found"), ("10086", "not_found"), ("1234567890123", "not_found")]
    {
        let (asked, answer) = call(&gateway, &crm, &[("tel", sent)]);
        assert_eq!((asked.as_slice(), &answer["status"]), ([sent.to_owned()].as_slice(), &json!(expected)));
    }
}

#[test]
fn what_is_no_number_asks_nobody_and_leaves_the_turn_to_the_next_identifier() {
    let crm = holding(&[("mei.lim@example.sg", json!([{ "id": 1 }]))]);
    let gateway = start(
        "inputs: { tel: { type: phone, region: SG }, email: email }\n\
         lookup:\n- { by: tel, call: crm.by_phone, forms: [e164, digits, 'last:8'] }\n- { by: email, call: crm.by_email }",
        &crm,
    );
    for sent in [
        "anonymous",
        "Restricted",
        "sip:alice@example.com",
        "\"+6591234567\" <sip:anonymous@anonymous.invalid>",
        "1-800-FLOWERS",
        "+",
        "",
        "91234567, 98765432",
    ] {
        let (asked, answer) = call(&gateway, &crm, &[("tel", sent)]);
        assert_eq!((asked.len(), &answer["status"]), (0, &json!("no_identifier")), "{sent}");
        let (asked, answer) = call(&gateway, &crm, &[("tel", sent), ("email", "mei.lim@example.sg")]);
        assert_eq!((asked.len(), &answer["status"]), (1, &json!("found")), "{sent}");
    }
}

#[test]
fn a_number_in_a_sip_or_tel_address_is_that_number() {
    let crm = holding(&[("+6591234567", json!([{ "id": 1 }]))]);
    let gateway =
        start("inputs: { tel: { type: phone, region: SG } }\nlookup: { by: tel, call: crm.by_phone }", &crm);
    for sent in [
        "sip:+6591234567@pbx.example.com;user=phone",
        "\"Bob\" <sip:91234567@10.0.0.1>",
        "tel:9123-4567;phone-context=+65",
        "＋６５ ９１２３４５６７",
        "006591234567",
        " 6591234567",
        "91234567#",
    ] {
        let (asked, answer) = call(&gateway, &crm, &[("tel", sent)]);
        assert_eq!(
            (asked.as_slice(), &answer["status"]),
            (["+6591234567".to_owned()].as_slice(), &json!("found"))
        );
    }
}

#[test]
fn the_number_that_was_called_says_how_a_local_number_is_read() {
    let crm = holding(&[]);
    let gateway = start(
        "inputs:\n  tel: { type: phone, region: SG, region_from: called }\n  called: { type: phone, region: SG }\n\
         lookup: { by: tel, call: crm.by_phone, forms: [e164, national] }",
        &crm,
    );
    for (called, expected) in [
        (Some("+442079460999"), vec!["+442079460123", "02079460123"]),
        (Some("GB"), vec!["+442079460123", "02079460123"]),
        (Some("anonymous"), vec!["02079460123"]),
        (None, vec!["02079460123"]),
    ] {
        let mut query = vec![("tel", "020 7946 0123")];
        query.extend(called.map(|called| ("called", called)));
        assert_eq!(call(&gateway, &crm, &query).0, expected, "{called:?}");
    }
    let (asked, _) = call(&gateway, &crm, &[("tel", "91234567"), ("called", "6561234567")]);
    assert_eq!(asked, ["+6591234567", "91234567"]);
}

#[test]
fn a_form_that_cannot_be_asked_ends_the_step_and_is_no_not_found() {
    let crm = Upstream::start(|_| Reaction::status(500, &json!(null)));
    let gateway = start(
        "inputs: { tel: { type: phone, region: SG } }\n\
         lookup: { by: tel, call: crm.by_phone, forms: [e164, digits, national] }",
        &crm,
    );
    let (asked, answer) = call(&gateway, &crm, &[("tel", "91234567")]);
    assert_eq!(answer["status"], "error");
    assert!(asked.iter().all(|asked| asked == "+6591234567"), "{asked:?}");
}

#[test]
fn pick_says_which_of_several_records_counts() {
    let records = json!([
        { "id": "old", "at": "2025-01-01T00:00:00Z" },
        { "id": "blank" },
        { "id": "new", "at": "2026-01-01T08:00:00+08:00" },
        { "id": "middle", "at": "2025-12-31T23:59:59Z" },
    ]);
    let crm = holding(&[
        ("+6591234567", records),
        ("+6591110001", json!([{ "id": "one" }])),
        ("+6591110002", json!([{ "id": "same" }, { "id": "same" }])),
    ]);
    for (pick, expected) in [
        ("", ["old found", "one found", "same found"]),
        ("pick: first", ["old found", "one found", "same found"]),
        ("pick: { newest: $.at }", ["new found", "one found", "same found"]),
        ("pick: only", ["- ambiguous", "one found", "same found"]),
    ] {
        let gateway = start(
            &format!(
                "inputs: {{ tel: {{ type: phone, region: SG }} }}\n{pick}\nlookup: {{ by: tel, call: crm.by_phone }}"
            ),
            &crm,
        );
        let said = ["91234567", "91110001", "91110002"].map(|tel| {
            let (_, answer) = call(&gateway, &crm, &[("tel", tel)]);
            format!("{} {}", answer["id"].as_str().unwrap(), answer["status"].as_str().unwrap())
        });
        assert_eq!(said, expected, "{pick}");
    }
}

#[test]
fn a_step_may_pick_otherwise_than_its_node_and_an_ambiguous_one_leaves_the_turn_to_the_next() {
    let crm = holding(&[
        ("+6591234567", json!([{ "id": 1 }, { "id": 2 }])),
        ("ada@example.com", json!([{ "id": 3 }, { "id": 4 }])),
    ]);
    let gateway = start(
        "inputs: { tel: { type: phone, region: SG }, email: email }\npick: only\n\
         lookup:\n- { by: tel, call: crm.by_phone }\n- { by: email, call: crm.by_email, pick: first }",
        &crm,
    );
    let (asked, answer) = call(&gateway, &crm, &[("tel", "91234567"), ("email", "ada@example.com")]);
    assert_eq!((asked.len(), answer), (2, json!({ "id": "3", "status": "found" })));
    let (_, answer) = call(&gateway, &crm, &[("tel", "91234567"), ("email", "nobody@example.com")]);
    assert_eq!(answer["status"], "ambiguous");
}

#[test]
fn account_kinds_are_tried_in_order_and_only_those_whose_shape_fits() {
    let crm = holding(&[("discordId 12345678901234567", json!([{ "id": 1 }]))]);
    let gateway = start(
        r#"inputs:
  id:
    type: account
    kinds: [partnerId, { lineId: "[UCR][0-9a-f]{32}" }, { telegramId: '-?\d{1,20}' }, { discordId: '\d{17,20}' }]
lookup: { by: id, call: crm.by_account, args: { kind: "{{ kind }}", id: "{{ id }}" } }"#,
        &crm,
    );
    let line = "U1a2b3c4d5e6f708192a3b4c5d6e7f809";
    for (id, expected, status) in [
        (
            "12345678901234567",
            vec![
                "partnerId 12345678901234567".to_owned(),
                "telegramId 12345678901234567".to_owned(),
                "discordId 12345678901234567".to_owned(),
            ],
            "found",
        ),
        (line, vec![format!("partnerId {line}"), format!("lineId {line}")], "not_found"),
        ("-42", vec!["partnerId -42".to_owned(), "telegramId -42".to_owned()], "not_found"),
        ("CaseKept/ä", vec!["partnerId CaseKept/ä".to_owned()], "not_found"),
        ("", vec![], "no_identifier"),
    ] {
        let (asked, answer) = call(&gateway, &crm, &[("id", id)]);
        assert_eq!((asked, &answer["status"]), (expected, &json!(status)), "{id}");
    }
}

#[test]
fn an_e_mail_address_is_asked_for_in_small_letters_and_what_is_none_is_not_asked() {
    let crm = holding(&[("mei.lim@example.sg", json!([{ "id": 1 }]))]);
    let gateway = start("inputs: { email: email }\nlookup: { by: email, call: crm.by_email }", &crm);
    for sent in ["Mei.LIM@Example.SG", " mei.lim@example.sg ", "mailto:mei.lim@example.sg"] {
        let (asked, answer) = call(&gateway, &crm, &[("email", sent)]);
        assert_eq!(
            (asked, answer["id"].as_str()),
            (vec!["mei.lim@example.sg".to_owned()], Some("1")),
            "{sent}"
        );
    }
    for sent in ["mei.lim", "mei lim@example.sg", "a@b, c@d", "@"] {
        let (asked, answer) = call(&gateway, &crm, &[("email", sent)]);
        assert_eq!((asked.len(), &answer["status"]), (0, &json!("no_identifier")), "{sent}");
    }
}

#[test]
fn a_condition_on_a_step_says_whether_it_is_asked() {
    let crm = holding(&[("+6591234567", json!([{ "id": 1 }]))]);
    let gateway = start(
        "inputs: { tel: { type: phone, region: SG }, key: text }\n\
         lookup: { by: tel, call: crm.by_phone, when: key == '1' }",
        &crm,
    );
    assert_eq!(call(&gateway, &crm, &[("tel", "91234567"), ("key", "1")]).1["status"], "found");
    let (asked, answer) = call(&gateway, &crm, &[("tel", "91234567"), ("key", "2")]);
    assert_eq!((asked.len(), &answer["status"]), (0, &json!("no_identifier")));
    assert_eq!(call(&gateway, &crm, &[("tel", "91234567")]).0.len(), 0);
}
