//! Lists that come in pages: how far a node walks them, and when it says that it could not.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::folder::Folder;
use crate::gateway::Gateway;
use crate::shell::{Ended, datadip_with};
use crate::upstream::{Asked, Reaction, Upstream};
use crate::wire::Said;

const UPSTREAM: &str = "\
upstream: acme
base_url: ${ACME_URL}
operations:
  counted:
    args: { tel: text, page: int }
    get: /counted
    query: { tel: '{{ tel }}', page: '{{ page }}' }
    records: $.items[?@.tel != 'other']
    pages: { number: page, count: $.pages, most: 4 }
  totalled:
    args: { currPage: int, pageSize: { type: int, default: 2 } }
    post: /totalled
    json: { currPage: '{{ currPage }}', pageSize: '{{ pageSize }}' }
    records: $.data.list[*]
    pages: { number: currPage, size: pageSize, total: $.data.total }
";

/// A node that asks `counted` with these keys in its step.
fn node(step: &str) -> String {
    format!(
        "node: n\nbudget_ms: 4000\ninputs: {{ tel: {{ type: phone, region: SG }}, page: int }}\n\
         lookup: {{ by: tel, call: acme.counted, {step} }}\ncache: {{ fresh_sec: 60 }}\n\
         outputs: {{ name: {{ path: $.name, default: '' }}, asked: {{ text: '{{{{ page or 0 }}}}', default: '' }} }}\n"
    )
}

fn start(acme: &Upstream, step: &str) -> Gateway {
    start_node(acme, &node(step))
}

fn start_node(acme: &Upstream, node: &str) -> Gateway {
    let mappings = [("upstreams/acme.yaml", UPSTREAM), ("nodes/n.yaml", node)];
    let gateway = Gateway::start_with(&mappings, &[], &[("ACME_URL", &acme.url())]);
    assert_eq!(gateway.mistakes(), "");
    gateway
}

/// The page that is asked for; 0: none is named.
fn page(asked: &Asked) -> usize {
    asked.target.split("page=").nth(1).map_or(0, |page| page.parse().unwrap())
}

fn pages(acme: &Upstream) -> Vec<usize> {
    acme.asked().iter().map(page).collect()
}

/// Pages that hold these records; as some upstreams do, the last one again for every one beyond it.
fn list(pages: &[Value]) -> Upstream {
    let pages = pages.to_vec();
    Upstream::start(move |asked| {
        let at = page(asked).clamp(1, pages.len());
        Reaction::json(&json!({ "pages": pages.len(), "items": pages[at - 1] }))
    })
}

fn other() -> Value {
    json!([{ "tel": "other" }])
}

fn ask(gateway: &Gateway) -> (String, Value) {
    heard(&gateway.get("/nodes/n?tel=91234567"))
}

fn heard(said: &Said) -> (String, Value) {
    let answer: Value = serde_json::from_slice(&said.body).unwrap();
    (said.header("x-datadip-outcome").to_owned(), answer["name"].clone())
}

#[test]
fn the_first_page_that_has_a_record_ends_the_walk_and_is_kept_as_one_answer() {
    let acme = list(&[other(), json!([{ "name": "Ada" }]), json!([{ "name": "Eve" }])]);
    let gateway = start(&acme, "args: { tel: '{{ tel }}' }");
    assert_eq!(ask(&gateway), ("found".to_owned(), json!("Ada")));
    assert_eq!(pages(&acme), [1, 2]);
    assert_eq!(gateway.get("/nodes/n?tel=91234567").header("x-datadip-cache"), "memory");
    assert_eq!(pages(&acme), [1, 2]);
}

#[test]
fn the_newest_is_sought_on_all_pages_and_none_beyond_the_last_is_asked_for() {
    let at = |name: &str, year: u32| json!([{ "name": name, "at": year }]);
    let acme = list(&[at("Ada", 2024), at("Eve", 2026), at("Joe", 2025)]);
    let gateway = start(&acme, "args: { tel: '{{ tel }}' }, pick: { newest: $.at }");
    assert_eq!(ask(&gateway), ("found".to_owned(), json!("Eve")));
    assert_eq!(pages(&acme), [1, 2, 3]);
}

