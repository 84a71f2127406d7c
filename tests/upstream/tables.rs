//! Tables: rows found by their identifying columns, and an example's rows in their place.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use datadip::expr::Path;
use datadip::plan::operation::{ArgKind, Call, Column, Effect, Operation, TableCall};
use datadip::plan::table::{Identifier, Table};
use datadip::record::{Failure, Record};
use datadip::upstream::Upstreams;
use serde_json::json;

use crate::operations::{Canned, arg, ask, text};

fn rows() -> Vec<Record> {
    [
        json!({"partner_id": "p1", "line_id": "u1", "country": "SG", "tier": "gold"}),
        json!({"partner_id": "p1", "line_id": "u2", "country": "MY", "tier": "none"}),
    ]
    .map(Arc::new)
    .to_vec()
}

fn operation(find: Vec<(Column, &str)>, records: &str) -> Arc<Operation> {
    let identifiers = ["partner_id", "line_id"].map(|column| (column.to_owned(), Identifier::Text));
    let table = Table::new("customers".into(), rows(), BTreeMap::from(identifiers));
    let find = find.into_iter().map(|(column, template)| (column, text(template))).collect();
    Arc::new(Operation {
        name: "customers.by_account".into(),
        about: None,
        args: ["kind", "id", "country"].map(|name| arg(name, ArgKind::Text)).to_vec(),
        call: Call::Table(TableCall { table: Arc::new(table), find }),
        records: Path::compile(records).unwrap(),
        unique: Vec::new(),
        effect: Effect::Read,
        timeout: Duration::from_secs(1),
    })
}

fn by_kind() -> Column {
    let columns = [("partnerId", "partner_id"), ("lineId", "line_id")];
    Column::Argument(0, columns.map(|(kind, column)| (kind.to_owned(), column.to_owned())).into())
}

#[tokio::test]
async fn a_row_is_found_by_the_column_that_an_argument_names() {
    let upstreams = Upstreams::new(Canned::new(200, &[], ""));
    let operation = operation(vec![(by_kind(), "{{ id }}")], "$[*]");
    let line = ask(&upstreams, &operation, &[json!("lineId"), json!("u2")], 100).await;
    assert_eq!(line.values(), [rows()[1].as_ref().clone()]);
    let own_name = ask(&upstreams, &operation, &[json!("line_id"), json!("u1")], 100).await;
    assert_eq!(own_name.values().len(), 1);
    assert_eq!(ask(&upstreams, &operation, &[json!("lineId"), json!("u9")], 100).await.found, Ok(vec![]));
    let none = ask(&upstreams, &operation, &[], 100).await;
    assert!(matches!(none.failure(), Failure::Argument { name, .. } if name == "kind"));
}

#[tokio::test]
async fn a_condition_on_an_argument_that_was_not_given_is_left_out() {
    let upstreams = Upstreams::new(Canned::new(200, &[], ""));
    let named = |name: &str| Column::Named(name.to_owned());
    let find = vec![(named("partner_id"), "{{ id }}"), (named("country"), "{{ country }}")];
    let operation = operation(find, "$[*]");
    let both = ask(&upstreams, &operation, &[json!("-"), json!("p1")], 100).await;
    assert_eq!(both.values().len(), 2);
    let one = ask(&upstreams, &operation, &[json!("-"), json!("p1"), json!("MY")], 100).await;
    assert_eq!(one.values(), [rows()[1].as_ref().clone()]);
    assert_eq!(ask(&upstreams, &operation, &[json!("-")], 100).await.found, Ok(vec![]));
}

#[tokio::test]
async fn records_may_be_any_path_over_the_rows() {
    let upstreams = Upstreams::new(Canned::new(200, &[], ""));
    let operation = operation(vec![(by_kind(), "{{ id }}")], "$[?@.country == 'SG'].tier");
    let tier = ask(&upstreams, &operation, &[json!("partnerId"), json!("p1")], 100).await;
    assert_eq!(tier.values(), [json!("gold")]);
}

#[tokio::test]
async fn an_examples_rows_stand_in_for_the_tables() {
    let canned = Canned::of_rows(vec![Arc::new(json!({"tier": "canned"}))]);
    let operation = operation(vec![(by_kind(), "{{ id }}")], "$[*]");
    let asked = ask(&Upstreams::new(canned), &operation, &[json!("lineId"), json!("u2")], 100).await;
    assert_eq!(asked.values(), [json!({"tier": "canned"})]);
}
