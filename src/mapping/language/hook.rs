//! The hook file: what an event from another system does.

use crate::mapping::language::{HEADER, Key, Kind, NAME, Names, PATH, Rule, table};

const SECTION: (&str, &str) = ("running.md", "Hooks");
const PATHS: Kind = Kind::Entries(Names::Free, &PATH);

table! {
    /// A hook file.
    HOOK, "hook", "What an event from another system does.", SECTION,
    {
        "hook": Key::new(NAME, "Its name, as in `/hooks/NAME`.").must().such_as(r#""crm-change""#),
        "about": Key::new(Kind::Text, "What it is for; shown to people.").such_as(r#""A customer's file was changed in the CRM.""#),
        "secret": Key::new(Kind::Map(&SECRET), "How the event proves from whom it comes.").must().such_as(r#"{"header":"X-Hook-Secret","value":"${secret:CRM_HOOK_SECRET}"}"#),
        "evict": Key::new(Kind::Map(&EVICT), "Ends what is kept of a customer.").such_as(r#"{"node":"crm-caller","identifiers":{"tel":"$.phone"}}"#),
        "warm": Key::new(Kind::Map(&WARM), "Has the call that these inputs make answered before it comes.").such_as(r#"{"node":"crm-caller","send":{"tel":"$.call.from"}}"#),
    },
    [Rule::AtLeastOne(&["evict", "warm"])]
}

table! {
    /// `secret`.
    SECRET, "hook_secret", "A header that carries the secret itself, or the body's signature under it.", SECTION,
    {
        "header": Key::new(HEADER, "The header that carries it.").must().such_as(r#""X-Hook-Secret""#),
        "value": Key::new(Kind::Text, "The secret, from the environment: the header carries it as it is.").such_as(r#""${secret:CRM_HOOK_SECRET}""#),
        "hmac_sha256": Key::new(Kind::Text, "The secret, from the environment: the header carries the body's HMAC-SHA256 under it.").such_as(r#""${secret:SWITCH_SECRET}""#),
        "hmac_sha1": Key::new(Kind::Text, "The same with HMAC-SHA1, for systems that know no other.").such_as(r#""${secret:SWITCH_SECRET}""#),
        "timed_hmac_sha256": Key::new(Kind::Text, "The secret, from the environment: the header carries `t=TIME,v1=SIGNATURE`, the signature of the time, a dot and the body, at most five minutes old.").such_as(r#""${secret:SWITCH_SECRET}""#),
    },
    [Rule::ExactlyOne(&["value", "hmac_sha256", "hmac_sha1", "timed_hmac_sha256"])]
}

table! {
    /// `evict`.
    EVICT, "evict", "Whose kept records end.", SECTION,
    {
        "node": Key::new(Kind::Text, "The node whose inputs these are.").must().such_as(r#""crm-caller""#),
        "identifiers": Key::new(PATHS, "Inputs of the node, and where the event's body holds their values.").must().such_as(r#"{"tel":"$.phone","email":"$.email"}"#),
    },
    []
}

table! {
    /// `warm`.
    WARM, "warm", "The call that is answered before it comes.", SECTION,
    {
        "node": Key::new(Kind::Text, "The node that is called.").must().such_as(r#""crm-caller""#),
        "send": Key::new(PATHS, "Inputs of the node, and where the event's body holds their values.").must().such_as(r#"{"tel":"$.call.from"}"#),
    },
    []
}
