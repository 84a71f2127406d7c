//! `token`: a token that is fetched by a request of its own.

use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::code::Code;
use crate::expr::{Condition, Path, Place, Template};
use crate::mapping::compiling::{Compiling, Detour};
use crate::mapping::language::auth::TOKEN;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::argument::{ANSWER, Arguments};
use crate::mapping::upstream::literal;
use crate::mapping::upstream::login::{Site, With};
use crate::mapping::upstream::written::millis;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::Node;
use crate::plan::identity::Identity;
use crate::plan::login::{Carry, Fetch, Life, Login, Mint};
use crate::plan::operation::{Auth, Call, Effect, HttpCall, Method, Operation, Setting};

/// What refuses a token, where the file does not say.
const REFUSED: u16 = 401;

/// How a token that is fetched is read, carried and given up.
pub(super) struct Reading {
    pub(super) token: Vec<Path>,
    pub(super) life: Life,
    pub(super) expired: Vec<u16>,
    pub(super) expired_when: Option<Condition>,
    pub(super) carry: Carry,
    pub(super) timeout: Duration,
}

impl Compiling<'_> {
    /// `token: { post: /tokens, json: { … }, token: $.access_token, life: $.expires_in }`
    pub(in crate::mapping::upstream) fn token(
        &mut self,
        node: &Node,
        site: &Site<'_>,
    ) -> Option<Setting<Auth>> {
        let fields = self.reader.map(node, "`token`", TOKEN.names)?;
        let method = fields.exactly_one(&mut self.reader, &["get", "post"]);
        let url = method.and_then(|(key, node)| self.login_url(node, &key.text, site));
        let method = method.map(|(key, _)| if key.text == "get" { Method::Get } else { Method::Post });
        let token = self.token_paths(&fields);
        let reading = self.reading(&fields, site);
        let with = self.with(&fields)?;
        let variables = with.variables();
        let answered = ANSWER.into_iter().fold(with.variables(), Variables::with);
        let [query, headers] = ["query", "headers"]
            .map(|key| self.by(Detour::With, |own| own.pairs(&fields, key, &variables, &with.arguments)));
        let names = fields.get("headers").and_then(Node::as_map);
        let are_names = names.is_none_or(|map| {
            map.iter().filter(|(key, _)| !self.header_name(&key.text, key.span)).count() == 0
        });
        let body = self.by(Detour::With, |own| own.body(&fields, method, &variables, &with.arguments));
        let ok = self.ok(&fields, &answered, &with.arguments);
        let error = self.error_paths(&fields);
        with.arguments.find_unread(&variables, &[], self);
        let (method, url, token, reading) = (method?, url?, token?, reading?);
        let call = HttpCall {
            upstream: Arc::clone(site.upstream),
            base_url: url,
            method,
            path: literal_path()?,
            query: query?,
            headers: headers.filter(|_| are_names)?,
            body: body?,
            auth: Setting::Set(Auth::None),
            ok: ok?,
            is_whole: false,
            pages: None,
            idempotency: None,
            error: error?,
            not_found: Vec::new(),
        };
        Some(fetched(with, call, Reading { token, ..reading }))
    }

    /// Where the answer holds the token's life; a number is that life itself, and stands behind another key.
    fn life(&mut self, node: &Node) -> Option<Path> {
        let seconds = node.as_scalar().filter(|scalar| scalar.text.trim().parse::<u64>().is_ok());
        let Some(scalar) = seconds else {
            return self.path(node, "`life`");
        };
        let message =
            format!("`life` is the path of a token's life in the answer, and {} is none", scalar.text);
        let help = format!("write `life_sec: {}`", scalar.text.trim());
        self.reader.error(Code::WrongKind, scalar.span, message, help);
        None
    }

    fn token_paths(&mut self, fields: &Fields<'_>) -> Option<Vec<Path>> {
        fields.required(&mut self.reader, "token")?;
        let nodes = fields.one_or_many(&self.reader, "token");
        let paths: Vec<_> = nodes.iter().map(|node| self.path(node, "`token`")).collect();
        paths.into_iter().collect()
    }

    /// What is the same for all tokens that are fetched; where the token stands is not among it.
    pub(super) fn reading(&mut self, fields: &Fields<'_>, site: &Site<'_>) -> Option<Reading> {
        fields.at_most_one(&mut self.reader, &["life", "life_sec"]);
        let fixed = self.seconds(fields, "life_sec");
        let said = fields.get("life").map(|node| self.life(node));
        let life = match (said, fixed) {
            (Some(path), _) => path.map(Life::Said),
            (None, Some(life)) => Some(Life::Fixed(life)),
            (None, None) => Some(Life::Unknown),
        };
        let carry = self.carry(fields);
        let statuses = fields.one_or_many(&self.reader, "expired").iter();
        let statuses: Vec<_> = statuses
            .filter_map(|node| self.reader.int(node, "a status of `expired`", 200..=599, ""))
            .filter_map(|status| u16::try_from(status).ok())
            .collect();
        let expired = if fields.get("expired").is_some() { statuses } else { vec![REFUSED] };
        let answered = Variables::new(ANSWER);
        let expired_when = match fields.get("expired_when") {
            Some(node) => {
                let condition = self.condition(node, "`expired_when`", &answered)?;
                self.warn_vain(node, &condition, &Arguments::of(Vec::new()));
                Some(condition)
            }
            None => None,
        };
        let timeout = millis(self, fields, "timeout_ms", 10..=4500).unwrap_or(site.timeout);
        Some(Reading { token: Vec::new(), life: life?, expired, expired_when, carry: carry?, timeout })
    }

    /// A path below the address that stands beside the login, or a whole address of its own.
    pub(super) fn login_url(&mut self, node: &Node, key: &str, site: &Site<'_>) -> Option<Setting<String>> {
        let what = format!("`{key}`");
        let scalar = self.reader.text(node, &what)?;
        if literal::count_opens(&scalar.text) > 0 {
            let message = format!("{what} is the same for every login, and takes no template");
            let help = "write what changes under `query`, `json` or `form`";
            self.reader.error(Code::BadUrl, scalar.span, message, help);
            return None;
        }
        let text = match self.expand(scalar)? {
            Setting::Set(text) => text,
            unset @ Setting::Unset(_) => return Some(unset),
        };
        let text = match (text.starts_with('/'), site.base_url) {
            (false, _) => text,
            (true, Some(Setting::Set(base))) => format!("{base}{text}"),
            (true, Some(unset @ Setting::Unset(_))) => return Some(unset.clone()),
            (true, None) => {
                let message = format!("{what} is a path, and there is no `base_url` beside this `auth`");
                self.reader.error(Code::MissingKey, scalar.span, message, "write the whole address");
                return None;
            }
        };
        if !scalar.text.starts_with('/') {
            self.warn_public_http(&text, scalar.span);
        }
        self.address(&text, &what, scalar.span)
    }
}

