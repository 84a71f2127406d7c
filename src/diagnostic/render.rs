//! Findings for people: the line, the carets, the remedy.

use annotate_snippets::renderer::DEFAULT_TERM_WIDTH;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::diagnostic::{Counts, Finding, Severity, Span};

/// Whether the text may carry colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// For files, pipes and tests.
    Plain,
    /// With ANSI colours, for terminals.
    Coloured,
}

/// One finding as text of several lines, without a line end after the last.
#[must_use]
pub fn text(finding: &Finding, style: Style) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(finding.message.as_str()).id(finding.code.code());
    let mut group = located(Group::with_title(title), finding);
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.term_width(DEFAULT_TERM_WIDTH).render(&[group])
}

/// The counts in words, such as "2 errors, 1 warning"; what there is none of is left out.
#[must_use]
pub fn summary(counts: Counts) -> String {
    let words = [(counts.errors, "error"), (counts.warnings, "warning"), (counts.notes, "note")];
    let said: Vec<String> = words
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" }))
        .collect();
    if said.is_empty() { "no findings".to_owned() } else { said.join(", ") }
}

/// Adds the file, the lines around the finding and its carets; the path alone where there is no line to show.
fn located<'a>(group: Group<'a>, finding: &'a Finding) -> Group<'a> {
    let source = &finding.source;
    let Some(span) = finding.span else {
        return group.element(Origin::path(source.path.as_str()));
    };
    if source.text.is_empty() {
        return group.element(Origin::path(source.path.as_str()).line(1).char_column(1));
    }
    let spans = finding.related.iter().map(|(related, _)| *related);
    let shown = spans.fold(span, Span::to);
    let window = source.line_of(shown.start).to(source.line_of(shown.end));
    let annotate = |kind: AnnotationKind, span: Span| -> Annotation<'a> {
        let span = source.within(span);
        let (start, end) = (span.start.max(window.start), span.end.min(window.end));
        kind.span(start - window.start..end.max(start) - window.start)
    };
    let snippet = Snippet::source(source.slice(window))
        .line_start(source.position(window.start).line)
        .path(source.path.as_str())
        .annotation(annotate(AnnotationKind::Primary, span));
    let related = finding.related.iter();
    let snippet = related.fold(snippet, |snippet, (span, label)| {
        snippet.annotation(annotate(AnnotationKind::Context, *span).label(label.as_str()))
    });
    group.element(snippet)
}

#[cfg(test)]
mod tests {
    use super::{Counts, Finding, Span, Style, summary, text};
    use crate::diagnostic::code::Code;
    use crate::diagnostic::source::Source;

    fn at(text: &str, part: &str) -> Span {
        let start = text.find(part).unwrap();
        Span::new(start, start + part.len())
    }

    #[test]
    fn a_finding_shows_the_line_the_place_and_the_remedy() {
        let yaml = "node: caller\nlokup:\n  - { by: tel }\n";
        let source = Source::new("mappings/nodes/caller.yaml", yaml);
        let finding =
            Finding::error(Code::UnknownKey, &source, at(yaml, "lokup"), "`lokup` is no key of a node")
                .help("did you mean `lookup`?");
        assert_eq!(
            text(&finding, Style::Plain),
            "\
error[unknown-key]: `lokup` is no key of a node
 --> mappings/nodes/caller.yaml:2:1
  |
2 | lokup:
  | ^^^^^
  |
  = help: did you mean `lookup`?"
        );
    }

    #[test]
    fn a_related_place_is_shown_with_its_words() {
        let yaml = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\na: 8\n";
        let source = Source::new("a.yaml", yaml);
        let finding = Finding::error(Code::DuplicateKey, &source, Span::new(35, 36), "`a` stands twice")
            .related(Span::new(0, 1), "first here");
        assert_eq!(
            text(&finding, Style::Plain),
            "\
error[duplicate-key]: `a` stands twice
 --> a.yaml:8:1
  |
1 | a: 1
  | - first here
...
8 | a: 8
  | ^"
        );
    }

    #[test]
    fn carets_stand_under_wide_characters_and_after_tabs() {
        let yaml = "# 注释\n名字: \t张三李四 # 客户\n";
        let source = Source::new("客户.yaml", yaml);
        let finding = Finding::warning(Code::UnknownWord, &source, at(yaml, "李四"), "`李四` is unknown");
        assert_eq!(
            text(&finding, Style::Plain),
            "\
warning[unknown-word]: `李四` is unknown
 --> 客户.yaml:2:8
  |
2 | 名字:     张三李四 # 客户
  |               ^^^^"
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_has_no_snippet() {
        let source = Source::unread("mappings/nodes/caller.yaml");
        let finding = Finding::whole_file(Code::Unreadable, &source, "the file cannot be read");
        assert_eq!(
            text(&finding, Style::Plain),
            "error[unreadable]: the file cannot be read\n--> mappings/nodes/caller.yaml"
        );
    }

    #[test]
    fn a_span_of_another_text_breaks_nothing() {
        let source = Source::new("a.yaml", "名: 1");
        for span in [Span::new(1, 2), Span::new(90, 99), Span::new(4, 2), Span::new(6, 6)] {
            let finding = Finding::note(Code::UnknownKey, &source, span, "odd").related(span, "here");
            assert!(text(&finding, Style::Coloured).contains("a.yaml"));
        }
    }

    #[test]
    fn the_last_line_counts_what_was_found() {
        assert_eq!(summary(Counts { errors: 2, warnings: 1, notes: 0 }), "2 errors, 1 warning");
        assert_eq!(summary(Counts::default()), "no findings");
    }
}
