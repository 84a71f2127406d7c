//! Every operation asked of the simulators, and what they refuse.

use serde_json::{Value, json};

use crate::asking::Asking;
use crate::contract::{Contract, contracts};
use crate::sample::assert_like;
use crate::sim::Sim;

/// The document's request, where the simulator's data does not ask for another: a batch without mistakes, a name that
/// is not taken.
fn args(contract: &Contract) -> Vec<(String, Value)> {
    let request = match contract.name.as_str() {
        "queue_members" => json!({ "queueID": "0000", "agentType": "1" }),
        "ext_add" => json!({ "agentID": "1111", "agentType": "0", "ext": "5003", "password": "123456" }),
        "blacklist_import" => {
            json!({ "numbers": [{ "callNumber": "15210818952", "numberType": 1, "callType": 2, "enabled": 1 }] })
        }
        "ivr_add" => {
            json!({ "level": 0, "name": "夜间", "nbr": "33333", "type": "transfer", "call_extn_allowed": 1 })
        }
        "hotline_add" => {
            json!({ "nbr": "4008009", "period_enable": "1", "period_type": "work", "type": "only", "numbers": "1111" })
        }
        "campaign_import_result" => {
            json!({ "agentID": "5001", "callingListCode": "20220815203412", "currPage": 1, "pageSize": 50 })
        }
        // The document changes what it has just deleted, or what is not there.
        "queue_set" => json!({ "id": "1", "strategy": "random" }),
        "work_time_set" => json!({ "id": "6", "start_time": "08:00:00", "end_time": "19:00:00" }),
        "off_day_set" | "off_day_delete" => json!({ "id": "2" }),
        "ivr_set" => json!({ "id": "3", "nbr": "111" }),
        _ => return contract.args(),
    };
    request.as_object().unwrap().clone().into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_operation_finds_what_its_sample_has_in_the_same_types() {
    let sim = Sim::start();
    let asking = Asking::with(&sim.variables()).await;
    for contract in contracts().iter().filter(|contract| contract.upstream != "sobot-crm") {
        let operation = asking.operations.iter().find(|operation| contract.is_like(operation)).unwrap();
        let found = asking.ask(operation, &args(contract)).await;
        let found = found.unwrap_or_else(|failure| panic!("{}: {failure}", operation.name));
        let sample = operation.records.take(contract.said["response"].clone()).unwrap();
        assert_eq!(found.is_empty(), sample.is_empty(), "{}: {found:?}", operation.name);
        assert_like(&found.into(), &sample.into(), &operation.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn sobots_crm_finds_a_customer_by_each_of_its_parameters() {
    let sim = Sim::start();
    let asking = Asking::with(&sim.variables()).await;
    let samples: Value = serde_json::from_str(include_str!("../contracts/customers.json")).unwrap();
    let by_tel = asking.operation("sobot-crm.customer_by_tel");
    let given = |name: &str, value: &str| vec![(name.to_owned(), json!(value))];
    let found = asking.ask(by_tel, &given("tel", "+6591234567")).await.unwrap();
    assert_like(&found.into(), &json!([samples["node_system"]["response"]]), "by tel");
    // Of a stranger it tells nothing, and does not say so either.
    assert_eq!(asking.ask(by_tel, &given("tel", "+6599999999")).await.unwrap(), [json!({})]);

    let query = asking.operation("sobot-crm.query_customer");
    let whole = asking.ask(query, &given("id", "C10001")).await.unwrap();
    assert_eq!(whole[0]["uname"], "Lim Mei Ling");
    for (name, value) in
        [("tel", "+6591234567"), ("email", "mei.lim@example.sg"), ("thirdAccountId", "P-88231")]
    {
        assert_eq!(asking.ask(query, &given(name, value)).await.unwrap(), whole, "by {name}");
    }
    assert_eq!(
        asking.ask(query, &[]).await.unwrap(),
        Vec::<Value>::new(),
        "asked by nothing, it answers null"
    );
}
