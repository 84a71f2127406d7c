//! The requests of a trace, a line each: for a person at a shell, who may see what is personal.

use std::fmt::Write;

use crate::record::Failure;
use crate::trace::note::{Answered, Note, Sent, What};

/// A line for each request that was sent or could not be, and for each look into a table.
#[must_use]
pub fn lines(notes: &[Note]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut sent: Option<&Sent> = None;
    for note in notes {
        match &note.what {
            What::Sent(request) => sent = Some(request),
            What::Answered(answered) => {
                let end = format!(" →{}", answer(answered));
                lines.push(sent.take().map(request).unwrap_or_default() + &end);
            }
            What::Unsent(_, failure) => {
                let request = sent.take().map(|sent| format!("{} not sent, ", request(sent)));
                let request = request.unwrap_or_else(|| "nothing was sent, ".to_owned());
                lines.push(format!("{request}{}: {failure}", failure.code()));
            }
            What::Token(took, Ok(())) => lines.push(format!("a token after {} ms", took.as_millis())),
            What::Token(took, Err(failure)) => {
                lines.push(format!("no token after {} ms, {}: {failure}", took.as_millis(), failure.code()));
            }
            What::Rows(rows) => lines.push(format!("table → {}", records(*rows))),
            What::Said(text) => lines.push(text.clone()),
            _ => {}
        }
    }
    lines
}

fn request(sent: &Sent) -> String {
    let body = sent.body.as_ref().map(|body| format!(" with {body}")).unwrap_or_default();
    format!("{}: {} {}{body}", sent.operation, sent.method, sent.url)
}

fn answer(answered: &Answered) -> String {
    let mut line = String::new();
    // Writing to a text cannot fail.
    let _ = answered.status.map(|status| write!(line, " {status}"));
    let _ = write!(line, " in {} ms, ", answered.took.as_millis());
    let _ = match &answered.found {
        Ok(count) => write!(line, "{}", records(*count)),
        Err(failure) => write!(line, "{}: {failure}", failure.code()),
    };
    let is_said = matches!(answered.found, Err(Failure::Refused(_)));
    if let Some(message) = answered.message.as_ref().filter(|_| !is_said) {
        let _ = write!(line, ", saying: {message}");
    }
    line
}

fn records(count: usize) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}
