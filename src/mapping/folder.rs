//! The files of a mappings folder: `upstreams/*.yaml`, `nodes/*.yaml` and `hooks/*.yaml`, in the order of their names.

mod ignored;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::diagnostic::code::Code;
use crate::diagnostic::source::Source;
use crate::diagnostic::{Finding, Findings};

/// The folders of mapping files: of upstreams, nodes and hooks.
pub(super) const FOLDERS: [&str; 3] = ["upstreams", "nodes", "hooks"];

/// Why a folder cannot be used at all.
#[derive(Debug, Error)]
pub enum FolderError {
    /// It is not there, or is no folder.
    #[error("{0}: there is no such folder; name the mappings folder with --mappings DIR")]
    Missing(PathBuf),
    /// It holds neither nodes nor upstreams.
    #[error("{0}: holds neither `nodes/` nor `upstreams/`; a mappings folder has both")]
    NoMappings(PathBuf),
    /// It cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
}

/// One mapping file.
pub(super) struct File {
    pub(super) source: Arc<Source>,
    /// The folder that paths inside it start from.
    pub(super) folder: PathBuf,
}

/// The files of a folder.
pub(super) struct Files {
    pub(super) upstreams: Vec<File>,
    pub(super) nodes: Vec<File>,
    pub(super) hooks: Vec<File>,
    /// What is wrong with files that could not be read.
    pub(super) findings: Findings,
}

/// Reads the folder.
pub(super) fn read(folder: &Path) -> Result<Files, FolderError> {
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
        if is_yaml && !hidden && !path.is_dir() {
            paths.push(path);
        } else if !hidden {
            ignored::note(&path, findings);
        }
    }
    paths.sort();
    Ok(paths.into_iter().filter_map(|path| file(&path, findings)).collect())
}

fn file(path: &Path, findings: &mut Findings) -> Option<File> {
    let shown = path.display().to_string();
    let (message, help) = match fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => {
            let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
            return Some(File { source: Source::new(shown, text), folder });
        }
        Ok(Err(error)) => {
            let at = error.utf8_error().valid_up_to();
            (format!("the file is not UTF-8, from byte {at} on"), "save it as UTF-8 text")
        }
        Err(error) => (
            format!("the file cannot be read: {error}"),
            "let the user that runs datadip read it, or move it away",
        ),
    };
    findings.push(Finding::whole_file(Code::Unreadable, &Source::unread(shown), message).help(help));
    None
}
