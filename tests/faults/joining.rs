//! Who joins a question that another caller began, and has longer to wait than that one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::caller::{Told, call, eventually, number};
use crate::company::{Company, crm, known};
use crate::machine::among_others;
use crate::upstream::Reaction;

/// One calls, and is told at its deadline that the upstream was too slow. Another calls while the question is still under
/// way, and only then the upstream gives its first answer; from then on it knows everybody. Nothing of it is kept.
fn joins_the_late(forms: &str, first: Reaction) -> (Told, usize) {
    let (crm, is_over, before) = (crm(), Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
    let over = Arc::clone(&is_over);
    crm.becomes(move |asked| {
        if before.fetch_add(1, Ordering::SeqCst) > 0 {
            return known(asked);
        }
        eventually("the first is answered", || over.load(Ordering::SeqCst));
        first.clone()
    });
    let usual = Company::usual("").within(2000).limited("timeout_ms: 4500");
    let node = usual.node.replace("call: crm.by_phone", &format!("call: crm.by_phone, forms: [{forms}]"));
    let gateway = Company { node, ..usual }.alone(&crm.url());
    let tel = number();
    call(&gateway, &tel).is("timeout", &["miss"]);
    let told = std::thread::scope(|scope| {
        let joining = scope.spawn(|| call(&gateway, &tel));
        std::thread::sleep(Duration::from_millis(600));
        is_over.store(true, Ordering::SeqCst);
        joining.join().unwrap()
    });
    (told, crm.asked().len())
}

#[test]
fn who_joins_what_is_not_kept_has_it_asked_in_the_next_form_after_the_deadline_of_who_began() {
    let _guard = among_others();
    let nobody = Reaction::json(&json!({ "data": [] }));
    let (told, asked) = joins_the_late("e164, national", nobody);
    told.is("found", &["joined"]);
    assert_eq!(asked, 2);
}

#[test]
fn who_joins_what_is_not_kept_takes_over_after_the_deadline_of_who_began() {
    let _guard = among_others();
    // A 500 is not asked again by who was answered so.
    let (told, asked) = joins_the_late("e164", Reaction::status(500, &json!({})));
    told.is("found", &["joined"]);
    assert_eq!(asked, 2);
}
