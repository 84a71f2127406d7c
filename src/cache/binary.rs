//! A JSON value as bytes that are read back several times faster than JSON: a tag, then a length and what it counts.
//! Whatever the bytes are, reading them never panics and never takes more memory than they do.

use std::str::FromStr;

use serde_json::{Map, Number, Value};

/// The deepest nesting that is read: that of the JSON it was.
const MAX_DEPTH: usize = 128;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUMBER: u8 = 3;
const TEXT: u8 = 4;
const LIST: u8 = 5;
const OBJECT: u8 = 6;

/// A value as bytes.
pub(super) fn written(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    write(value, &mut bytes);
    bytes
}

fn write(value: &Value, to: &mut Vec<u8>) {
    match value {
        Value::Null => to.push(NULL),
        Value::Bool(false) => to.push(FALSE),
        Value::Bool(true) => to.push(TRUE),
        Value::Number(number) => {
            to.push(NUMBER);
            text(number.as_str(), to);
        }
        Value::String(string) => {
            to.push(TEXT);
            text(string, to);
        }
        Value::Array(items) => {
            to.push(LIST);
            length(items.len(), to);
            items.iter().for_each(|item| write(item, to));
        }
        Value::Object(members) => {
            to.push(OBJECT);
            length(members.len(), to);
            for (name, member) in members {
                text(name, to);
                write(member, to);
            }
        }
    }
}

fn text(text: &str, to: &mut Vec<u8>) {
    length(text.len(), to);
    to.extend_from_slice(text.as_bytes());
}

/// Seven bits a byte, the lowest first; the last byte has its highest bit unset.
fn length(mut length: usize, to: &mut Vec<u8>) {
    while length >= 0x80 {
        to.push(length as u8 | 0x80);
        length >>= 7;
    }
    to.push(length as u8);
}

/// Reads the value that these bytes are, and nothing else; none where they are none.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let mut rest = bytes;
    let value = value(&mut rest, MAX_DEPTH)?;
    rest.is_empty().then_some(value)
}

fn value(rest: &mut &[u8], depth: usize) -> Option<Value> {
    let (tag, tail) = rest.split_first()?;
    *rest = tail;
    Some(match *tag {
        NULL => Value::Null,
        FALSE => Value::Bool(false),
        TRUE => Value::Bool(true),
        NUMBER => Value::Number(Number::from_str(read_text(rest)?).ok()?),
        TEXT => Value::String(read_text(rest)?.to_owned()),
        LIST => {
            let (count, depth) = (read_count(rest)?, depth.checked_sub(1)?);
            let mut items = Vec::with_capacity(count);
            for _ in 0..count {
                items.push(value(rest, depth)?);
            }
            Value::Array(items)
        }
        OBJECT => {
            let (count, depth) = (read_count(rest)?, depth.checked_sub(1)?);
            let mut members = Map::with_capacity(count);
            for _ in 0..count {
                members.insert(read_text(rest)?.to_owned(), value(rest, depth)?);
            }
            Value::Object(members)
        }
        _ => return None,
    })
}

fn read_text<'b>(rest: &mut &'b [u8]) -> Option<&'b str> {
    let length = read_length(rest)?;
    let (text, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    str::from_utf8(text).ok()
}

/// A count of what takes a byte at least.
fn read_count(rest: &mut &[u8]) -> Option<usize> {
    read_length(rest).filter(|count| *count <= rest.len())
}

fn read_length(rest: &mut &[u8]) -> Option<usize> {
    let mut length = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, tail) = rest.split_first()?;
        *rest = tail;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::any;
    use serde_json::{Value, json};

    use super::{read, written};

    #[test]
    fn what_is_written_is_read_back_with_its_order_and_digits() {
        let long = "长".repeat(100_000);
        let digits: Value = serde_json::from_str("[-0.10, 900719925474099312345, 1e400]").unwrap();
        for value in [
            json!(null),
            json!({"z": [true, false, null, {}], "a": {"": "é\u{0}", "long": long}, "b": []}),
            json!({"digits": digits}),
            json!((0..300).collect::<Vec<u32>>()),
        ] {
            let back = read(&written(&value)).unwrap();
            assert_eq!(back.to_string(), value.to_string());
        }
    }

    #[test]
    fn what_is_cut_or_goes_on_is_no_value() {
        let bytes = written(&json!({"a": ["x", 12.5, {"b": true}]}));
        for length in 0..bytes.len() {
            assert_eq!(read(&bytes[..length]), None, "{length}");
        }
        assert_eq!(read(&[bytes, vec![0]].concat()), None);
        assert_eq!(read(&[5, 1].repeat(5000)), None, "nested too deep");
        assert_eq!(read(&[4, 1, 0xff]), None, "not UTF-8");
        assert_eq!(read(&[5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), None);
    }

    #[test]
    fn a_record_takes_less_than_its_json() {
        let record = json!({
            "id": "c-1001", "name": "Adelaide Tan", "phone": "+6591234567", "email": "adelaide@example.com", "tier": 3,
            "balance": "120.50", "vip": true, "agent": null, "tags": ["renewal", "fibre"],
            "address": {"street": "1 Raffles Place", "postcode": "048616"}
        });
        let (bytes, json) = (written(&record).len(), record.to_string().len());
        assert!(bytes * 10 < json * 9, "{bytes} bytes, {json} as JSON");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