#[test]
fn two_records_are_enough_to_know_that_there_is_not_only_one() {
    let named = |name: &str| json!([{ "name": name }]);
    let acme = list(&[named("Ada"), named("Ada"), named("Eve"), named("Joe")]);
    let gateway = start(&acme, "args: { tel: '{{ tel }}' }, pick: only");
    assert_eq!(ask(&gateway).0, "ambiguous");
    assert_eq!(pages(&acme), [1, 2, 3]);
}

#[test]
fn nobody_on_all_pages_is_not_found_and_nobody_on_some_of_them_is_an_error() {
    let acme = list(&vec![other(); 4]);
    let gateway = start(&acme, "args: { tel: '{{ tel }}' }");
    assert_eq!(ask(&gateway).0, "not_found");
    assert_eq!(pages(&acme), [1, 2, 3, 4]);

    let acme = list(&vec![other(); 5]);
    let gateway = start(&acme, "args: { tel: '{{ tel }}' }");
    assert_eq!(ask(&gateway).0, "error");
    assert_eq!(pages(&acme), [1, 2, 3, 4]);
    assert!(gateway.log().contains("unfinished"), "{}", gateway.log());
}

#[test]
fn a_page_that_is_asked_for_by_its_number_is_the_only_one() {
    let acme = list(&[json!([{ "name": "Ada" }]), other(), other()]);
    let gateway = start(&acme, "args: { tel: '{{ tel }}', page: '{{ page }}' }");
    assert_eq!(heard(&gateway.get("/nodes/n?tel=91234567&page=2")).0, "not_found");
    assert_eq!(pages(&acme), [2]);
    assert_eq!(ask(&gateway), ("found".to_owned(), json!("Ada")));
    assert_eq!(pages(&acme), [2, 1]);
}

#[test]
fn an_empty_list_may_leave_its_count_out_and_a_list_of_somebody_may_not() {
    let acme = Upstream::start(|_| Reaction::json(&json!({ "items": [] })));
    assert_eq!(ask(&start(&acme, "args: { tel: '{{ tel }}' }")).0, "not_found");
    let acme = Upstream::start(|_| Reaction::json(&json!({ "items": [{ "name": "Ada" }] })));
    assert_eq!(ask(&start(&acme, "args: { tel: '{{ tel }}' }, pick: { newest: $.at }")).0, "error");
    assert_eq!(ask(&start(&acme, "args: { tel: '{{ tel }}' }")).0, "found");
}

#[test]
fn one_page_that_fails_for_a_moment_is_asked_for_again_and_a_second_one_is_not() {
    let flaky = |fails: &'static [usize]| {
        let failed = std::sync::Mutex::new(HashMap::<usize, usize>::new());
        Upstream::start(move |asked| {
            let page = page(asked);
            let before = failed.lock().unwrap().insert(page, 1);
            if fails.contains(&page) && before.is_none() {
                return Reaction::status(503, &json!({}));
            }
            Reaction::json(
                &json!({ "pages": 3, "items": if page == 3 { json!([{ "name": "Ada" }]) } else { other() } }),
            )
        })
    };
    let acme = flaky(&[2]);
    assert_eq!(ask(&start(&acme, "args: { tel: '{{ tel }}' }")).0, "found");
    assert_eq!(pages(&acme), [1, 2, 2, 3]);
    let acme = flaky(&[1, 2]);
    assert_eq!(ask(&start(&acme, "args: { tel: '{{ tel }}' }")).0, "error");
    assert_eq!(pages(&acme), [1, 1, 2]);
}

#[test]
fn a_walk_ends_with_the_budget() {
    let acme = Upstream::start(|_| {
        Reaction::json(&json!({ "pages": 4, "items": other() })).after(Duration::from_millis(600))
    });
    let node = node("args: { tel: '{{ tel }}' }").replace("budget_ms: 4000", "budget_ms: 1500");
    let gateway = start_node(&acme, &node);
    let begun = Instant::now();
    assert_eq!(ask(&gateway).0, "timeout");
    assert!(begun.elapsed() < Duration::from_millis(5000), "{:?}", begun.elapsed());
}

