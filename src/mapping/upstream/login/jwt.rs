//! `jwt`: a token that is signed here.

use std::sync::Arc;
use std::time::Duration;

use crate::mapping::compiling::Compiling;
use crate::mapping::language::auth::JWT;
use crate::mapping::upstream::login::{Site, With};
use crate::mapping::yaml::Node;
use crate::plan::identity::Identity;
use crate::plan::login::{Algorithm, Jwt, Login, Mint};
use crate::plan::operation::{Auth, JsonTemplate, Setting};

const ALGORITHMS: [(&str, Algorithm); 3] =
    [("HS256", Algorithm::Hs256), ("HS384", Algorithm::Hs384), ("HS512", Algorithm::Hs512)];
/// The life of a token whose file names none.
const LIFE: Duration = Duration::from_secs(3600);

impl Compiling<'_> {
    /// `jwt: { algorithm: HS256, secret: …, claims: { iss: … }, carry: { header: … } }`
    pub(in crate::mapping::upstream) fn jwt(
        &mut self,
        node: &Node,
        site: &Site<'_>,
    ) -> Option<Setting<Auth>> {
        let fields = self.reader.map(node, "`jwt`", JWT.names)?;
        let algorithm = fields.required(&mut self.reader, "algorithm");
        let algorithm = algorithm.and_then(|node| self.reader.word(node, "`algorithm`", &ALGORITHMS));
        let secret = self.credential_of(&fields, "secret");
        let life = self.seconds(&fields, "life_sec").unwrap_or(LIFE);
        let carry = self.carry(&fields);
        let with = self.with(&fields)?;
        let mut unset = with.unset.clone();
        let variables = with.variables();
        let mut object = |compiling: &mut Self, key: &str| match fields.get(key) {
            Some(node) if node.as_map().is_some() => compiling.expanded_json(node, &variables, &mut unset),
            Some(node) => compiling.reader.entries(node, &format!("`{key}`")).and(None),
            None => Some(JsonTemplate::Object(Vec::new())),
        };
        let (header, claims) = (object(self, "header"), object(self, "claims"));
        fields.required(&mut self.reader, "claims")?;
        with.arguments.find_unread(&variables, &[], self);
        let (algorithm, secret, carry, header, claims) = (algorithm?, secret?, carry?, header?, claims?);
        let secret = match (secret, unset) {
            (Setting::Set(secret), None) => secret,
            (Setting::Unset(name), _) | (_, Some(name)) => return Some(Setting::Unset(name)),
        };
        let mint = Mint::Signed(Box::new(Jwt { algorithm, secret, header, claims, life }));
        let With { values, .. } = with;
        let identity = Identity::of("jwt").with(&mint).with(&life).with(&values).name();
        let login = Login { upstream: Arc::clone(&site.upstream.name), identity, values, mint, carry };
        Some(Setting::Set(Auth::Login(Arc::new(login))))
    }
}
