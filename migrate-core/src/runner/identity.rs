//! Who runs: a text for people that also tells, on the same host, whether that process still lives.

/// `user@host (pid 123)`; the user by the system's account database, which knows also where `USER` is not set.
pub(super) fn current() -> String {
    let user = whoami::username().unwrap_or_else(|_| "unknown".to_owned());
    format!("{user}@{} (pid {})", host(), std::process::id())
}

/// Who writes a script, from who runs: the process is gone by the time that the script runs, and the same plan makes
/// the same script.
pub(super) fn of_script(identity: &str) -> String {
    let name = identity.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (pid "));
    name.map_or_else(|| identity.to_owned(), |(name, _)| format!("{name} (script)"))
}

/// Whether the process that this text names is at work right now on this host; `None` when that cannot be told.
pub(super) fn is_alive(identity: &str) -> Option<bool> {
    let (name, pid) = identity.strip_suffix(')')?.rsplit_once(" (pid ")?;
    let pid: u32 = pid.parse().ok()?;
    let same_host = name.ends_with(&format!("@{}", host()));
    if !same_host || !cfg!(target_os = "linux") {
        return None;
    }
    Some(pid != std::process::id() && std::path::Path::new("/proc").join(pid.to_string()).exists())
}

fn host() -> String {
    whoami::hostname().unwrap_or_else(|_| "unknown".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_gone_is_told_from_one_that_lives() {
        assert_eq!(is_alive(&current()), Some(false), "our own row is not somebody else's");
        assert_eq!(is_alive(&format!("root@{} (pid 1)", host())), Some(true));
        assert_eq!(is_alive(&format!("root@{} (pid 4194305)", host())), Some(false));
        assert_eq!(of_script("root@host (pid 12)"), "root@host (script)");
        assert_eq!(of_script("ci"), "ci");
        for text in ["", "ci", "root@elsewhere (pid 1)", "root (pid x)"] {
            assert_eq!(is_alive(text), None, "{text}");
        }
    }
}
