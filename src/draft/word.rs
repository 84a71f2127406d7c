//! What the names of keys tell of their values.

use crate::draft::personal::About;

const PHONES: [&str; 12] = [
    "phone",
    "phones",
    "tel",
    "telephone",
    "mobile",
    "mobiles",
    "cell",
    "cellphone",
    "msisdn",
    "whatsapp",
    "fax",
    "caller",
];
const NAMES: [&str; 18] = [
    "name",
    "names",
    "firstname",
    "lastname",
    "fullname",
    "surname",
    "forename",
    "givenname",
    "familyname",
    "nick",
    "nickname",
    "username",
    "uname",
    "displayname",
    "contact",
    "owner",
    "agent",
    "manager",
];
/// Whose name is no person's.
const THINGS: [&str; 38] = [
    "segment",
    "branch",
    "brand",
    "campaign",
    "channel",
    "currency",
    "industry",
    "language",
    "market",
    "package",
    "program",
    "role",
    "shop",
    "store",
    "product",
    "company",
    "city",
    "country",
    "region",
    "province",
    "state",
    "file",
    "group",
    "plan",
    "category",
    "type",
    "status",
    "queue",
    "team",
    "department",
    "level",
    "tier",
    "event",
    "source",
    "tag",
    "tags",
    "label",
    "labels",
];
const PLACES: [&str; 12] = [
    "address",
    "addr",
    "street",
    "postcode",
    "zip",
    "zipcode",
    "postal",
    "lat",
    "lng",
    "latitude",
    "longitude",
    "location",
];
const BIRTHS: [&str; 4] = ["birthday", "birth", "dob", "birthdate"];
const NOTES: [&str; 12] = [
    "note",
    "notes",
    "remark",
    "remarks",
    "comment",
    "comments",
    "description",
    "desc",
    "bio",
    "memo",
    "subject",
    "message",
];
const IDS: [&str; 12] = [
    "id",
    "uuid",
    "guid",
    "openid",
    "unionid",
    "userid",
    "ssn",
    "nric",
    "passport",
    "idcard",
    "partnerid",
    "lineid",
];
const SECRETS: [&str; 6] = ["token", "secret", "password", "pwd", "apikey", "cookie"];
/// The same in Chinese, as parts of a key.
const CHINESE: [(&str, About); 13] = [
    ("电话", About::Phone),
    ("手机", About::Phone),
    ("号码", About::Phone),
    ("姓名", About::Name),
    ("名字", About::Name),
    ("昵称", About::Name),
    ("联系人", About::Name),
    ("地址", About::Place),
    ("生日", About::Birth),
    ("备注", About::Note),
    ("身份证", About::Id),
    ("密码", About::Secret),
    ("邮编", About::Place),
];

/// What the values under a key are about; `above`: the key above it.
pub(super) fn told(key: &str, above: Option<&str>) -> Option<About> {
    if let Some((_, about)) = CHINESE.iter().find(|(part, _)| key.contains(part)) {
        return Some(*about);
    }
    let words = words_of(key);
    let last = words.last()?.as_str();
    let joined = words.concat();
    let is = |list: &[&str]| list.contains(&last) || list.contains(&joined.as_str());
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let of_thing =
        || any(&THINGS) || above.is_some_and(|above| words_of(above).iter().any(|word| is_thing(word)));
    if any(&PHONES) {
        Some(About::Phone)
    } else if is(&NAMES) {
        (!of_thing()).then_some(About::Name)
    } else if any(&PLACES) {
        Some(About::Place)
    } else if any(&BIRTHS) {
        Some(About::Birth)
    } else if is(&NOTES) {
        Some(About::Note)
    } else if is(&IDS) {
        Some(About::Id)
    } else {
        any(&SECRETS).then_some(About::Secret)
    }
}

fn is_thing(word: &str) -> bool {
    THINGS.contains(&word) || word.strip_suffix('s').is_some_and(|word| THINGS.contains(&word))
}

/// The words of a key: `phoneNumber`, `phone_number` and `Phone Number` have the same two.
fn words_of(key: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_small = false;
    for c in key.chars() {
        let begins = c.is_uppercase() && was_small;
        if begins || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        was_small = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}
