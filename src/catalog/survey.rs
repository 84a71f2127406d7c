//! The mapping files and all that they name, as they are on the disk: cheap to look at, and read only where a look
//! says that they may be different.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::hash::{DefaultHasher, Hasher};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file that was changed less than this before it was read may be changed again without looking so: some file
/// systems count in whole seconds.
const COARSE: Duration = Duration::from_secs(2);
/// How far a file system's clock may be behind ours.
const BEHIND: Duration = Duration::from_millis(20);

/// Of a file, no more is looked at: no larger one is read.
const LARGEST: u64 = 256 * 1024 * 1024;

/// What a look at a file shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    /// When its content was changed, and when anything of it was: seconds and nanoseconds.
    times: [(i64, i64); 2],
    /// Device and number: another file in its place has another.
    place: (u64, u64),
}

/// A look at all files; none: the file is not there.
pub(super) type Look = BTreeMap<PathBuf, Option<Stamp>>;

/// All files with what is in them.
#[derive(Debug, Default)]
pub(super) struct Survey(BTreeMap<PathBuf, Seen>);

#[derive(Debug, Clone, Copy)]
struct Seen {
    stamp: Option<Stamp>,
    content: u64,
    read: SystemTime,
}

impl Stamp {
    fn of(file: &Metadata) -> Self {
        Self {
            size: file.len(),
            times: [(file.mtime(), file.mtime_nsec()), (file.ctime(), file.ctime_nsec())],
            place: (file.dev(), file.ino()),
        }
    }

    /// When it was last changed.
    fn last(&self) -> SystemTime {
        let since = |(seconds, nanos): (i64, i64)| {
            Duration::new(u64::try_from(seconds).unwrap_or(0), u32::try_from(nanos).unwrap_or(0))
        };
        SystemTime::UNIX_EPOCH + self.times.map(since).into_iter().max().unwrap_or_default()
    }
}

/// Looks at the mapping files of these folders, and at these files.
pub(super) fn look(folders: &[PathBuf], named: &BTreeSet<PathBuf>) -> Look {
    let listed = folders.iter().flat_map(|folder| mapping_files(folder));
    listed
        .chain(named.iter().cloned())
        .map(|path| (stamp(&path), path))
        .map(|(stamp, path)| (path, stamp))
        .collect()
}

fn stamp(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().map(|file| Stamp::of(&file))
}

fn mapping_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let is_mapping = |path: &PathBuf| {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        !is_hidden && path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
    };
    paths.filter(is_mapping).collect()
}

impl Survey {
    /// Reads what a look shows to be different from the survey before.
    pub(super) fn read(look: Look, before: &Self) -> Self {
        let seen = look.into_iter().map(|(path, stamp)| {
            let known = before.0.get(&path).filter(|seen| seen.is_still(stamp)).copied();
            let seen =
                known.unwrap_or_else(|| Seen { read: SystemTime::now(), stamp, content: content(&path) });
            (path, seen)
        });
        Self(seen.collect())
    }

    /// Whether a look shows nothing that has to be read.
    pub(super) fn is_still(&self, look: &Look) -> bool {
        let still = |(path, stamp): (&PathBuf, &Option<Stamp>)| {
            self.0.get(path).is_some_and(|seen| seen.is_still(*stamp))
        };
        self.0.len() == look.len() && look.iter().all(still)
    }

    /// Whether both hold the same files with the same content.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let contents = |survey: &Self| -> Vec<(PathBuf, u64)> {
            survey.0.iter().map(|(path, seen)| (path.clone(), seen.content)).collect()
        };
        contents(self) == contents(other)
    }

    /// Takes over those of these files that are not in this survey yet, without what was changed after `begun`: who has
    /// read it since then may have read what was there before. What was named before and is no more is dropped; a file
    /// that went meanwhile stays known, so that it is missed.
    pub(super) fn complete(
        &mut self,
        other: Self,
        [before, named]: [&BTreeSet<PathBuf>; 2],
        begun: SystemTime,
    ) {
        self.0.retain(|path, _| other.0.contains_key(path) || !before.contains(path));
        for (path, seen) in other.0 {
            let is_older = seen.stamp.is_none_or(|stamp| stamp.last() + BEHIND < begun);
            if is_older && named.contains(&path) {
                self.0.entry(path).or_insert(seen);
            }
        }
    }
}

