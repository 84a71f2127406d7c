//! `unique`, each item of a list once, as a filter of templates. It looks at each item once: how many there are, an
//! upstream says, and the engine's own compares each with all before it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use tera::{Kwargs, State, Tera, Value};

/// Puts it in the place of the engine's own.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("unique", unique);
}

fn unique(items: &[Value], _: Kwargs, _: &State) -> Vec<Value> {
    let hasher = RandomState::new();
    let mut seen: HashMap<u64, Vec<&Value>> = HashMap::new();
    let mut once = Vec::new();
    for item in items {
        let alike = seen.entry(hash(item, &hasher)).or_default();
        if !alike.contains(&item) {
            alike.push(item);
            once.push(item.clone());
        }
    }
    once
}

/// The same for values that are equal: a whole number is the same in every kind of number, and members have no order.
fn hash(value: &Value, hasher: &RandomState) -> u64 {
    if let Some(map) = value.as_map() {
        let members =
            map.iter().map(|(name, member)| hasher.hash_one((name.to_string(), hash(member, hasher))));
        return members.fold(0, u64::wrapping_add);
    }
    if let Some(items) = value.as_array() {
        let items: Vec<u64> = items.iter().map(|item| hash(item, hasher)).collect();
        return hasher.hash_one(items);
    }
    match value.as_str() {
        Some(text) => hasher.hash_one(text),
        None => number(value).map_or_else(|| hasher.hash_one(value.to_string()), |n| hasher.hash_one(n)),
    }
}

/// A number as a sign and a whole size, or as the bits of a float.
fn number(value: &Value) -> Option<impl Hash> {
    if !value.is_number() {
        return None;
    }
    if !value.is_f64() {
        let negative = value.as_i128().filter(|number| *number < 0);
        let size = negative.map_or_else(|| value.as_u128().unwrap_or_default(), i128::unsigned_abs);
        return Some((negative.is_some(), size));
    }
    let float = value.as_f64()?;
    let is_whole = float.fract() == 0.0 && float.abs() < 1e38;
    let size = if is_whole { float.abs() as u128 } else { u128::from(float.abs().to_bits()) };
    Some((float < 0.0, size))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::{Value, json};

    use crate::expr::fixture::Variables;
    use crate::expr::{Place, Template};

    fn unique(list: &Value) -> String {
        let template = "{% for item in list | unique %}{{ item }};{% endfor %}";
        let template = Template::compile(template, Place::Text).unwrap();
        template.render(&Variables(json!({ "list": list }))).unwrap()
    }

    #[test]
    fn each_item_stands_once_where_it_stood_first() {
        assert_eq!(unique(&json!(["b", "a", "b", 1, 1.0, -1, "1", true, 0.5, 0.5])), "b;a;1;-1;1;true;0.5;");
        let objects = json!([{"a": 1, "b": [2]}, {"b": [2], "a": 1}, {"a": 1}, [1], [1]]);
        assert_eq!(unique(&objects).matches(';').count(), 3);
        assert_eq!(unique(&json!([])), "");
    }

    /// It took minutes while each was compared with all before it.
    #[test]
    fn however_many_items_there_are_they_are_looked_at_once() {
        let begun = Instant::now();
        let list: Value = (0..50_000).map(|at| json!(1_u128 << 126 | at)).collect();
        assert_eq!(unique(&list).matches(';').count(), 50_000);
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}
