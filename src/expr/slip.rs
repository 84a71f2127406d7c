//! Slips that keep an expression from parsing, told in the words of the person who wrote it: an operator of another
//! language, a name that has to stand in quotes, a tag that is not closed.

use std::ops::Range;

use crate::expr::error::{CompileError, Fault};

/// Tags that need one that closes them.
const BLOCKS: [(&str, &str); 4] =
    [("if", "endif"), ("for", "endfor"), ("filter", "endfilter"), ("raw", "endraw")];
/// Words that stand in `{% … %}` and are written in `{{ … }}` by mistake.
const TAGS: [&str; 9] = ["if", "elif", "else", "endif", "for", "endfor", "set", "endset", "raw"];

/// What to write for an operator of another language that stands at `at`.
pub(super) fn operator(text: &str, at: usize) -> Option<&'static str> {
    let (before, rest) = (text.get(..at)?, text.get(at..)?);
    if rest.starts_with("&&") {
        Some("write `and`")
    } else if rest.starts_with("||") || (rest.starts_with('|') && before.ends_with('|')) {
        Some("write `or`")
    } else if rest.starts_with("??") {
        Some("write `or`: `{{ name or 'you' }}`")
    } else if rest.starts_with('?') {
        Some("write `'a' if name else 'b'`")
    } else if rest.starts_with('!') {
        Some("write `not`")
    } else if rest.starts_with('=') {
        Some("compare with `==`")
    } else {
        None
    }
}

/// The slip behind what Tera says of a template that does not parse.
pub(super) fn of_template(text: &str, error: &CompileError) -> Option<CompileError> {
    let at = error.range.start;
    let told = |range: Range<usize>, message: String, help: String| {
        Some(CompileError::new(message, range).fault(error.fault).help(help))
    };
    if error.message.contains("Unexpected end of input") {
        let (range, message, help) = unclosed(text)?;
        return told(range, message, help);
    }
    if error.message.contains("Unknown tag") {
        let word = text.get(error.range.clone())?.trim();
        let (_, open, close) = open_blocks(text.get(..at)?).pop()?;
        let message = format!("`{word}` does not close `{{% {open} … %}}`");
        return told(error.range.clone(), message, format!("write `{{% {close} %}}`"));
    }
    if let Some(help) = operator(text, at) {
        let length =
            text.get(at..)?.chars().take_while(|c| "&|?!=".contains(*c)).map(char::len_utf8).sum::<usize>();
        let start = if text.get(..at)?.ends_with('|') { at - 1 } else { at };
        let written = text.get(start..at + length)?;
        let message = format!("`{written}` is no operator of templates");
        return told(start..at + length, message, help.to_owned()).map(|error| error.fault(Fault::Operator));
    }
    let (range, message, help) = at_a_word(text, error.range.clone())?;
    told(range, message, help)
}

/// The slip behind a brace or a word that does not stand where it should.
fn at_a_word(text: &str, range: Range<usize>) -> Option<(Range<usize>, String, String)> {
    let at = range.start;
    let rest = text.get(at..)?;
    let here = rest.get(..word(rest))?;
    if rest.starts_with('}') && !rest.starts_with("}}") {
        return Some((at..at + 1, "a template ends with two braces".to_owned(), "write `}}`".to_owned()));
    }
    if rest.starts_with("}}") || rest.starts_with("%}") {
        let is_filter = text.get(..at)?.trim_end().ends_with('|');
        let help = match is_filter {
            true => "write a filter: `{{ name | upper }}`",
            false => "write a name, a number or a text in quotes",
        };
        let message = "something is missing before the end of this expression";
        return Some((range, message.to_owned(), help.to_owned()));
    }
    if !here.is_ascii() {
        let message = format!("`{here}` has other letters than a to z, and stands in quotes");
        let help = format!("write `inputs[\"{here}\"]`, if it is an input");
        return Some((at..at + here.len(), message, help));
    }
    two_words(text, at, here)
}

