//! Every example as its user runs it: a process of its own, on a real server.

mod async_wrapper;
mod connections;
mod service;
mod wrapper_bulk;
