//! The image and the compose file are what they say: text alone, so that it holds where nobody has Docker.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use datadip::diagnostic::Findings;
use datadip::diagnostic::render::{Style, text};
use datadip::diagnostic::source::Source;
use datadip::mapping::yaml::{self, Node, Value};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every file below a folder that ends so.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|own| own == ending) {
            found.push(path);
        }
    }
}

/// The instructions of a Dockerfile, each on one line, by stage.
fn stages() -> Vec<Vec<String>> {
    let text = read("Dockerfile").replace("\\\n", " ");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut stages: Vec<Vec<String>> = Vec::new();
    for line in lines {
        if line.starts_with("FROM ") {
            stages.push(Vec::new());
        }
        stages.last_mut().unwrap().push(line.to_owned());
    }
    stages
}

/// What the build's stage copies from the checkout.
fn copied(stage: &[String]) -> Vec<PathBuf> {
    let copies = stage.iter().filter_map(|line| line.strip_prefix("COPY "));
    let parts = copies.filter(|line| !line.starts_with("--from")).flat_map(|line| {
        let mut parts: Vec<&str> = line.split_whitespace().collect();
        parts.pop();
        parts
    });
    parts.map(|part| root().join(part)).collect()
}

#[test]
fn the_image_is_small_and_runs_as_nobody_in_particular() {
    let stages = stages();
    let [build, last] = stages.as_slice() else { panic!("{stages:?}") };
    assert!(build[0].ends_with(" AS build") && last[0].ends_with("-slim"), "{} {}", build[0], last[0]);
    let at = |begin: &str| {
        last.iter().position(|line| line.starts_with(begin)).unwrap_or_else(|| panic!("no {begin}"))
    };
    let users: Vec<&str> = last.iter().filter_map(|line| line.strip_prefix("USER ")).collect();
    let [user] = users[..] else { panic!("{users:?}") };
    assert!(!["root", "0"].contains(&user), "{user}");
    assert!(
        last[at("RUN ")].contains("useradd --system --uid")
            && last[at("RUN ")].ends_with(&format!(" {user}"))
    );
    assert!(at("RUN ") < at("USER ") && at("USER ") < at("ENTRYPOINT "));
    assert_eq!(
        (last[at("ENTRYPOINT ")].as_str(), last[at("CMD ")].as_str()),
        (r#"ENTRYPOINT ["datadip"]"#, r#"CMD ["serve"]"#)
    );
    assert!(last[at("HEALTHCHECK ")].contains("http://127.0.0.1:8081/readyz"));
    assert_eq!(
        last[at("COPY --from")],
        "COPY --from=build /src/target/release/datadip /usr/local/bin/datadip"
    );
    assert!(
        stages.iter().flatten().all(|line| !line.starts_with("ADD ")),
        "nothing is fetched from anywhere"
    );
}

#[test]
fn all_that_the_image_is_built_from_is_copied_into_it() {
    let stages = stages();
    let (first, last) = (copied(&stages[0]), copied(&stages[1]));
    for path in first.iter().chain(&last) {
        assert!(path.exists(), "{} is copied and not there", path.display());
    }
    let mut sources = Vec::new();
    files(&root().join("src"), "rs", &mut sources);
    let mut included = 0;
    for source in sources {
        let text = fs::read_to_string(&source).unwrap();
        let names =
            text.split("include_").skip(1).filter_map(|rest| rest.split("!(\"").nth(1)?.split('"').next());
        for name in names {
            let path = source.parent().unwrap().join(name).canonicalize().unwrap();
            assert!(first.iter().any(|copied| path.starts_with(copied)), "{} is not copied", path.display());
            included += usize::from(!path.starts_with(root().join("src")));
        }
    }
    assert!(included >= 5, "{included} files outside of src are read into the binary");
    let manifest = read("Cargo.toml");
    let benches = manifest.split("[[bench]]").skip(1).filter_map(|rest| rest.split('"').nth(1));
    let made = stages[0].iter().find(|line| line.contains("for bench in")).unwrap();
    let made: BTreeSet<&str> =
        made.split("for bench in ").nth(1).unwrap().split(';').next().unwrap().split(' ').collect();
    assert_eq!(benches.collect::<BTreeSet<_>>(), made, "each is named in the manifest, and has to be there");
    assert!(
        last.iter().any(|path| path.ends_with("mappings"))
            && last.iter().any(|path| path.ends_with("templates"))
    );
    let ignored = read(".dockerignore");
    assert_eq!(ignored.lines().collect::<BTreeSet<_>>(), BTreeSet::from([".git", "target"]));
}

/// What stands below these keys.
fn at<'n>(node: &'n Node, keys: &[&str]) -> &'n Node {
    keys.iter()
        .fold(node, |node, key| &node.as_map().unwrap().get(key).unwrap_or_else(|| panic!("no {key}")).1)
}

