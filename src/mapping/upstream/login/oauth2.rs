//! `oauth2`: a token for client credentials (RFC 6749, 4.4), as the request that it is.

use std::sync::Arc;

use crate::expr::{Path, Place, Template};
use crate::mapping::compiling::Compiling;
use crate::mapping::language::auth::OAUTH2;
use crate::mapping::read::fields::Fields;
use crate::mapping::upstream::argument::Arguments;
use crate::mapping::upstream::login::fetch::{Reading, fetched, literal_path};
use crate::mapping::upstream::login::{Site, With, variable};
use crate::mapping::yaml::Node;
use crate::plan::login::Life;
use crate::plan::operation::{ArgKind, Auth, Body, HttpCall, Method, Setting};
use crate::secret::Secret;

const STYLES: [(&str, bool); 2] = [("body", false), ("basic", true)];

impl Compiling<'_> {
    /// `oauth2: { token_url: …, client_id: …, client_secret: …, scope: … }`
    pub(in crate::mapping::upstream) fn oauth2(
        &mut self,
        node: &Node,
        site: &Site<'_>,
    ) -> Option<Setting<Auth>> {
        let fields = self.reader.map(node, "`oauth2`", OAUTH2.names)?;
        let url = fields.required(&mut self.reader, "token_url");
        let url = url.and_then(|node| self.login_url(node, "token_url", site));
        let id = fields.required_text(&mut self.reader, "client_id").and_then(|id| self.expand(id));
        let secret = self.credential_of(&fields, "client_secret");
        let scope = self.optional(&fields, "scope");
        let audience = self.optional(&fields, "audience");
        let is_basic = match fields.get("style") {
            Some(node) => self.reader.word(node, "`style`", &STYLES),
            None => Some(false),
        };
        let reading = self.reading(&fields, site);
        let (url, id, secret, scope, audience, is_basic, mut reading) =
            (url?, id?, secret?, scope?, audience?, is_basic?, reading?);
        if matches!(reading.life, Life::Unknown) {
            reading.life = Life::Said(Path::compile("$.expires_in").ok()?);
        }
        let token = vec![Path::compile("$.access_token").ok()?];
        let mut values = Values::default();
        let id = values.take(Some(("client_id", id)));
        let secret = values.take(Some(("client_secret", map(secret))));
        let form = Body::Form(values.form(is_basic, [("scope", scope), ("audience", audience)])?);
        let encoded =
            |text: String| Secret::new(form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
        let auth = if is_basic { Auth::Basic(encoded(id), encoded(secret)) } else { Auth::None };
        let call = HttpCall {
            upstream: Arc::clone(site.upstream),
            base_url: url,
            method: Method::Post,
            path: literal_path()?,
            query: Vec::new(),
            headers: Vec::new(),
            body: form,
            auth: Setting::Set(auth),
            ok: None,
            is_whole: false,
            pages: None,
            idempotency: None,
            error: vec![Path::compile("$.error").ok()?],
            not_found: Vec::new(),
        };
        Some(fetched(values.with(), call, Reading { token, ..reading }))
    }

    fn optional(&mut self, fields: &Fields<'_>, key: &str) -> Option<Option<Setting<String>>> {
        match fields.get(key) {
            Some(_) => fields.text(&mut self.reader, key).and_then(|text| self.expand(text)).map(Some),
            None => Some(None),
        }
    }
}

fn map(secret: Setting<Secret>) -> Setting<String> {
    match secret {
        Setting::Set(secret) => Setting::Set(secret.expose().to_owned()),
        Setting::Unset(name) => Setting::Unset(name),
    }
}

/// The values that the form is made of.
#[derive(Default)]
struct Values {
    set: Vec<(String, Secret)>,
    unset: Option<String>,
}

impl Values {
    /// Takes a value in; empty where it is not set.
    fn take(&mut self, value: Option<(&str, Setting<String>)>) -> String {
        match value {
            Some((name, Setting::Set(value))) => {
                self.set.push((name.to_owned(), Secret::new(value.clone())));
                value
            }
            Some((_, Setting::Unset(name))) => {
                self.unset.get_or_insert(name);
                String::new()
            }
            None => String::new(),
        }
    }

    fn form(
        &mut self,
        is_basic: bool,
        more: [(&str, Option<Setting<String>>); 2],
    ) -> Option<Vec<(String, Template)>> {
        let text = |text: &str| Template::compile(text, Place::Text).ok();
        let mut form = vec![("grant_type".to_owned(), text("client_credentials")?)];
        if !is_basic {
            form.push(("client_id".to_owned(), text("{{ client_id }}")?));
            form.push(("client_secret".to_owned(), text("{{ client_secret }}")?));
        }
        for (name, value) in more {
            let Some(value) = value else { continue };
            self.take(Some((name, value)));
            form.push((name.to_owned(), text(&format!("{{{{ {name} }}}}"))?));
        }
        Some(form)
    }

    fn with(self) -> With {
        let args = self.set.iter().map(|(name, _)| (variable(name, ArgKind::Text), None)).collect();
        With { values: self.set, unset: self.unset, arguments: Arguments::of(args) }
    }
}
