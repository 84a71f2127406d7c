//! `outputs:` what a node answers, and the order in which its outputs are made.

use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::node::lookup::{Asked, input_variables};
use crate::mapping::node::order::order;
use crate::mapping::node::output::{self, absence};
use crate::mapping::read::fields::Fields;
use crate::mapping::variables::Variables;
use crate::mapping::yaml::Key;
use crate::node::input::Input;
use crate::plan::output::Output;

/// Variables that are what they are, also where an output has the same name.
const FIRST: [&str; 5] = ["record", "outcome", "now", "inputs", "outputs"];
/// The most outputs of a node.
const MOST: usize = 256;

/// Compiles `outputs`: in the file's order, and the order of making them.
pub(super) fn compile(
    fields: &Fields<'_>,
    compiling: &mut Compiling<'_>,
    inputs: &[Input],
    asked: &mut Asked,
) -> (Vec<Output>, Vec<usize>) {
    let map = fields
        .required(&mut compiling.reader, "outputs")
        .and_then(|node| compiling.reader.entries(node, "`outputs`"));
    let Some(map) = map else {
        return (Vec::new(), Vec::new());
    };
    let keys: Vec<&Key> = map.iter().map(|(key, _)| key).collect();
    if let Some(key) = keys.get(MOST) {
        let message = format!("a node has at most {MOST} outputs");
        compiling.reader.error(
            Code::TooManyOutputs,
            key.span,
            message,
            "answer with fewer, or make two nodes",
        );
    }
    let names: Vec<String> = keys.iter().map(|key| key.text.clone()).collect();
    let mut made = Vec::new();
    let mut needs = Vec::new();
    for (key, node) in map.iter() {
        name(key, compiling);
        let variables = variables(inputs, asked, &names);
        made.extend(output::compile(key, node, compiling, asked, &variables));
        needs.push(needed(&names, &variables, inputs, asked));
        asked.variables.push(variables);
    }
    let making = match order(&needs) {
        Ok(making) => making,
        Err(circle) => {
            let names: Vec<String> =
                circle.iter().filter_map(|at| keys.get(*at)).map(|key| format!("`{}`", key.text)).collect();
            if let Some(key) = circle.first().and_then(|at| keys.get(*at)) {
                let message = format!("these outputs read each other: {}", names.join(" → "));
                let help = "an output can read only what can be made before it";
                compiling.reader.error(Code::Cycle, key.span, message, help);
            }
            Vec::new()
        }
    };
    absence::check(&made, &names, inputs, asked, compiling);
    (made.into_iter().map(|made| made.output).collect(), making)
}

fn name(key: &Key, compiling: &mut Compiling<'_>) {
    let help = "choose the name that the IVR's node declares";
    if key.text == "error" {
        let message = "an output cannot be called `error`: that says what was wrong with a call";
        compiling.reader.error(Code::ReservedName, key.span, message, help);
    } else if key.text.trim().is_empty() || key.text.len() > 256 || key.text.chars().any(char::is_control) {
        let message = "the name of an output has 1 to 256 bytes and no control characters";
        compiling.reader.error(Code::BadName, key.span, message, help);
    }
}

/// Inputs, what was found, and other outputs. A bare name that is both an input and an output means neither.
fn variables(inputs: &[Input], asked: &Asked, names: &[String]) -> Variables {
    let mut variables = input_variables(inputs).with("record").with("outcome").with("now");
    let unawaited = asked.write.as_ref().filter(|write| !write.waits).map(|write| &*write.name);
    let known = asked.names.iter().filter(|name| unawaited != Some(name.as_str()));
    for name in known.chain(names).filter(|name| !FIRST.contains(&name.as_str())) {
        variables = variables.with(name.clone());
    }
    for name in names.iter().filter(|name| inputs.iter().any(|input| *input.name == ***name)) {
        variables = variables.with_ambiguous(name);
    }
    if let Some(name) = unawaited.filter(|unawaited| !names.iter().any(|name| name == unawaited)) {
        variables = variables.with_unawaited(name);
    }
    variables.with_names("outputs", names.to_vec())
}

/// The outputs that were read: by `outputs.name`, or by a bare name that nothing else has.
fn needed(names: &[String], variables: &Variables, inputs: &[Input], asked: &Asked) -> Vec<usize> {
    let is_other = |name: &String| {
        FIRST.contains(&name.as_str())
            || asked.names.contains(name)
            || inputs.iter().any(|input| *input.name == **name)
    };
    let is_read = |name: &String| {
        let bare = !is_other(name) && variables.was_read("outputs", name);
        bare || variables.was_member_read("outputs", name)
    };
    names.iter().enumerate().filter(|(_, name)| is_read(name)).map(|(at, _)| at).collect()
}
