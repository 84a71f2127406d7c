//! The console's first page, over the wire and in a real browser.

use std::time::{Duration, Instant};

use crate::gateway::Gateway;
use crate::reload::saying;
use crate::shell::program;

const ODD: &str = "
node: odd
about: 'Is 1 < 2? <script>document.title = \"taken\"</script>'
outputs: { x: a }
";
const UNSET: &str = "
upstream: crm
base_url: ${NOBODY_SETS_THIS}
operations: { all: { get: /all } }
";
const WAITING: &str = "
node: waiting
lookup: { call: crm.all }
outputs: { x: { path: $.x, default: '' } }
";

fn gateway() -> Gateway {
    let say = saying("one");
    let files = [
        ("nodes/say.yaml", &*say),
        ("nodes/odd.yaml", ODD),
        ("nodes/waiting.yaml", WAITING),
        ("upstreams/crm.yaml", UNSET),
    ];
    Gateway::start_with(&files, &[], &[])
}

fn page(gateway: &Gateway) -> String {
    let said = gateway.ask("GET", "/", "", "");
    assert_eq!((said.status, said.header("content-type")), (200, "text/html; charset=utf-8"));
    said.text()
}

/// What a browser makes of the page, scripts run.
fn in_a_browser(gateway: &Gateway) -> String {
    let url = format!("http://{}/", gateway.admin());
    // Its own folder, because two browsers do not share one.
    let own = format!("--user-data-dir={}", gateway.folder().join("browser").display());
    let quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
    program("chromium", &[&quiet[..], &["--disable-dev-shm-usage", &own, "--dump-dom", &url]].concat()).out
}

#[test]
fn the_first_page_says_how_each_node_does_without_a_token() {
    let page = page(&gateway());
    assert!(page.contains("The mapping files are in force since"), "{page}");
    for row in ["/nodes/say</code><td>ready", "/nodes/waiting</code><td>unconfigured"] {
        assert!(page.contains(row), "{row}: {page}");
    }
}

#[test]
fn what_a_file_says_of_itself_is_text_in_the_browser_and_never_a_script() {
    let shown = in_a_browser(&gateway());
    assert!(shown.contains("<title>Datadip</title>"), "{shown}");
    assert!(shown.contains("Is 1 &lt; 2? &lt;script&gt;"), "{shown}");
}

#[test]
fn a_file_that_is_not_in_force_is_told_with_its_line_until_it_is_mended() {
    let gateway = gateway();
    gateway.write("mappings/nodes/say.yaml", &saying("two").replace("outputs", "output"));
    wait("it is told", || page(&gateway).contains("The mapping files are not in force"));
    let shown = in_a_browser(&gateway);
    for text in ["nodes/say.yaml:2:1", "unknown-key", "outputs"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    gateway.write("mappings/nodes/say.yaml", &saying("two"));
    wait("it is mended", || page(&gateway).contains("The mapping files are in force since"));
}

fn wait(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
