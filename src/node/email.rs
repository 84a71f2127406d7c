//! An e-mail address as an input gave it: one plausible address, or none.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;

/// The most characters an address may have, as RFC 5321 bounds a path.
const LONGEST: usize = 254;

/// An e-mail address.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// Reads one address, `mailto:` or not, with white space around it. None is no address: nobody is asked. Any
    /// script is allowed before and behind the `@`; quoted names and numeric hosts are not.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let text = without_scheme(raw.trim())?;
        let (name, domain) = text.split_once('@')?;
        if text.chars().count() > LONGEST || !is_name(name) || !is_domain(domain) {
            return None;
        }
        Some(Self(text.to_lowercase()))
    }

    /// The identity that caches and tables use: the address in small letters. The letters of a domain have no case;
    /// those of a name could, but no provider of note gives Bob@ and bob@ to two people, and CRMs compare both alike.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(«…»)")
    }
}

fn without_scheme(text: &str) -> Option<Cow<'_, str>> {
    let Some((scheme, address)) = text.split_once(':') else {
        return Some(Cow::Borrowed(text));
    };
    if !scheme.eq_ignore_ascii_case("mailto") {
        return None;
    }
    let address = address.split_once('?').map_or(address, |(address, _fields)| address);
    percent_decode_str(address).decode_utf8().ok()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|sign| is_letter(sign) || "!#$%&'*+-/=?^_`{|}~.".contains(sign))
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let has_edge_hyphen = label.starts_with('-') || label.ends_with('-');
        !label.is_empty()
            && !has_edge_hyphen
            && label.chars().all(|sign| is_letter(sign) || "-_".contains(sign))
    };
    domain.split('.').all(is_label)
}

/// A letter or digit, or any visible sign beyond ASCII: scripts write with marks that are no letters.
fn is_letter(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || (!sign.is_ascii() && !sign.is_whitespace() && !sign.is_control())
}

#[cfg(test)]
mod tests {
    use super::Email;

    #[test]
    fn an_address_is_known_by_its_small_letters() {
        let addresses = [
            ("Bob@Example.COM", "bob@example.com"),
            ("  bob@example.com\t", "bob@example.com"),
            ("mailto:Bob@example.com?subject=Hi", "bob@example.com"),
            ("MAILTO:bob%2Btag@example.com", "bob+tag@example.com"),
            ("o'brien+x@mail.example.co.uk", "o'brien+x@mail.example.co.uk"),
            ("root@localhost", "root@localhost"),
            ("a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp"),
            ("Jürgen@MÜNCHEN.example", "jürgen@münchen.example"),
            ("用户@例子.公司", "用户@例子.公司"),
            ("संपर्क@डाटामेल.भारत", "संपर्क@डाटामेल.भारत"),
        ];
        for (raw, canonical) in addresses {
            assert_eq!(Email::parse(raw).unwrap().canonical(), canonical);
        }
    }

    #[test]
    fn what_is_not_one_address_is_none() {
        let texts = [
            "",
            " ",
            "bob",
            "@",
            "bob@",
            "@example.com",
            "bob@@example.com",
            "bob@a@b",
            "bob smith@example.com",
            "bob@exam ple.com",
            "bob@example..com",
            "bob@.com",
            "bob@example.com.",
            "bob@-a.com",
            "a@b,c@d",
            "a@b;c@d",
            "Bob <bob@example.com>",
            "\"b b\"@example.com",
            "bob@[10.0.0.1]",
            "tel:+6591234567",
            "sip:bob@example.com",
            "bob\u{0}@example.com",
            "bob@exa\u{7}mple.com",
            "mailto:",
            "mailto:%FF@a",
            "mailto:a@b%0A",
        ];
        for text in texts {
            assert_eq!(Email::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_has_at_most_254_characters() {
        let domain = "example.com";
        let longest = format!("{}@{domain}", "a".repeat(254 - domain.len() - 1));
        assert!(Email::parse(&longest).is_some());
        assert!(Email::parse(&format!("a{longest}")).is_none());
    }

    #[test]
    fn an_address_is_never_printed() {
        assert_eq!(format!("{:?}", Email::parse("bob@example.com").unwrap()), "Email(«…»)");
    }
}