fn text_at(node: &Node, keys: &[&str]) -> String {
    at(node, keys).as_scalar().unwrap().text.clone()
}

fn keys(node: &Node) -> BTreeSet<String> {
    node.as_map().unwrap().iter().map(|(key, _)| key.text.clone()).collect()
}

fn items(node: &Node) -> Vec<String> {
    let Value::List(items) = &node.value else { panic!("no list") };
    items.iter().map(|item| item.as_scalar().unwrap().text.clone()).collect()
}

/// The variables that the shipped mapping files read.
fn variables() -> BTreeSet<String> {
    let (mut paths, mut found) = (Vec::new(), BTreeSet::new());
    files(&root().join("mappings"), "yaml", &mut paths);
    for path in paths {
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let named = lines.flat_map(|line| line.split("${").skip(1)).filter_map(|rest| rest.split('}').next());
        found.extend(named.map(|name| name.strip_prefix("secret:").unwrap_or(name).to_owned()));
    }
    found
}

#[test]
fn one_command_runs_the_gateway_a_redis_and_the_simulators() {
    let (mut findings, compose) = (Findings::new(), read("docker-compose.yml"));
    let tree = yaml::parse(&Source::new("docker-compose.yml", &compose), &mut findings).unwrap();
    let told: Vec<String> = findings.iter().map(|finding| text(finding, Style::Plain)).collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
    let services = at(&tree, &["services"]);
    assert_eq!(keys(services), ["gateway", "redis", "sim"].map(str::to_owned).into());
    for ours in ["gateway", "sim"] {
        assert_eq!(text_at(services, &[ours, "build"]), ".");
        assert_eq!(text_at(services, &[ours, "read_only"]), "true");
        assert_eq!(items(at(services, &[ours, "cap_drop"])), ["ALL"]);
    }
    assert!(text_at(services, &["redis", "image"]).starts_with("redis:"));
    assert_eq!(items(at(services, &["gateway", "depends_on"])), ["redis", "sim"]);
    assert_eq!(items(at(services, &["sim", "command"])), ["sim", "--host", "0.0.0.0"]);
    let ports = items(at(services, &["gateway", "ports"]));
    assert_eq!(ports, ["127.0.0.1:8080:8080", "127.0.0.1:8081:8081"]);
    let environment = at(services, &["gateway", "environment"]);
    assert_eq!(text_at(environment, &["DATADIP_REDIS_URL"]), "redis://redis:6379");
    let missing: Vec<String> = variables().difference(&keys(environment)).cloned().collect();
    assert!(missing.is_empty(), "the shipped mapping files read {missing:?}");
    for (name, url) in
        [("CRM_URL", "9000"), ("SOBOT_URL", "9010"), ("STRINGEE_URL", "9020"), ("XSWITCH_URL", "9030")]
    {
        assert_eq!(text_at(environment, &[name]), format!("${{{name}-http://sim:{url}}}"));
    }
}
