//! What `datadip check` says of bad files: each code in its own words, and in the formats that machines read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cases;
#[allow(dead_code)] // other tests use the rest of the harness
#[path = "../harness/folder.rs"]
mod folder;
mod formats;
mod pages;
#[allow(dead_code)] // other tests use the rest of the harness
#[path = "../harness/shell.rs"]
mod shell;
