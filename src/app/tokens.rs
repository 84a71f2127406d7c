//! The upstreams' tokens in the cache's sealed values, so that replicas share them.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::cache::{self, Vault};
use crate::clock::Deadline;
use crate::upstream::token::{Asked, TokenStore};

impl TokenStore for Vault {
    fn get<'a>(&'a self, name: &'a str, deadline: Deadline) -> BoxFuture<'a, Option<Vec<u8>>> {
        Self::get(self, name, deadline).boxed()
    }

    fn put<'a>(&'a self, name: &'a str, value: &'a [u8], life: Duration) -> BoxFuture<'a, ()> {
        Self::put(self, name, value, life).map(|_| ()).boxed()
    }

    fn lock<'a>(&'a self, name: &'a str, life: Duration, deadline: Deadline) -> BoxFuture<'a, Asked> {
        let asked = |asked| match asked {
            cache::Asked::Taken(lock) => Asked::Taken(Box::new(lock)),
            cache::Asked::Held => Asked::Held,
            cache::Asked::Alone => Asked::Alone,
        };
        Self::lock(self, name, life, deadline).map(asked).boxed()
    }
}
