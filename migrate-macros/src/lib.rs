//! The `#[migration]` attribute and the `migrations!` macro.
