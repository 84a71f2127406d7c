//! How the simulators are started, found and stopped.

use std::path::Path;

use serde_json::{Value, json};

use crate::shell;
use crate::sim::Sim;

#[test]
fn told_to_stop_they_end_with_0() {
    assert_eq!(Sim::start().end("TERM"), 0);
    assert_eq!(Sim::start().end("INT"), 0);
}

#[test]
fn a_request_that_hangs_does_not_keep_them() {
    let mut sim = Sim::start();
    sim.fault("CRM_URL", &json!({ "hang": true }));
    let _waiting = sim.send("CRM_URL", "GET", "/v1/customers?phone=1", &[], &Value::Null);
    assert_eq!(sim.end("TERM"), 0);
}

#[test]
fn the_variables_are_those_of_the_mapping_files() {
    let sim = Sim::start();
    let names: Vec<&str> = sim.variables().iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "CRM_URL",
            "CRM_TOKEN",
            "SOBOT_URL",
            "SOBOT_IVR_URL",
            "SOBOT_APP_ID",
            "SOBOT_APP_SECRET",
            "SOBOT_AGENT_ID",
            "SOBOT_CRM_URL",
            "SOBOT_CRM_APP_ID",
            "SOBOT_CRM_APP_KEY",
            "STRINGEE_URL",
            "STRINGEE_SID",
            "STRINGEE_SECRET",
            "XSWITCH_URL",
            "XSWITCH_DEV_KEY",
        ]
    );
}

#[test]
fn compose_points_the_gateway_at_them_unless_the_environment_says_otherwise() {
    let sim = Sim::start();
    let compose =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docker-compose.yml")).unwrap();
    for (name, value) in sim.variables() {
        let port = [("CRM_URL", 9000), ("SOBOT_CRM_URL", 9010), ("SOBOT_URL", 9010), ("SOBOT_IVR_URL", 9010)];
        let port = port
            .into_iter()
            .chain([("STRINGEE_URL", 9020), ("XSWITCH_URL", 9030)])
            .find(|(url, _)| *url == name);
        let value = port.map_or_else(|| value.to_owned(), |(_, port)| format!("http://sim:{port}"));
        let line = format!("{name}: ${{{name}-{value}}}");
        assert!(compose.contains(&line), "docker-compose.yml lacks `{line}`");
    }
}

#[test]
fn a_person_is_told_where_each_listens() {
    let printed = Sim::printed();
    let names: Vec<&str> =
        printed.lines().map(|line| line.split_once(" on http://127.0.0.1:").unwrap().0).collect();
    assert_eq!(names, ["crm", "sobot", "stringee", "xswitch"]);
}

#[test]
fn a_port_that_is_taken_is_said() {
    let sim = Sim::start();
    let port = sim.address("STRINGEE_URL").port().to_string();
    let args =
        ["sim", "--crm-port", "0", "--sobot-port", "0", "--stringee-port", &port, "--xswitch-port", "0"];
    let ended = shell::datadip(Path::new("."), &args);
    assert_eq!(ended.code, 2, "{}{}", ended.out, ended.err);
    assert!(ended.err.contains(&format!("stringee cannot listen on 127.0.0.1:{port}")), "{}", ended.err);
}
