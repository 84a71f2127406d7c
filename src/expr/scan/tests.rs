//! What is read where in templates and conditions.

use super::{condition, template};

fn reads(text: &str) -> Vec<String> {
    template(text).reads.iter().map(ToString::to_string).collect()
}

#[test]
fn a_variable_is_read_with_its_members() {
    assert_eq!(reads("Hello {{ record.profile.name }}, {{ tel }}"), ["record.profile.name", "tel"]);
    assert_eq!(reads(r#"{{ outputs["Custom output 1"] }}"#), [r#"outputs["Custom output 1"]"#]);
    assert_eq!(reads("{{ record?.tags[0].name or 'x' }}"), ["record.tags[0].name"]);
}

#[test]
fn texts_filters_tests_and_arguments_are_no_variables() {
    assert_eq!(reads("{{ name | default(value='record.x') | upper }}"), ["name"]);
    assert_eq!(reads("{% if tel is defined and not vip %}yes{% endif %}"), ["tel", "vip"]);
    assert_eq!(reads("{# record.secret #}plain"), Vec::<String>::new());
}

#[test]
fn only_one_variable_alone_is_bare() {
    assert!(template("{{ action }}").bare);
    assert!(template(" {{- record.id -}} ").bare);
    assert!(!template("{{ action }}!").bare);
    assert!(!template("{{ a }}{{ b }}").bare);
    assert!(!template("{{ name | upper }}").bare);
    assert!(!template("{{ a ~ b }}").bare);
    assert!(!template("{{ -1 }}").bare);
}

#[test]
fn a_read_knows_where_it_stands() {
    let text = "Hallo 客户 {{ record.name }}";
    let scanned = template(text);
    assert_eq!(&text[scanned.reads[0].range.clone()], "record.name");
}

#[test]
fn a_condition_stands_without_braces() {
    let scanned = condition("isVip == '1' and record.tier != \"none\"");
    let reads: Vec<_> = scanned.reads.iter().map(ToString::to_string).collect();
    assert_eq!(reads, ["isVip", "record.tier"]);
}
