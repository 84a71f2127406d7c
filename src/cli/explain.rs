//! `datadip explain`: why a past call of a running gateway found what it found.

use std::process::ExitCode;

use serde_json::Value;

use crate::app::Environment;
use crate::cli::admin::{Admin, AdminFlag};
use crate::cli::{Unusable, runtime, say};
use crate::explain::text::{table, text};

/// The variable that holds the token for what is personal.
const PERSONAL: &str = "DATADIP_ADMIN_PERSONAL_TOKEN";

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The call, as the answer's header X-Datadip-Trace names it
    #[arg(value_name = "TRACE", conflicts_with_all = ["call", "phone", "email", "account", "node", "outcome"])]
    trace: Option<String>,
    /// The IVR's own number for the call; its node names the input by `call_id`
    #[arg(long, value_name = "ID")]
    call: Option<String>,
    /// Calls from this number, in any form
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// Calls with this e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Calls with this account id
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The region of a phone number without its country code
    #[arg(long)]
    region: Option<String>,
    /// Calls of this node
    #[arg(long)]
    node: Option<String>,
    /// Calls that ended so: found, not_found, timeout, …
    #[arg(long)]
    outcome: Option<String>,
    /// At most so many calls [default: 20]
    #[arg(long, value_name = "COUNT")]
    most: Option<u16>,
    /// Show what is personal; the token is taken from DATADIP_ADMIN_PERSONAL_TOKEN
    #[arg(long)]
    personal: bool,
    /// How it is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    admin: AdminFlag,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// As the API gives it
    Json,
}

/// Asks the gateway, and tells.
pub(super) fn run(flags: &Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    let admin = if flags.personal {
        Admin::with(&flags.admin, environment, PERSONAL)?
    } else {
        Admin::new(&flags.admin, environment)?
    };
    runtime()?.block_on(explain(flags, &admin))
}

async fn explain(flags: &Flags, admin: &Admin) -> Result<ExitCode, Unusable> {
    if let Some(trace) = &flags.trace {
        let explained = one(flags, admin, trace).await?;
        tell(flags, &explained, text)?;
        return Ok(ExitCode::SUCCESS);
    }
    let found = admin.get("/api/explain", &asked(flags)).await?;
    let calls = found.get("calls").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if flags.format == Format::Json {
        tell(flags, &found, text)?;
        return Ok(ExitCode::from(u8::from(calls.is_empty())));
    }
    let [newest, ..] = calls else {
        say("no such call is known\n")?;
        return Ok(ExitCode::FAILURE);
    };
    say(&table(calls))?;
    // Who names a caller or a call wants to know why; who names a node wants to see what there was.
    let is_one =
        flags.call.is_some() || flags.phone.is_some() || flags.email.is_some() || flags.account.is_some();
    if let Some(trace) = newest.get("trace").and_then(Value::as_str).filter(|_| is_one) {
        say("\n")?;
        say(&text(&one(flags, admin, trace).await?))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn one(flags: &Flags, admin: &Admin, trace: &str) -> Result<Value, Unusable> {
    let personal = flags.personal.then(|| ("personal", "true".to_owned()));
    let personal: Vec<_> = personal.into_iter().collect();
    let trace: String = trace.chars().filter(char::is_ascii_alphanumeric).collect();
    Ok(admin.get(&format!("/api/explain/{trace}"), &personal).await?)
}

fn tell(flags: &Flags, told: &Value, as_text: impl Fn(&Value) -> String) -> Result<(), Unusable> {
    match flags.format {
        Format::Text => say(&as_text(told)),
        Format::Json => say(&format!("{}\n", serde_json::to_string_pretty(told)?)),
    }
}

fn asked(flags: &Flags) -> Vec<(&'static str, String)> {
    let named = [
        ("call", &flags.call),
        ("phone", &flags.phone),
        ("email", &flags.email),
        ("account", &flags.account),
        ("region", &flags.region),
        ("node", &flags.node),
        ("outcome", &flags.outcome),
    ];
    let named = named.into_iter().filter_map(|(name, text)| Some((name, text.clone()?)));
    named.chain(flags.most.map(|most| ("most", most.to_string()))).collect()
}
