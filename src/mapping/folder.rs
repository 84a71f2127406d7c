//! The files of a mappings folder: `upstreams/*.yaml`, `nodes/*.yaml` and `hooks/*.yaml`, in the order of their names.

mod ignored;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use thiserror::Error;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Findings, Span};
use crate::mapping::plain::{self, SPECIAL, Unread};
use crate::mapping::yaml;

/// The folders of mapping files: of upstreams, nodes and hooks.
pub(super) const FOLDERS: [&str; 3] = ["upstreams", "nodes", "hooks"];

/// Why a folder cannot be used at all.
#[derive(Debug, Error)]
pub enum FolderError {
    /// It is not there.
    #[error("{0}: there is no such folder; name the mappings folder: `--mappings DIR`, or `check DIR`")]
    Missing(PathBuf),
    /// It is a file.
    #[error(
        "{0}: is a file; name the mappings folder, that which holds `nodes/`: its files are read together"
    )]
    File(PathBuf),
    /// It holds neither nodes nor upstreams.
    #[error("{0}: holds neither `nodes/` nor `upstreams/`; a mappings folder has both")]
    NoMappings(PathBuf),
    /// It cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// One mapping file.
pub(super) struct File {
    pub(super) source: Arc<Source>,
    /// Why its text cannot be read.
    pub(super) unread: Option<Finding>,
    /// The folder that paths inside it start from.
    pub(super) folder: PathBuf,
}

/// The files of a folder.
pub(super) struct Files {
    pub(super) upstreams: Vec<File>,
    pub(super) nodes: Vec<File>,
    pub(super) hooks: Vec<File>,
    /// What is known of files that are none of these.
    pub(super) findings: Findings,
}

/// Reads the folder.
pub(super) fn read(folder: &Path) -> Result<Files, FolderError> {
    if folder.is_file() {
        return Err(FolderError::File(folder.to_owned()));
    }
    if !folder.is_dir() {
        return Err(FolderError::Missing(folder.to_owned()));
    }
    let [upstreams, nodes, hooks] = FOLDERS.map(|name| folder.join(name));
    if !upstreams.is_dir() && !nodes.is_dir() {
        return Err(FolderError::NoMappings(folder.to_owned()));
    }
    let mut findings = Findings::new();
    let upstreams = files_of(&upstreams, &mut findings)?;
    let nodes = files_of(&nodes, &mut findings)?;
    let hooks = files_of(&hooks, &mut findings)?;
    ignored::beside(folder, &mut findings);
    Ok(Files { upstreams, nodes, hooks, findings })
}

fn files_of(folder: &Path, findings: &mut Findings) -> Result<Vec<File>, FolderError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let unreadable = |error| FolderError::Unreadable { path: folder.to_owned(), error };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let is_yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        if is_yaml && !hidden {
            // A folder of such a name, too: somebody expects it to be a mapping, and it is told as none.
            paths.push(path);
        } else if !hidden {
            ignored::note(&path, findings);
        }
    }
    paths.sort();
    Ok(paths.iter().map(|path| file(path)).collect())
}

fn file(path: &Path) -> File {
    let shown = path.display().to_string();
    let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
    let (source, unread) = match plain::read(path, yaml::LARGEST).map(String::from_utf8) {
        Ok(Ok(text)) => (Source::new(shown, text), None),
        Ok(Err(error)) => odd_bytes(shown, error.as_bytes(), error.utf8_error().valid_up_to()),
        Err(why) => {
            let source = Source::unread(shown);
            let finding = unread(path, &why, &source);
            (source, Some(finding))
        }
    };
    File { source, unread, folder }
}

/// A file that is no UTF-8 from this byte on: shown as far as it is one, with signs in place of what is not.
fn odd_bytes(shown: String, bytes: &[u8], at: usize) -> (Arc<Source>, Option<Finding>) {
    let help = "save it as UTF-8 text";
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let source = Source::unread(shown);
        let finding = Finding::whole_file(Code::Unreadable, &source, "the file is UTF-16, and not UTF-8");
        return (source, Some(finding.help(help)));
    }
    let text = String::from_utf8_lossy(bytes);
    let source = Source::new(shown, text.as_ref());
    // A byte order mark is no part of the source's text.
    let at = at - (text.len() - source.text.len());
    let span = Span::new(at, at + char::REPLACEMENT_CHARACTER.len_utf8());
    let message = "the file is not UTF-8: this is no character of it";
    let finding = Finding::error(Code::Unreadable, &source, span, message).help(help);
    (source, Some(finding))
}

fn unread(path: &Path, why: &Unread, source: &Arc<Source>) -> Finding {
    let error = match why {
        Unread::TooLarge(size) => return yaml::too_large(source, *size),
        Unread::Special if path.is_dir() => {
            let message = "this is a folder, and its name is that of a mapping file: nothing in it is read";
            let finding = Finding::whole_file(Code::Unreadable, source, message);
            return finding.help("put a file in its place, or give the folder a name without `.yaml`");
        }
        Unread::Special => {
            let finding = Finding::whole_file(Code::Unreadable, source, format!("this {SPECIAL}"));
            return finding.help("put a file in its place, or take it away");
        }
        Unread::Refused(error) => error,
    };
    let link = fs::read_link(path).ok().filter(|_| error.kind() == io::ErrorKind::NotFound);
    let (message, help) = match link {
        Some(target) => {
            let message = format!("the file is a link to {}, and nothing is there", target.display());
            (message, "turn the link to a file that is there, or take it away")
        }
        None => (
            format!("the file cannot be read: {error}"),
            "let the user that runs datadip read it, or move it away",
        ),
    };
    Finding::whole_file(Code::Unreadable, source, message).help(help)
}
