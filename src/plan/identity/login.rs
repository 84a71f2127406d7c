//! What decides as whom an operation asks: two logins may see two sets of customers. How long a token is good for and
//! how long it is waited for decide nothing.

use crate::plan::identity::{Identify, Identity};
use crate::plan::login::{Carry, Fetch, Jwt, Life, Login, Mint};
use crate::plan::operation::Auth;
use crate::secret::Secret;

impl Identify for Secret {
    fn identify(&self, identity: &mut Identity) {
        identity.add(self.expose());
    }
}

impl Identify for Auth {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::None => identity.add("none"),
            Self::Header(name, secret) => identity.add("header").add(name).add(secret),
            Self::Query(name, secret) => identity.add("query").add(name).add(secret),
            Self::Basic(user, password) => identity.add("basic").add(user).add(password),
            Self::Bearer(secret) => identity.add("bearer").add(secret),
            Self::Login(login) => identity.add("login").add(login),
        };
    }
}

impl Identify for Login {
    fn identify(&self, identity: &mut Identity) {
        // Its name says which token it is given, and so also for how long.
        let Self { upstream: _, identity: _, values, mint, carry } = self;
        identity.add(values).add(mint).add(carry);
    }
}

impl Identify for Mint {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::Signed(jwt) => identity.add("signed").add(jwt),
            Self::Fetched(fetch) => identity.add("fetched").add(fetch),
        };
    }
}

impl Identify for Jwt {
    fn identify(&self, identity: &mut Identity) {
        let Self { algorithm, secret, header, claims, life: _ } = self;
        identity.add(algorithm.name()).add(secret).add(header).add(claims);
    }
}

/// Which answers refuse the token decides which answers are read.
impl Identify for Fetch {
    fn identify(&self, identity: &mut Identity) {
        let Self { operation, token, life: _, expired, expired_when } = self;
        identity.add(operation).add(token).add(expired).add(expired_when);
    }
}

impl Identify for Life {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::Unknown => identity.add("unknown"),
            Self::Fixed(life) => identity.add("fixed").add(life),
            Self::Said(path) => identity.add("said").add(path),
        };
    }
}

impl Identify for Carry {
    fn identify(&self, identity: &mut Identity) {
        match self {
            Self::Header { name, prefix } => identity.add("header").add(name).add(prefix),
            Self::Query(name) => identity.add("query").add(name),
        };
    }
}
