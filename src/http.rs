//! The IVR's door: bytes to a call.

pub mod extract;
