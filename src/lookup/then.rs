//! The further reads about a record: each begins as soon as what it needs is there, side by side with the others.

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

use crate::lookup::ask::Asking;
use crate::lookup::scope::Scope;
use crate::output::Held;
use crate::plan::{Node, Read};
use crate::record::Record;
use crate::trace::Stage;

/// Runs the node's reads and returns what each gave, in the node's order.
pub(super) async fn read(node: &Node, scope: &Scope<'_>, asking: &Asking<'_>) -> Vec<Held> {
    let mut held: Vec<Option<Held>> = vec![None; node.then.len()];
    let mut begun = vec![false; node.then.len()];
    let mut running: FuturesUnordered<BoxFuture<'_, (usize, Held)>> = FuturesUnordered::new();
    loop {
        for (at, read) in node.then.iter().enumerate() {
            let ready = read.after.iter().all(|need| held.get(*need).is_some_and(Option::is_some));
            if let Some(begun) = begun.get_mut(at).filter(|begun| ready && !**begun) {
                *begun = true;
                let scope = scope.with_done(records(&held));
                running.push(Box::pin(async move { (at, one(read, &scope, asking).await) }));
            }
        }
        let Some((at, ended)) = running.next().await else {
            break;
        };
        if let Some(place) = held.get_mut(at) {
            *place = Some(ended);
        }
    }
    drop(running);
    held.into_iter().map(|held| held.unwrap_or(Held::Nothing)).collect()
}

async fn one(read: &Read, scope: &Scope<'_>, asking: &Asking<'_>) -> Held {
    if let Some(when) = &read.ask.when
        && !when.test(scope).unwrap_or(false)
    {
        asking.trace.note(Stage::Then, &read.name, || format!("not asked: `{}` is not true", when.text()));
        return Held::Nothing;
    }
    let held = asking.run(&read.ask, scope).await;
    asking.trace.note(Stage::Then, &read.name, || match &held {
        Held::Record(_) => "found".to_owned(),
        Held::Nothing => "not found".to_owned(),
        Held::Failed(failure) => format!("failed: {failure}"),
    });
    held
}

fn records(held: &[Option<Held>]) -> Vec<(usize, Record)> {
    let found = held.iter().enumerate().filter_map(|(at, held)| match held {
        Some(Held::Record(record)) => Some((at, Record::clone(record))),
        _ => None,
    });
    found.collect()
}