impl Seen {
    fn is_still(&self, stamp: Option<Stamp>) -> bool {
        self.stamp == stamp && stamp.is_none_or(|stamp| stamp.last() + COARSE < self.read)
    }
}

/// A number that is another for another content. A pipe or a device has none: it would be waited for, or never end.
fn content(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    if !fs::metadata(path).is_ok_and(|file| file.is_file()) {
        return 0;
    }
    let Ok(file) = File::open(path) else {
        return 0;
    };
    let mut reader = BufReader::with_capacity(64 * 1024, file.take(LARGEST));
    while let Ok(piece) = reader.fill_buf() {
        if piece.is_empty() {
            return hasher.finish();
        }
        hasher.write(piece);
        let read = piece.len();
        reader.consume(read);
    }
    0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::PathBuf;
    use std::time::{Duration, SystemTime};

    use super::{Survey, look};

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("datadip-survey-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn only_another_content_is_a_change() {
        let folder = folder("content");
        fs::write(folder.join("a.yaml"), "node: a\n").unwrap();
        fs::write(folder.join(".a.yaml.swp"), "").unwrap();
        let named = BTreeSet::from([folder.join("data.csv")]);
        let survey = |before: &Survey| Survey::read(look(std::slice::from_ref(&folder), &named), before);
        let first = survey(&Survey::default());
        fs::write(folder.join("a.yaml"), "node: a\n").unwrap();
        fs::write(folder.join("notes.txt"), "nothing").unwrap();
        assert!(survey(&first).is_same(&first));
        fs::write(folder.join("a.yaml"), "node: b\n").unwrap();
        let second = survey(&first);
        assert!(!second.is_same(&first));
        fs::write(folder.join("data.csv"), "id\n").unwrap();
        assert!(!survey(&second).is_same(&second));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_was_read_just_after_it_was_changed_is_read_again() {
        let folder = folder("coarse");
        let path = folder.join("a.yaml");
        fs::write(&path, "node: a\n").unwrap();
        let first = Survey::read(look(std::slice::from_ref(&folder), &BTreeSet::new()), &Survey::default());
        assert!(!first.is_still(&look(std::slice::from_ref(&folder), &BTreeSet::new())));
        let mut known = Survey::default();
        let begun = SystemTime::now() - Duration::from_secs(60);
        known.complete(first, [&BTreeSet::new(), &BTreeSet::from([path])], begun);
        assert!(known.0.is_empty(), "it was changed after it was begun to be read");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_that_went_while_it_was_compiled_is_missed_and_one_that_nobody_names_any_more_is_not() {
        let folder = folder("went");
        let [mapping, table] = ["a.yaml", "data.csv"].map(|name| folder.join(name));
        for path in [&mapping, &table] {
            fs::write(path, "node: a\n").unwrap();
        }
        let named = BTreeSet::from([table]);
        let survey = |named| Survey::read(look(std::slice::from_ref(&folder), named), &Survey::default());
        let (mut known, nobody) = (survey(&named), BTreeSet::new());
        known.complete(survey(&nobody), [&named, &nobody], SystemTime::now());
        assert!(known.is_same(&survey(&nobody)), "the table is not looked at any more");
        fs::remove_file(mapping).unwrap();
        known.complete(survey(&nobody), [&nobody, &nobody], SystemTime::now());
        assert!(!known.is_same(&survey(&nobody)), "the mapping file is missed");
        fs::remove_dir_all(folder).unwrap();
    }
}
