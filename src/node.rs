//! The contract with the IVR: what a node is called with, and what it answers.

pub mod account;
pub mod call;
pub mod customer;
pub mod email;
pub mod input;
pub mod phone;
pub mod reply;
