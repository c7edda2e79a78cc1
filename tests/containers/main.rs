//! `Dockerfile` and `compose.yaml`, as far as a machine without a container engine can tell.
//!
//! The two files are read, and what they say is done: cargo builds what the image is made of, and the services run with
//! their own commands, environment and signals, each as the first process of its PID namespace where that is allowed,
//! against a real server. What only an engine can show is not shown here: layers, the network, the user.

#![cfg(target_os = "linux")]

mod compose;
mod dockerfile;
mod files;
mod image;
mod project;
mod running;

mod failing;
mod replicas;
mod starting;
mod stopping;
mod waiting;
