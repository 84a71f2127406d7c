//! `datadip purge`: removes what a running gateway keeps.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::app::Environment;
use crate::cli::Unusable;
use crate::cli::admin::{self, AdminFlag};

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    #[command(flatten)]
    what: What,
    /// The region of a phone number without its country code
    #[arg(long, value_name = "REGION", requires = "identifier")]
    region: Option<String>,
    #[command(flatten)]
    admin: AdminFlag,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct What {
    /// What the operations of this node's steps and reads found
    #[arg(long)]
    node: Option<String>,
    /// What this operation found
    #[arg(long, value_name = "UPSTREAM.OPERATION")]
    operation: Option<String>,
    /// What is about this identifier: phone, email, account, or a node's input
    #[arg(long, value_name = "TYPE=VALUE", value_parser = admin::pair)]
    identifier: Option<(String, String)>,
    /// Everything
    #[arg(long)]
    all: bool,
}

/// Asks the gateway, and prints the receipt.
pub(super) fn run(flags: &Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    admin::evict(&flags.admin, environment, "/api/purge", &asked(flags))
}

fn asked(flags: &Flags) -> Value {
    let what = &flags.what;
    if let Some((name, text)) = &what.identifier {
        return json!({ "identifier": { name: text }, "region": flags.region });
    }
    match (&what.node, &what.operation) {
        (Some(node), _) => json!({ "node": node }),
        (None, Some(operation)) => json!({ "operation": operation }),
        (None, None) => json!({ "all": true }),
    }
}
