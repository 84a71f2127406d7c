//! Documents as written, to plans.
