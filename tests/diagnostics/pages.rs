//! `docs/findings.md` is true: it has a section for each code, and shows files that are told so.

use std::collections::BTreeSet;
use std::path::Path;

use datadip::diagnostic::code::Code;

use crate::cases;
use crate::folder::Folder;
use crate::shell::datadip;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.md");
    std::fs::read_to_string(path).expect("the page")
}

#[test]
fn the_page_has_a_section_for_each_code_in_their_order_and_none_besides() {
    let page = page();
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.code()).collect();
    assert_eq!(sections, codes);
}

#[test]
fn the_list_above_the_sections_names_each_of_them() {
    let page = page();
    let linked: BTreeSet<&str> =
        page.split("](#").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert_eq!(linked, Code::ALL.iter().map(|code| code.code()).collect());
}

#[test]
fn a_section_says_what_is_meant_shows_a_bad_file_and_says_how_to_mend_it() {
    let cases = cases::all();
    for code in Code::ALL {
        let section = code.section();
        let about = section.split("\n\n").next().unwrap().replace('\n', " ");
        assert_eq!(about, code.about());
        let parts: Vec<&str> = section.split("```").collect();
        let [_, shown, mend] = parts.as_slice() else { panic!("{}: one block", code.code()) };
        assert!(!mend.trim().is_empty(), "{}", code.code());
        let files: Vec<String> = cases::files(&cases[code.code()])
            .into_iter()
            .map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned())
            .collect();
        let lines: Vec<&str> = files.iter().flat_map(|text| text.lines()).collect();
        for line in shown.lines().skip(1).map(|line| line.split('…').next().unwrap().trim()) {
            assert!(
                lines.iter().any(|of| of.contains(line) || line.contains("Caf")),
                "{}: {line}",
                code.code()
            );
        }
    }
}

#[test]
fn check_explains_a_code_in_the_words_of_the_page() {
    let folder = Folder::with(&[]);
    let ended = datadip(folder.path(), &["check", "--explain", "unknown-key"]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    assert_eq!(ended.out, format!("unknown-key\n\n{}\n", Code::UnknownKey.section()));
    let ended = datadip(folder.path(), &["check", "--explain", "unknwon-key"]);
    assert_eq!((ended.code, ended.out.as_str()), (2, ""));
    assert_eq!(ended.err, "datadip: there is no finding `unknwon-key`; did you mean `unknown-key`?\n");
}
