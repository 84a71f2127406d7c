//! The shipped upstreams and nodes of call-centre platforms, held against the samples of the platforms' documents and
//! tried on the simulators.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a broken harness fails the test

mod asking;
mod contract;
mod documented;
#[path = "../harness/folder.rs"]
#[allow(dead_code)] // other tests use the rest of the harness
mod folder;
#[path = "../harness/gateway.rs"]
#[allow(dead_code)] // other tests use the rest of the harness
mod gateway;
mod nodes;
mod refusals;
#[path = "../sim/contract.rs"]
#[allow(dead_code)] // the simulators' tests use the rest of it
mod sample;
mod samples;
#[path = "../harness/shell.rs"]
#[allow(dead_code)] // other tests use the rest of the harness
mod shell;
#[path = "../harness/sim.rs"]
#[allow(dead_code)] // other tests use the rest of the harness
mod sim;
mod simulated;
#[allow(dead_code)] // other tests use the rest of the harness
#[path = "../harness/upstream.rs"]
mod upstream;
#[path = "../harness/wire.rs"]
#[allow(dead_code)] // other tests use the rest of the harness
mod wire;

/// The variables of all platforms, each leading to this address.
fn variables(url: &str) -> Vec<(&str, &str)> {
    let names = "SOBOT_URL SOBOT_IVR_URL SOBOT_APP_ID SOBOT_APP_SECRET SOBOT_AGENT_ID SOBOT_CRM_URL SOBOT_CRM_APP_ID \
                 SOBOT_CRM_APP_KEY STRINGEE_URL STRINGEE_SID STRINGEE_SECRET XSWITCH_URL XSWITCH_DEV_KEY";
    names.split(' ').map(|name| (name, if name.ends_with("_URL") { url } else { "x" })).collect()
}
