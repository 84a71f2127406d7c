//! A drafted node as the text of its file.

use std::fmt::Write;

use serde_json::Value;

use crate::draft::field::{Field, Shape};
use crate::draft::{By, Draft};

/// The text. `answer`: what its example is to answer.
pub(super) fn node(draft: &Draft, answer: Option<&[(String, Value)]>) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = head(&mut text, draft);
    let _ = outputs(&mut text, draft);
    let _ = example(&mut text, draft, answer);
    text
}

fn head(text: &mut String, draft: &Draft) -> std::fmt::Result {
    let wish = &draft.wish;
    writeln!(
        text,
        "# Drafted by `datadip learn` from a sample. Rename the outputs as your IVR has them, and leave out what"
    )?;
    writeln!(text, "# it does not need; then `datadip check` and `datadip try {}`.", wish.node)?;
    writeln!(text, "node: {}", wish.node)?;
    writeln!(text, "about: What is known of this customer?")?;
    let inputs: Vec<By> = draft.steps.iter().filter_map(|step| step.by).collect();
    if !inputs.is_empty() {
        writeln!(text, "inputs:")?;
    }
    for by in inputs {
        match by {
            By::Phone => {
                writeln!(text, "  # The country of numbers that come without a country code.")?;
                writeln!(text, "  tel: {{ type: phone, region: {} }}", wish.region)?;
            }
            By::Email => writeln!(text, "  email: email")?,
            By::Account => writeln!(text, "  id: {{ type: account }}")?,
        }
    }
    writeln!(text, "lookup:")?;
    for step in &draft.steps {
        let by = step.by.map(|by| format!("by: {}, ", by.input())).unwrap_or_default();
        let args: Vec<String> =
            step.args.iter().map(|(name, value)| format!("{}: {value}", key(name))).collect();
        let args = if args.is_empty() { String::new() } else { format!(", args: {{ {} }}", args.join(", ")) };
        if step.by == Some(By::Phone) {
            writeln!(text, "  # `forms: [e164, national]` asks in one way of writing after the other.")?;
        }
        writeln!(text, "  - {{ {by}call: {}{args} }}", step.operation)?;
    }
    if let Some(path) = draft.fields.changed.as_ref().filter(|_| draft.records.contains("[*]")) {
        writeln!(text, "# Of several records, the one that was changed last.")?;
        writeln!(text, "pick: {{ newest: {} }}", plain(path))?;
    }
    Ok(())
}

fn outputs(text: &mut String, draft: &Draft) -> std::fmt::Result {
    writeln!(text, "outputs:")?;
    writeln!(text, "  # found, not_found, no_identifier, timeout, error …")?;
    writeln!(text, "  status: {{ outcome: true }}")?;
    for field in &draft.fields.outputs {
        if field.shape == Shape::Truth {
            writeln!(text, "  # Rename the answers as your flow compares them.")?;
        }
        if let Some(note) = field.note {
            writeln!(text, "  # {note}")?;
        }
        writeln!(text, "  {}: {}", key(&field.name), output(field))?;
    }
    if !draft.fields.left_out.is_empty() {
        writeln!(text, "  # Not drafted:")?;
    }
    for (path, why) in &draft.fields.left_out {
        let path: String = path.chars().filter(|c| !c.is_control()).take(120).collect();
        writeln!(text, "  #   {path} ({why})")?;
    }
    Ok(())
}

fn output(field: &Field) -> String {
    let path = plain(&field.path);
    match field.shape {
        Shape::Text => format!("{{ path: {path}, default: \"\" }}"),
        Shape::Int => format!("{{ path: {path}, type: int, default: 0 }}"),
        Shape::Number => format!("{{ path: {path}, type: number, default: 0 }}"),
        Shape::Truth => {
            format!("{{ path: {path}, values: {{ \"true\": \"1\", \"false\": \"2\" }}, default: \"2\" }}")
        }
        Shape::Join => format!("{{ path: {path}, join: \", \", default: \"\" }}"),
        Shape::Count => format!("{{ path: {path}, take: count, default: 0 }}"),
    }
}

fn example(text: &mut String, draft: &Draft, answer: Option<&[(String, Value)]>) -> std::fmt::Result {
    let Some(step) = draft.steps.first() else { return Ok(()) };
    writeln!(text, "examples:")?;
    if !draft.wish.keep_values {
        writeln!(text, "  # The people in it are made up.")?;
    }
    writeln!(text, "  - name: the sample")?;
    let sent: Vec<String> = draft
        .send
        .iter()
        .map(|(name, value)| format!("{}: {}", key(name), Value::from(value.as_str())))
        .collect();
    if !sent.is_empty() {
        writeln!(text, "    send: {{ {} }}", sent.join(", "))?;
    }
    writeln!(text, "    upstream:")?;
    writeln!(text, "      {}:", step.operation)?;
    let body = serde_json::to_string_pretty(&draft.body).unwrap_or_default();
    for line in body.lines() {
        writeln!(text, "        {line}")?;
    }
    if let Some(answer) = answer {
        writeln!(text, "    answer:")?;
        for (name, value) in answer {
            writeln!(text, "      {}: {value}", key(name))?;
        }
    }
    Ok(())
}

/// A key, quoted where YAML would read it as something else.
fn key(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !matches!(
            name.to_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if is_plain { name.to_owned() } else { Value::from(name).to_string() }
}

/// A path, quoted where it holds more than names.
fn plain(path: &str) -> String {
    let is_plain = path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '$' | '.' | '_'));
    if is_plain { path.to_owned() } else { Value::from(path).to_string() }
}

/// A path or target that stands alone in its line.
pub(super) fn line(text: &str) -> String {
    let is_plain = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '$' | '.' | '_' | '[' | ']' | '*' | '/' | '-'));
    let begins = text.starts_with(['$', '/']);
    if is_plain && begins { text.to_owned() } else { Value::from(text).to_string() }
}
