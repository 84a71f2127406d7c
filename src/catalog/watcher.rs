//! Which folders have to be watched so that no way of saving a file is missed: a file that is written in place,
//! replaced by another, or behind a link that is turned to another folder. Folders, not files: a file that is replaced
//! takes its watch with it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// Longest chain of links that is followed.
const LINKS: usize = 16;

/// Watches; `wake` is called for whatever may be a change.
///
/// # Errors
/// What the system says where it cannot, as when its watches are used up.
pub(super) fn watch(
    places: &BTreeSet<Place>,
    wake: impl Fn() + Send + 'static,
) -> Result<RecommendedWatcher, notify::Error> {
    let mut watcher = notify::recommended_watcher(move |event: Result<Event, notify::Error>| {
        if event.as_ref().map_or(true, may_be_a_change) {
            wake();
        }
    })?;
    for place in places {
        watcher.watch(&place.folder, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

/// A folder that has to be watched: another in its place is another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    folder: PathBuf,
    /// Device and number.
    number: (u64, u64),
}

/// The folders that have to be watched, as they are now.
pub(super) fn places(folders: &[PathBuf], named: &BTreeSet<PathBuf>) -> BTreeSet<Place> {
    let place = |folder: PathBuf| {
        let found = fs::metadata(&folder).ok()?;
        Some(Place { folder, number: (found.dev(), found.ino()) })
    };
    watched(folders, named).into_iter().filter_map(place).collect()
}

/// Reading is none, and we do it ourselves.
fn may_be_a_change(event: &Event) -> bool {
    match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

/// The folders themselves, those of the files that are named, and each in which a link on the way stands.
fn watched(folders: &[PathBuf], named: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let mut watched: BTreeSet<PathBuf> = folders.iter().cloned().collect();
    watched.extend(named.iter().filter_map(|path| path.parent()).map(Path::to_owned));
    let listed = folders.iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten());
    let files = listed.filter_map(|entry| Some(entry.ok()?.path())).chain(named.iter().cloned());
    let mut links = BTreeSet::new();
    for path in files.chain(folders.iter().cloned()) {
        links_of(&path, LINKS, &mut links);
    }
    watched.append(&mut links);
    watched.retain(|folder| folder.is_dir());
    watched.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect()
}

/// The folders of the links that a path goes through, and of where they lead.
fn links_of(path: &Path, left: usize, found: &mut BTreeSet<PathBuf>) {
    let Ok(path) = std::path::absolute(path) else {
        return;
    };
    for part in path.ancestors() {
        let (Ok(target), Some(folder)) = (fs::read_link(part), part.parent()) else {
            continue;
        };
        found.insert(folder.to_owned());
        if left > 0 {
            let target = folder.join(target);
            found.extend(target.parent().map(Path::to_owned));
            links_of(&target, left - 1, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::watched;

    #[test]
    fn every_folder_in_which_a_link_may_be_turned_is_watched() {
        let root = std::env::temp_dir().join(format!("datadip-watcher-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for folder in ["releases/1/nodes", "releases/1/data", "mount/..first"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        symlink("releases/1", root.join("current")).unwrap();
        symlink("..first", root.join("mount/..data")).unwrap();
        symlink("..data/a.yaml", root.join("mount/a.yaml")).unwrap();
        fs::write(root.join("mount/..first/a.yaml"), "").unwrap();
        let folders = [root.join("current/nodes"), root.join("mount")];
        let named = BTreeSet::from([root.join("current/nodes/../data/x.csv")]);
        let root = fs::canonicalize(root).unwrap();
        let watched = watched(&folders, &named);
        let expected = ["", "mount", "mount/..first", "releases", "releases/1/data", "releases/1/nodes"];
        assert_eq!(watched, expected.map(|folder| root.join(folder)).into_iter().collect());
        fs::remove_dir_all(&root).unwrap();
    }
}
