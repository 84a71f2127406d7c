//! Files that a mapping file names: where they are, how they are shown, and what is in them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::diagnostic::code::Code;
use crate::diagnostic::suggest::did_you_mean;
use crate::mapping::compiling::Compiling;
use crate::mapping::plain::{self, SPECIAL, Unread};
use crate::mapping::yaml::scalar::Scalar;

/// A file that is named in a mapping file.
pub(in crate::mapping) struct Named {
    /// The path as findings show it.
    pub(in crate::mapping) shown: String,
    /// What is in it, without a byte order mark.
    pub(in crate::mapping) text: String,
}

impl Compiling<'_> {
    /// Reads the file that `scalar` names, from the mapping file's folder on, of at most `largest` bytes of UTF-8.
    pub(in crate::mapping) fn named_file(&mut self, scalar: &Scalar, largest: u64) -> Option<Named> {
        self.refuse_expansion(scalar);
        let name = Path::new(&scalar.text);
        if scalar.text.is_empty() || name.is_absolute() {
            let message = "a file is named from this file's own folder on";
            self.reader.error(
                Code::FilePlace,
                scalar.span,
                message,
                "write it as in `../data/customers.csv`",
            );
            return None;
        }
        let path = plain(&self.folder.join(name));
        self.named.insert(path.clone());
        let shown = path.display().to_string();
        let (code, message, help) = match plain::read(&path, largest) {
            Ok(bytes) => return self.utf8(scalar, shown, bytes),
            Err(Unread::TooLarge(size)) => {
                let message = format!("{shown} has {size} bytes, and may have at most {largest}");
                (Code::Unreadable, message, "split it, or serve it over HTTP".to_owned())
            }
            Err(Unread::Special) => {
                (Code::Unreadable, format!("{shown} {SPECIAL}"), "put a file in its place".to_owned())
            }
            Err(Unread::Refused(error)) => {
                let (message, help) = missing(&path, &shown, &error);
                (Code::FileMissing, message, help)
            }
        };
        self.reader.error(code, scalar.span, message, help);
        None
    }

    fn utf8(&mut self, scalar: &Scalar, shown: String, bytes: Vec<u8>) -> Option<Named> {
        let error = match String::from_utf8(bytes) {
            Ok(text) => {
                let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
                return Some(Named { shown, text });
            }
            Err(error) => error,
        };
        let valid = error.utf8_error().valid_up_to();
        let lines = error.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count();
        let message = format!("{shown} is not UTF-8: see its line {}", lines + 1);
        self.reader.error(Code::Unreadable, scalar.span, message, "save it as UTF-8 text");
        None
    }
}

fn missing(path: &Path, shown: &str, error: &std::io::Error) -> (String, String) {
    if error.kind() != ErrorKind::NotFound {
        return (
            format!("{shown} cannot be read: {error}"),
            "name a file that this user may read".to_owned(),
        );
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    let help = match did_you_mean(&wanted, names.iter().map(String::as_str)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "paths begin at the folder of this file".to_owned(),
    };
    (format!("there is no file {shown}"), help)
}

/// The path with each `folder/..` taken out.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let is_up = part == Component::ParentDir;
        if is_up && matches!(plain.components().next_back(), Some(Component::Normal(_))) {
            plain.pop();
        } else if part != Component::CurDir || plain.as_os_str().is_empty() {
            plain.push(part);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::plain;

    #[test]
    fn a_path_is_shown_without_detours() {
        for (path, shown) in [
            ("mappings/upstreams/../data/x.csv", "mappings/data/x.csv"),
            ("./upstreams/./x.csv", "./upstreams/x.csv"),
            ("../../x.csv", "../../x.csv"),
            ("/a/b/../../x.csv", "/x.csv"),
        ] {
            assert_eq!(plain(Path::new(path)).display().to_string(), shown, "{path}");
        }
    }
}
