//! `docs/findings.md`, built in: what each code means, what such a file looks like, and how to mend it.

use crate::diagnostic::code::Code;

const PAGE: &str = include_str!("../../docs/findings.md");

impl Code {
    /// The section of the code, in Markdown, without its heading.
    #[must_use]
    pub fn section(self) -> &'static str {
        let heading = format!("\n### {}\n", self.code());
        let below = PAGE.split_once(&heading).map_or("", |(_, below)| below);
        let ends = ["\n### ", "\n## "].into_iter().filter_map(|next| below.find(next));
        below.get(..ends.min().unwrap_or(below.len())).unwrap_or_default().trim()
    }

    /// Where the section is read: a place in the folder of the program's source.
    #[must_use]
    pub fn place(self) -> String {
        format!("docs/findings.md#{}", self.code())
    }
}
