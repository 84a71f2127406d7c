//! All or nothing: what the files compile to is put in force whole, or the catalogue before it stays and it is said
//! why.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::catalog::Catalog;
use crate::catalog::change::Change;
use crate::diagnostic::{Findings, Severity};
use crate::plan::Catalogue;

/// What the mapping files compile to, rehearsed.
#[derive(Debug)]
pub struct Offer {
    /// What may be put in force.
    pub catalogue: Catalogue,
    /// All that was found in the files.
    pub findings: Findings,
    /// The files that mapping files name.
    pub named: BTreeSet<PathBuf>,
}

/// Compiles and rehearses the files as they are now. An error says why they cannot be used at all.
pub type Gate = Box<dyn FnMut() -> Result<Offer, String> + Send>;

/// Why what the files hold is not in force.
#[derive(Debug)]
pub struct Refused {
    /// Since when files and catalogue are not the same.
    pub since: SystemTime,
    /// In one sentence.
    pub why: String,
    /// The files that have errors, as findings name them.
    pub files: BTreeSet<String>,
    /// All that was found.
    pub findings: Findings,
}

impl Refused {
    /// What was found, and the files that have errors.
    pub(super) fn new(since: SystemTime, why: String, findings: Findings) -> Self {
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
        let files = errors.map(|finding| finding.source.path.clone()).collect();
        Self { since, why, files, findings }
    }
}

/// How a reload ended.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// What the files hold is in force.
    InForce {
        /// The number of this catalogue.
        revision: u64,
        /// What is different from the one before.
        change: Arc<Change>,
        /// What was found, none of it an error.
        findings: Arc<Findings>,
    },
    /// The catalogue before it stays.
    Refused(Arc<Refused>),
}

impl Catalog {
    /// Puts what is offered in force, if nothing speaks against it, and logs what came of it.
    pub(super) fn settle(&self, offer: Result<Offer, String>, begun: Instant) -> Verdict {
        let verdict = match offer {
            Ok(offer) => self.judge(offer),
            Err(why) => self.refuse(why, Findings::new()),
        };
        let ms = begun.elapsed().as_secs_f64() * 1000.0;
        match &verdict {
            Verdict::InForce { revision, change, findings } => {
                let (came, changed, went) =
                    (change.came.join(", "), change.changed.join(", "), change.went.join(", "));
                let warnings = findings.counts().warnings;
                let text = "the mapping files are in force";
                tracing::info!(event = "reload.done", revision, came, changed, went, warnings, ms, "{text}");
            }
            Verdict::Refused(refused) => {
                let files = refused.files.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                let (errors, why) = (refused.findings.counts().errors, &refused.why);
                let text = "the mapping files are not put in force, those before stay";
                tracing::error!(event = "reload.refused", files, errors, why, ms, "{text}");
            }
        }
        verdict
    }

    fn judge(&self, offer: Offer) -> Verdict {
        let Offer { catalogue, findings, .. } = offer;
        let found = findings.counts();
        if found.errors > 0 {
            return self.refuse(why(found.errors), findings);
        }
        let before = self.current();
        if catalogue.nodes.is_empty() && !before.nodes.is_empty() {
            return self.refuse("the mappings folder holds no node any more".to_owned(), findings);
        }
        let change = Arc::new(Change::between(&before, &catalogue));
        let revision = self.swap(catalogue, found);
        Verdict::InForce { revision, change, findings: Arc::new(findings) }
    }

    fn refuse(&self, why: String, findings: Findings) -> Verdict {
        let earlier = self.standing().refused.as_ref().map(|refused| refused.since);
        let refused = Arc::new(Refused::new(earlier.unwrap_or_else(SystemTime::now), why, findings));
        self.stay(Arc::clone(&refused));
        Verdict::Refused(refused)
    }
}

/// That files with so many errors are not in force.
#[must_use]
pub fn why(errors: usize) -> String {
    match errors {
        1 => "the mapping files have an error".to_owned(),
        _ => format!("the mapping files have {errors} errors"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::{Offer, Verdict};
    use crate::catalog::Catalog;
    use crate::diagnostic::code::Code;
    use crate::diagnostic::source::Source;
    use crate::diagnostic::{Finding, Findings};
    use crate::plan::{Catalogue, Slot};

    fn offer(nodes: &[&str], findings: Findings) -> Result<Offer, String> {
        let mut catalogue = Catalogue::default();
        for name in nodes {
            catalogue.nodes.insert(Arc::from(*name), Slot::Broken(String::new()));
        }
        Ok(Offer { catalogue, findings, named: Default::default() })
    }

    fn wrong() -> Findings {
        let source = Source::unread("nodes/b.yaml");
        [Finding::whole_file(Code::Unreadable, &source, "it cannot be read")].into_iter().collect()
    }

    #[test]
    fn an_error_in_one_file_keeps_all_of_them_out_of_force_until_it_is_mended() {
        let catalog = Catalog::new(Catalogue::default(), Findings::new());
        catalog.settle(offer(&["a"], Findings::new()), Instant::now());
        let Verdict::Refused(first) = catalog.settle(offer(&["a", "b"], wrong()), Instant::now()) else {
            panic!("it is in force");
        };
        assert!(first.files.contains("nodes/b.yaml") && first.why == "the mapping files have an error");
        let Verdict::Refused(second) = catalog.settle(Err("no folder".to_owned()), Instant::now()) else {
            panic!("it is in force");
        };
        assert_eq!(second.since, first.since);
        assert_eq!(
            (catalog.current().nodes.len(), catalog.standing().revision, catalog.refusals()),
            (1, 2, 2)
        );
        let Verdict::InForce { revision, change, .. } =
            catalog.settle(offer(&["b"], Findings::new()), Instant::now())
        else {
            panic!("it is refused");
        };
        assert_eq!((revision, change.came.join(","), change.went.join(",")), (3, "b".into(), "a".into()));
        assert!(catalog.standing().refused.is_none());
    }

    #[test]
    fn a_folder_that_lost_all_its_nodes_is_taken_for_one_that_is_not_there() {
        let catalog = Catalog::new(Catalogue::default(), Findings::new());
        catalog.settle(offer(&["a"], Findings::new()), Instant::now());
        let verdict = catalog.settle(offer(&[], Findings::new()), Instant::now());
        assert!(matches!(verdict, Verdict::Refused(_)) && catalog.current().nodes.len() == 1);
    }
}
