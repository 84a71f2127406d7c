//! The text that Prometheus reads: families, each with its samples.

use std::fmt::{Display, Write};

use crate::meter::Histogram;

/// A page in the making.
#[derive(Default)]
pub(super) struct Page {
    text: String,
    /// The family that samples belong to.
    name: &'static str,
}

impl Page {
    /// Begins a family.
    pub(super) fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.name = name;
        self.push(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// A sample of the family.
    pub(super) fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.line("", labels, value);
    }

    /// A histogram of the family.
    pub(super) fn histogram(&mut self, labels: &[(&str, &str)], histogram: &Histogram) {
        let (sums, count) = histogram.cumulated();
        for (bound, sum) in sums {
            self.line("_bucket", &[labels, &[("le", bound)]].concat(), sum);
        }
        self.line("_bucket", &[labels, &[("le", "+Inf")]].concat(), count);
        self.line("_sum", labels, histogram.seconds());
        self.line("_count", labels, count);
    }

    /// The whole page.
    pub(super) fn text(self) -> String {
        self.text
    }

    fn line(&mut self, ending: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let name = self.name;
        match labels.is_empty() {
            true => self.push(format_args!("{name}{ending} {value}\n")),
            false => self.push(format_args!("{name}{ending}{{{}}} {value}\n", labels.join(","))),
        }
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a text cannot fail.
        let _ = self.text.write_fmt(text);
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Page;
    use crate::meter::Histogram;

    #[test]
    fn a_family_is_written_as_prometheus_reads_it() {
        let mut page = Page::default();
        page.family("calls_total", "counter", "Calls.");
        page.sample(&[("node", "a\"b\\c\nd"), ("outcome", "found")], 3);
        page.family("took_seconds", "histogram", "How long.");
        let histogram = Histogram::default();
        histogram.add(Duration::from_millis(2));
        page.histogram(&[("node", "a")], &histogram);
        let text = page.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[..7],
            [
                "# HELP calls_total Calls.",
                "# TYPE calls_total counter",
                r#"calls_total{node="a\"b\\c\nd",outcome="found"} 3"#,
                "# HELP took_seconds How long.",
                "# TYPE took_seconds histogram",
                r#"took_seconds_bucket{node="a",le="0.001"} 0"#,
                r#"took_seconds_bucket{node="a",le="0.0025"} 1"#,
            ]
        );
        assert_eq!(
            lines[lines.len() - 3..],
            [
                r#"took_seconds_bucket{node="a",le="+Inf"} 1"#,
                r#"took_seconds_sum{node="a"} 0.002"#,
                r#"took_seconds_count{node="a"} 1"#,
            ]
        );
    }
}
