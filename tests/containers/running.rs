//! A program as a container runs it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use migrate_tests::testkit::{Finished, Worker};

/// How a container ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code, as an engine reports it.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A running container.
pub(crate) struct Running {
    worker: Worker,
}

impl Running {
    /// Starts a program with this environment and no other, as the first process of its own PID namespace if this
    /// user may make one: there the kernel drops every signal that the program has no handler for.
    pub(crate) fn start(
        program: &Path,
        arguments: &[String],
        environment: &BTreeMap<String, String>,
    ) -> Self {
        let mut words: Vec<String> = if is_isolated() { isolation() } else { Vec::new() };
        words.extend(["env", "--ignore-environment"].map(str::to_owned));
        words.extend(environment.iter().map(|(name, value)| format!("{name}={value}")));
        words.push(program.display().to_string());
        words.extend(arguments.iter().cloned());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Self { worker: Worker::start(words[0], &words[1..], &[]) }
    }

    /// What `docker stop` begins with.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// What Ctrl-C sends to a container in the foreground.
    pub(crate) fn interrupt(&self) {
        self.signal("INT");
    }

    fn pid(&self) -> u32 {
        if is_isolated() { first_process(self.worker.pid()) } else { self.worker.pid() }
    }

    /// Waits until it has a handler for SIGTERM.
    pub(crate) fn until_it_heeds_signals(&self) {
        const SIGTERM: u32 = 15;
        let path = format!("/proc/{}/status", self.pid());
        until("a handler for SIGTERM", || {
            let status = std::fs::read_to_string(&path).unwrap_or_default();
            let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
            let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
            caught.is_some_and(|mask| mask >> (SIGTERM - 1) & 1 == 1)
        });
    }

    fn signal(&self, name: &str) {
        let pid = self.pid();
        let sent = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status().expect("kill");
        assert!(sent.success(), "{name} was not sent");
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.worker.is_running()
    }

    pub(crate) fn finish(self) -> Ended {
        let Finished { status, stdout, stderr } = self.worker.finish();
        let code = status.code().unwrap_or_else(|| panic!("{status}\n{stderr}"));
        Ended { code, stdout, stderr }
    }
}

impl Ended {
    /// Fails unless it ended like this.
    #[track_caller]
    pub(crate) fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        self
    }
}

fn isolation() -> Vec<String> {
    ["unshare", "--pid", "--fork", "--kill-child"].map(str::to_owned).into()
}

fn is_isolated() -> bool {
    static ALLOWED: OnceLock<bool> = OnceLock::new();
    *ALLOWED.get_or_init(|| {
        let words = isolation();
        Command::new(&words[0])
            .args(&words[1..])
            .arg("true")
            .output()
            .is_ok_and(|tried| tried.status.success())
    })
}

/// The process that `unshare` has made.
fn first_process(unshare: u32) -> u32 {
    let path = format!("/proc/{unshare}/task/{unshare}/children");
    let mut found = None;
    until("the first process of the namespace", || {
        let children = std::fs::read_to_string(&path).unwrap_or_default();
        found = children.split_whitespace().next().and_then(|pid| pid.parse().ok());
        found.is_some()
    });
    found.expect("its number")
}

/// Waits for something to become true; fails after a minute.
#[track_caller]
pub(crate) fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_true() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(20));
    }
}
