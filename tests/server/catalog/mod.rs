//! The catalog of real databases.

mod postgres;
