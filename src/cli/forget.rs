//! `datadip forget`: removes all that a running gateway keeps about a customer.

use std::process::ExitCode;

use serde_json::{Map, Value, json};

use crate::app::Environment;
use crate::cli::Unusable;
use crate::cli::admin::{self, AdminFlag};

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// All that names the customer: phone, email, account, or a node's inputs
    #[arg(value_name = "NAME=VALUE", required = true, value_parser = admin::pair)]
    identifiers: Vec<(String, String)>,
    /// Read them as this node's inputs
    #[arg(long)]
    node: Option<String>,
    /// The region of a phone number without its country code
    #[arg(long, value_name = "REGION", conflicts_with = "node")]
    region: Option<String>,
    #[command(flatten)]
    admin: AdminFlag,
}

/// Asks the gateway, and prints the receipt.
pub(super) fn run(flags: &Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    let mut identifiers = Map::new();
    for (name, text) in &flags.identifiers {
        if identifiers.insert(name.clone(), Value::from(text.as_str())).is_some() {
            return Err(format!("`{name}` is given twice; forget one after the other").into());
        }
    }
    let asked = json!({ "identifiers": identifiers, "node": flags.node, "region": flags.region });
    admin::evict(&flags.admin, environment, "/api/forget", &asked)
}
