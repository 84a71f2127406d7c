//! What decides what an operation finds: what is asked and where, with which credential, and how the answer is read. How
//! long it is waited for, how much the upstream is asked, and in which words it says what went wrong decide nothing.

use std::collections::BTreeMap;

use crate::plan::identity::{Identify, Identity};
use crate::plan::operation::{
    Arg, Body, Call, Column, Effect, HttpCall, HttpUpstream, Idempotency, JsonTemplate, Operation, Setting,
    TableCall,
};
use crate::plan::pages::{Count, Pages};

impl Identify for Operation {
    fn identify(&self, identity: &mut Identity) {
        let Self { name, about: _, args, call, records, unique, effect, timeout: _ } = self;
        let effect = match effect {
            Effect::Read => "read",
            Effect::Write => "write",
        };
        identity.add(name).add(args).add(call).add(records).add(unique).add(effect);
    }
}

impl Identify for Arg {
    fn identify(&self, identity: &mut Identity) {
        let Self { name, kind, required, default, one_of, about: _ } = self;
        identity.add(name).add(kind.name()).add(required).add(default).add(one_of);
    }
}

impl Identify for Call {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::Http(call) => identity.add("http").add(call),
            Self::Table(call) => identity.add("table").add(call),
        };
    }
}

impl Identify for HttpCall {
    fn identify(&self, identity: &mut Identity) {
        let Self {
            upstream,
            base_url,
            method,
            path,
            query,
            headers,
            body,
            auth,
            ok,
            is_whole,
            pages,
            idempotency,
            error: _,
            not_found,
        } = self;
        identity.add(upstream).add(base_url).add(method.name()).add(path).add(query).add(headers).add(body);
        identity.add(auth).add(ok).add(is_whole).add(pages).add(idempotency).add(not_found);
    }
}

impl Identify for HttpUpstream {
    fn identify(&self, identity: &mut Identity) {
        let Self { name, connect_timeout: _, redirects, limits: _ } = self;
        identity.add(name).add(redirects);
    }
}

impl<T: Identify> Identify for Setting<T> {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::Set(value) => identity.add("set").add(value),
            Self::Unset(variable) => identity.add("unset").add(variable),
        };
    }
}

impl Identify for Body {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::None => identity.add("none"),
            Self::Json(json) => identity.add("json").add(json),
            Self::Form(items) => identity.add("form").add(items),
            Self::Xml(template) => identity.add("xml").add(template),
            Self::Text(template) => identity.add("text").add(template),
        };
    }
}

impl Identify for JsonTemplate {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::Constant(value) => identity.add("constant").add(value),
            Self::Text(template) => identity.add("text").add(template),
            Self::List(items) => identity.add("list").add(items),
            Self::Object(members) => identity.add("object").add(members),
        };
    }
}

impl Identify for Pages {
    fn identify(&self, identity: &mut Identity) {
        let Self { number, size, first, count, most } = self;
        let count = match count {
            Count::Pages(path) => ("pages", path),
            Count::Records(path) => ("records", path),
        };
        identity.add(&(*number as u64)).add(&size.map(|at| at as u64)).add(first).add(&count).add(most);
    }
}

impl Identify for Idempotency {
    fn identify(&self, identity: &mut Identity) {
        let Self { header, by } = self;
        let by: Vec<u64> = by.iter().map(|at| *at as u64).collect();
        identity.add(header).add(&by);
    }
}

impl Identify for TableCall {
    fn identify(&self, identity: &mut Identity) {
        let Self { table, find } = self;
        identity.add(&table.identity()).add(find);
    }
}

impl Identify for Column {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::Named(name) => identity.add("named").add(name),
            Self::Argument(at, columns) => identity.add("argument").add(&(*at as u64)).add(columns),
        };
    }
}

impl<K: Identify, V: Identify> Identify for BTreeMap<K, V> {
    fn identify(&self, identity: &mut Identity) {
        let members: Vec<_> = self.iter().collect();
        identity.add(&members);
    }
}
