//! The further reads about a record: each begins as soon as what it needs is there, side by side with the others.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

use crate::lookup::Shared;
use crate::lookup::ask::Asking;
use crate::lookup::kept::asked;
use crate::lookup::question::{Asked, Question};
use crate::lookup::scope::Scope;
use crate::lookup::step::{Found, end};
use crate::output::Held;
use crate::plan::Read;
use crate::record::Record;
use crate::trace::note::{Place, What};

/// Runs the node's reads and returns what each gave, in the node's order.
pub(super) async fn read(scope: &Scope, asking: &Asking, shared: &Arc<Shared>) -> Vec<Asked> {
    let node = scope.node();
    let mut ended: Vec<Option<Asked>> = node.then.iter().map(|_| None).collect();
    let mut begun = vec![false; node.then.len()];
    let mut running: FuturesUnordered<BoxFuture<'_, (usize, Asked)>> = FuturesUnordered::new();
    loop {
        for (at, read) in node.then.iter().enumerate() {
            let ready = read.after.iter().all(|need| ended.get(*need).is_some_and(Option::is_some));
            if let Some(begun) = begun.get_mut(at).filter(|begun| ready && !**begun) {
                *begun = true;
                let scope = scope.with_done(records(&ended));
                running.push(Box::pin(async move { (at, one(at, read, &scope, asking, shared).await) }));
            }
        }
        let Some((at, asked)) = running.next().await else {
            break;
        };
        if let Some(place) = ended.get_mut(at) {
            *place = Some(asked);
        }
    }
    drop(running);
    ended.into_iter().map(|asked| asked.unwrap_or_else(Asked::not)).collect()
}

async fn one(at: usize, read: &Read, scope: &Scope, asking: &Asking, shared: &Arc<Shared>) -> Asked {
    let asking = &asking.at(Place::Read(at));
    if let Some(when) = &read.ask.when
        && !when.test(scope).unwrap_or(false)
    {
        asking.trace.note(|| What::Unwanted(when.text().into()));
        return Asked::not();
    }
    let asked = match Question::of_read(read, at, scope) {
        Ok(question) => asked(question, scope, asking, shared).await,
        Err(failure) => Asked::failed(failure),
    };
    asking.trace.note(|| What::Settled(end(&asked.found)));
    asked
}

/// Asks the upstream for the read at this place.
pub(super) fn ask_one(at: usize, scope: Scope, asking: Asking) -> BoxFuture<'static, Found> {
    Box::pin(async move {
        let Some(read) = scope.node().then.get(at) else {
            return Found::NotAsked;
        };
        match asking.run(&read.ask, &read.keep.reading.part, &scope).await {
            Held::Record(record) => Found::Record(record),
            Held::Nothing => Found::Nothing,
            Held::Ambiguous => Found::Ambiguous,
            Held::Failed(failure) => Found::Failed(failure),
        }
    })
}

fn records(ended: &[Option<Asked>]) -> Vec<(usize, Record)> {
    let found = ended.iter().enumerate().filter_map(|(at, asked)| match &asked.as_ref()?.found {
        Found::Record(record) => Some((at, Record::clone(record))),
        _ => None,
    });
    found.collect()
}
