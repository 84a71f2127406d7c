//! `datadip sim`: the simulators of a CRM, Sobot, Stringee and XSwitch, until told to stop.

use std::net::IpAddr;
use std::process::ExitCode;

use crate::cli::{Unusable, say};
use crate::sim::{Config, Simulators};

/// What the command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: IpAddr,
    /// The CRM's port; 0 is a free one, here as for the others
    #[arg(long, value_name = "PORT", default_value_t = 9000)]
    crm_port: u16,
    /// Sobot's port: the management API, the IVR flows and the customer look-up
    #[arg(long, value_name = "PORT", default_value_t = 9010)]
    sobot_port: u16,
    /// Stringee's port
    #[arg(long, value_name = "PORT", default_value_t = 9020)]
    stringee_port: u16,
    /// XSwitch's port
    #[arg(long, value_name = "PORT", default_value_t = 9030)]
    xswitch_port: u16,
    /// Print only the lines `export NAME=value` that make the shipped mapping files speak to them
    #[arg(long)]
    env: bool,
}

/// Answers until it is told to stop.
pub(super) fn run(flags: &Flags) -> Result<ExitCode, Unusable> {
    let config = Config {
        host: flags.host,
        crm_port: flags.crm_port,
        sobot_port: flags.sobot_port,
        stringee_port: flags.stringee_port,
        xswitch_port: flags.xswitch_port,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let simulators = Simulators::listen(&config)?;
        say(&if flags.env { simulators.exports() } else { simulators.addresses() })?;
        simulators.run().await?;
        Ok(ExitCode::SUCCESS)
    })
}