/// The path below an address that has its own.
pub(super) fn literal_path() -> Option<Template> {
    Template::compile("", Place::PathSegment).ok()
}

/// The login whose request this is.
pub(super) fn fetched(with: With, call: HttpCall, reading: Reading) -> Setting<Auth> {
    let unset = match &call.base_url {
        Setting::Unset(name) => Some(name.clone()),
        Setting::Set(_) => with.unset.clone(),
    };
    if let Some(name) = unset {
        return Setting::Unset(name);
    }
    let Reading { token, life, expired, expired_when, carry, timeout } = reading;
    let HttpCall { base_url, method, query, headers, body, auth, .. } = &call;
    let identity = Identity::of("token").with(base_url).with(method.name()).with(query).with(headers);
    let identity = identity.with(body).with(auth).with(&token).with(&life).with(&with.values).name();
    let upstream = Arc::clone(&call.upstream.name);
    let operation = Arc::new(Operation {
        name: format!("{upstream}, login").into(),
        about: None,
        args: with.arguments.list.clone(),
        call: Call::Http(Box::new(call)),
        records: Path::whole(),
        unique: Vec::new(),
        effect: Effect::Read,
        timeout,
    });
    let mint = Mint::Fetched(Box::new(Fetch { operation, token, life, expired, expired_when }));
    Setting::Set(Auth::Login(Arc::new(Login { upstream, identity, values: with.values, mint, carry })))
}