fn call(acme: &Upstream, args: &[&str]) -> Ended {
    let folder = Folder::with(&[("mappings/upstreams/acme.yaml", UPSTREAM)]);
    let args: Vec<&str> = std::iter::once("call").chain(args.iter().copied()).collect();
    datadip_with(folder.path(), &args, &[("ACME_URL", &acme.url())])
}

/// Five agents, as many a page as are asked for, but never more than this. It says so often how many they are.
fn agents(most: u64, total: Value) -> Upstream {
    Upstream::start(move |asked| {
        let said: Value = serde_json::from_slice(&asked.body).unwrap();
        let (page, size) = (said["currPage"].as_u64().unwrap(), said["pageSize"].as_u64().unwrap().min(most));
        let list: Vec<Value> = (1..=5)
            .skip((page as usize - 1) * size as usize)
            .take(size as usize)
            .map(|id| json!(id))
            .collect();
        Reaction::json(&json!({ "data": { "total": total, "list": list } }))
    })
}

fn printed(ended: &Ended) -> Value {
    assert_eq!(ended.code, 0, "{ended:?}");
    serde_json::from_str(&ended.out).unwrap()
}

#[test]
fn call_asks_for_one_page_and_says_that_there_are_more_or_for_all() {
    let acme = agents(9, json!("5"));
    let first = call(&acme, &["acme.totalled"]);
    assert_eq!(printed(&first), json!([1, 2]));
    assert!(first.err.contains("this is the first of 3 pages; --all asks for all of them"), "{}", first.err);
    assert_eq!(printed(&call(&acme, &["acme.totalled", "currPage=3"])), json!([5]));
    assert_eq!(acme.asked().len(), 2);
    assert_eq!(printed(&call(&acme, &["acme.totalled", "--all"])), json!([1, 2, 3, 4, 5]));
    assert_eq!(acme.asked().len(), 5);
    assert_eq!(printed(&call(&acme, &["acme.totalled", "--all", "pageSize=5"])), json!([1, 2, 3, 4, 5]));
    assert_eq!(acme.asked().len(), 6);
    let ended = call(&acme, &["acme.totalled", "--all", "currPage=2"]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("has no pages to be walked, or one of them is asked for"), "{}", ended.err);
}

#[test]
fn pages_that_hold_fewer_records_than_were_asked_for_are_walked_to_the_last_record() {
    let acme = agents(2, json!(5));
    let first = call(&acme, &["acme.totalled", "pageSize=4"]);
    assert!(first.err.contains("this is the first of 3 pages"), "{}", first.err);
    assert_eq!(printed(&call(&acme, &["acme.totalled", "--all", "pageSize=4"])), json!([1, 2, 3, 4, 5]));
    assert_eq!(acme.asked().len(), 4);
}

#[test]
fn a_count_is_a_whole_number_however_it_is_written() {
    for total in [json!("5"), json!(5.0), json!("5.0"), serde_json::from_str("0.5e1").unwrap()] {
        let ended = call(&agents(9, total.clone()), &["acme.totalled", "--all"]);
        assert_eq!(printed(&ended), json!([1, 2, 3, 4, 5]), "{total}");
    }
    for total in [json!(4.5), json!(-5), json!("five"), json!("nan"), json!("1e400")] {
        let ended = call(&agents(9, total.clone()), &["acme.totalled", "--all"]);
        assert_eq!(ended.code, 1, "{total}: {ended:?}");
        assert!(ended.err.contains("does not say at $.data.total how much there is"), "{}", ended.err);
    }
}

#[test]
fn of_a_list_that_a_filter_narrows_the_whole_list_is_counted() {
    let upstream = UPSTREAM.replace("$.data.list[*]", "$.data.list[?@ >= 4]");
    let folder = Folder::with(&[("mappings/upstreams/acme.yaml", &upstream)]);
    let acme = agents(2, json!(5));
    let args = ["call", "acme.totalled", "--all"];
    assert_eq!(printed(&datadip_with(folder.path(), &args, &[("ACME_URL", &acme.url())])), json!([4, 5]));
    assert_eq!(acme.asked().len(), 3);
}
