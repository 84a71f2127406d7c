//! The contract with the IVR: what a node is called with, and what it answers.

pub mod account;
pub mod email;
pub mod phone;