/// A name with a space in it, or a tag's word between the braces of a value.
fn two_words(text: &str, at: usize, here: &str) -> Option<(Range<usize>, String, String)> {
    let before = text.get(..at)?.trim_end();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let first = before.rsplit(|c: char| !is_word(c)).next().filter(|first| !first.is_empty())?;
    let start = before.len() - first.len();
    if TAGS.contains(&first) && text.get(..start)?.trim_end().ends_with("{{") {
        let message = format!("`{first}` stands in `{{% … %}}`, and not in double braces");
        return Some((start..start + first.len(), message, "write `{% if name %} … {% endif %}`".to_owned()));
    }
    if here.is_empty() || TAGS.contains(&first) || before.len() == at {
        return None;
    }
    if here.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let name = text.get(start..at + here.len())?;
    let message = format!("`{name}` is two words, and one name at most stands here");
    let help = format!("a name with a space stands in quotes: `inputs[\"{name}\"]`");
    Some((start..at + here.len(), message, help))
}

/// What is opened in a template and not closed, the last of it first.
fn unclosed(text: &str) -> Option<(Range<usize>, String, String)> {
    if let Some((open, close)) = last_open(text) {
        let written = text.get(open..open + 2)?;
        return Some((
            open..open + 2,
            format!("this `{written}` is not closed"),
            format!("write `{close}` behind it"),
        ));
    }
    let (at, open, close) = open_blocks(text).pop()?;
    let end = text.get(at..)?.find("%}").map_or(text.len(), |end| at + end + 2);
    let message = format!("this `{{% {open} … %}}` is not closed");
    Some((at..end, message, format!("write `{{% {close} %}}` behind it")))
}

/// The last braces that are opened and not closed, and what closes them.
fn last_open(text: &str) -> Option<(usize, &'static str)> {
    let opens = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")];
    let found = opens.iter().filter_map(|(open, close)| Some((text.rfind(open)?, *close)));
    let (at, close) = found.max_by_key(|(at, _)| *at)?;
    (!text.get(at..)?.contains(close)).then_some((at, close))
}

/// The blocks that are open at the end of a text: where each begins, its word, and the word that closes it.
fn open_blocks(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let mut open = Vec::new();
    for (at, _) in text.match_indices("{%") {
        let inside = text.get(at + 2..).unwrap_or_default().trim_start_matches('-').trim_start();
        let tag = inside.get(..word(inside)).unwrap_or_default();
        if let Some((begins, ends)) = BLOCKS.iter().find(|(begins, _)| *begins == tag) {
            open.push((at, *begins, *ends));
        } else if BLOCKS.iter().any(|(_, ends)| *ends == tag) {
            open.pop();
        }
    }
    open
}

/// The bytes of the word that a text begins with.
fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use crate::expr::{Place, Template};

    #[test]
    fn a_slip_is_told_with_what_was_meant() {
        for (text, at, help) in [
            ("{{ 客户 }}", "客户", "write `inputs[\"客户\"]`, if it is an input"),
            ("{{ Caller ID }}", "Caller ID", "a name with a space stands in quotes: `inputs[\"Caller ID\"]`"),
            ("{% if name %}x", "{% if name %}", "write `{% endif %}` behind it"),
            ("{% for t in name %}x{% endif %}", "endif", "write `{% endfor %}`"),
            ("{{ name || 'x' }}", "||", "write `or`"),
            ("{{ name | }}", "}}", "write a filter: `{{ name | upper }}`"),
            ("{{ name && 'x' }}", "&&", "write `and`"),
            ("{{ name ?? 'x' }}", "??", "write `or`: `{{ name or 'you' }}`"),
            ("{{ name ? 'a' : 'b' }}", "?", "write `'a' if name else 'b'`"),
            ("{% if name = 'x' %}a{% endif %}", "=", "compare with `==`"),
            ("{{ name ", "{{", "write `}}` behind it"),
            ("{{ name }", "}", "write `}}`"),
            ("{{ name + }}", "}}", "write a name, a number or a text in quotes"),
            ("{{ if name }}x{{ endif }}", "if", "write `{% if name %} … {% endif %}`"),
        ] {
            let error = Template::compile(text, Place::Text).unwrap_err();
            assert_eq!(
                (&text[error.range.clone()], error.help.as_deref()),
                (at, Some(help)),
                "{text}: {}",
                error.message
            );
        }
    }
}
