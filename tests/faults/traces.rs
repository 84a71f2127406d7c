//! What past calls leave is bounded, whatever comes; and it holds no plan that is not in force any more.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use datadip::app;
use datadip::cache::Config;
use datadip::explain::{Eyes, Traces};
use datadip::lookup::Engine;
use datadip::node::call::Call;
use datadip::plan::{Node, Slot};
use datadip::trace::{Trace, TraceId};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::folder::Folder;
use crate::machine;

const SHOP: &str = "
upstream: shop
table: { file: ../data/shop.jsonl, identifiers: { tel: { type: phone, region: SG } } }
operations:
  by_tel: { args: { tel: { required: true } }, find: { tel: '{{ tel }}' } }
";

const NODE: &str = "
node: caller
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: shop.by_tel }
outputs: { name: { path: $.name, default: '' }, note: { path: $.note, default: '' } }
";

const ROW: &str = r#"{"tel": "91234567", "name": "Ada", "note": "likes tea"}"#;
const MIB: usize = 1 << 20;

async fn node(folder: &Path) -> Arc<Node> {
    let loaded = app::load(&folder.join("mappings"), |_| None).await.unwrap();
    match &loaded.catalogue.nodes["caller"] {
        Slot::Ready(node) => Arc::clone(node),
        Slot::Broken(why) => panic!("{why}"),
    }
}

fn folder() -> Folder {
    Folder::with(&[
        ("mappings/upstreams/shop.yaml", SHOP),
        ("mappings/nodes/caller.yaml", NODE),
        ("mappings/data/shop.jsonl", ROW),
    ])
}

fn engine(bytes: usize) -> (Engine, Arc<Traces>) {
    let engine = app::engine(&Config::default(), Handle::current(), true).unwrap();
    let traces =
        Traces::new(bytes as u64, bytes as u64, engine.cache(), SystemTime::now(), &Handle::current());
    (engine.remembering(Arc::clone(&traces)), traces)
}

async fn call(engine: &Engine, node: &Arc<Node>, tel: &str) -> TraceId {
    let trace = Arc::new(Trace::new(Instant::now()));
    engine.answer(node, &Call::from_iter([("tel", tel)]), &trace).await;
    trace.id()
}

/// This process's memory, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().unwrap().block_on(test);
}

/// The same, where time passes only when it is told to.
fn run_paused(test: impl Future<Output = ()>) {
    let clock = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    clock.unwrap().block_on(test);
}

#[test]
fn a_hundred_thousand_calls_take_the_memory_that_they_are_given() {
    // What other tests take would be taken for theirs.
    let _alone = machine::alone();
    run_paused(many_calls());
}

async fn many_calls() {
    let folder = folder();
    let (node, (engine, traces)) = (node(folder.path()).await, engine(4 * MIB));
    let mut ids = Vec::new();
    for number in 0..2_000 {
        ids.push(call(&engine, &node, &format!("9{number:07}")).await);
    }
    let before = resident();
    for number in 0..100_000 {
        if number % 200 == 0 {
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        // Most callers are nobody; some are long.
        let tel = if number % 50 == 0 { "1".repeat(4000) } else { "anonymous".to_owned() };
        ids.push(call(&engine, &node, &tel).await);
    }
    let (size, grown) = (traces.size(), resident().saturating_sub(before));
    assert!(size.bytes <= 3 * MIB && size.stories > 500, "{size:?}");
    assert!(grown < 24 * MIB, "{grown} bytes more for {size:?}");
    assert!(traces.explain(*ids.last().unwrap(), Eyes::Masked).await.is_some());
    assert!(traces.explain(ids[0], Eyes::Masked).await.is_none(), "the oldest goes first");
}

#[test]
fn a_burst_of_calls_that_nobody_understands_does_not_push_out_the_one_that_found_nobody() {
    let _guard = machine::among_others();
    run_paused(async {
        let folder = folder();
        let (node, (engine, traces)) = (node(folder.path()).await, engine(MIB));
        let nobody = call(&engine, &node, "98765432").await;
        for _ in 0..4_000 {
            call(&engine, &node, "anonymous").await;
        }
        assert_eq!(traces.size().stories, 251);
        let told = traces.explain(nobody, Eyes::Personal).await.unwrap();
        assert!(told.to_string().contains("+6598765432"), "{told}");
    });
}

#[test]
fn a_burst_of_calls_that_went_well_does_not_push_out_the_one_that_found_nobody() {
    let _guard = machine::among_others();
    run(burst());
}

async fn burst() {
    let folder = folder();
    let (node, (engine, traces)) = (node(folder.path()).await, engine(32 * MIB));
    let (start, mut ids) = (Instant::now(), Vec::new());
    for _ in 0..2_000 {
        ids.push(call(&engine, &node, "91234567").await);
    }
    let nobody = call(&engine, &node, "98765432").await;
    let (size, seconds) = (traces.size(), start.elapsed().as_secs() as usize);
    assert!((250..=250 * (seconds + 2) + 1).contains(&size.stories), "{size:?} after {seconds} s");
    let told = traces.explain(nobody, Eyes::Personal).await.unwrap();
    assert!(told.to_string().contains("+6598765432"), "{told}");
    // Of the others, when and how they ended is known.
    for id in [ids[0], ids[1_999]] {
        assert_eq!(traces.explain(id, Eyes::Masked).await.unwrap()["call"]["outcome"], "found");
    }
}

#[test]
fn a_plan_that_is_not_in_force_any_more_is_let_go_and_its_calls_are_still_told() {
    let _guard = machine::among_others();
    run(another_plan());
}

async fn another_plan() {
    let folder = folder();
    let (engine, traces) = engine(4 * MIB);
    let first = node(folder.path()).await;
    let id = call(&engine, &first, "91234567").await;
    let before = traces.explain(id, Eyes::Personal).await.unwrap();
    let plan: Weak<Node> = Arc::downgrade(&first);
    drop(first);
    assert!(plan.upgrade().is_some(), "the call's facts are told by its plan");
    folder.write("mappings/data/shop.jsonl", "");
    let second = node(folder.path()).await;
    call(&engine, &second, "91234567").await;
    let end = Instant::now() + Duration::from_secs(60);
    while plan.upgrade().is_some() {
        assert!(Instant::now() < end, "the plan is still held");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(traces.explain(id, Eyes::Personal).await.unwrap(), before);
    assert_eq!(before["call"]["outputs"][0]["value"], "Ada");
}

#[test]
fn a_record_of_a_megabyte_is_told_without_being_kept() {
    let _guard = machine::among_others();
    run(large_record());
}

async fn large_record() {
    let folder = folder();
    let long = ROW.replace("tea", &"tea ".repeat(200_000));
    folder.write("mappings/data/shop.jsonl", &long);
    let (node, (engine, traces)) = (node(folder.path()).await, engine(4 * MIB));
    let id = call(&engine, &node, "91234567").await;
    let told = traces.explain(id, Eyes::Masked).await.unwrap();
    assert_eq!(told["call"]["outputs"][1]["value"], "«text of 800006 characters»");
}
