use std::fmt;
use std::process::Command;

/// How many migrations there are: two in the archive, two in the library, three in the service.
const ALL: usize = 7;

/// What an artefact did.
pub(crate) enum Outcome {
    /// It applied this many migrations and ended well.
    Applied(usize),
    /// It failed with the error that names each crate and what it lacks, which is everything.
    Refused,
    /// The same, but the linker had taken the migrations of some crates.
    PartlyRefused,
    /// Neither.
    Unclear(String),
}

impl Outcome {
    /// Runs a command and judges its exit code together with what it printed.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let text = String::from_utf8_lossy(&output.stdout);
        let applied = text.lines().find_map(|line| line.strip_prefix("applied ")?.parse().ok());
        let is_named = [
            "error: 0 of the 2 migrations of linkage-archive 0.1.0 ",
            "0 of the 2 migrations of linkage-library 0.1.0 ",
            "0 of the 3 migrations of linkage-service 0.1.0 are linked into this program, missing: c1, c2, c3\n",
        ];
        let is_refused = [" migrations of linkage-", " are linked into this program, missing: "];
        match applied {
            Some(applied) if output.status.success() => Self::Applied(applied),
            None if !output.status.success() && is_named.iter().all(|part| text.contains(part)) => {
                Self::Refused
            }
            None if !output.status.success() && is_refused.iter().all(|part| text.contains(part)) => {
                Self::PartlyRefused
            }
            _ => {
                let errors = String::from_utf8_lossy(&output.stderr);
                Self::Unclear(format!(
                    "{:?} {}\n{text}{errors}",
                    output.status,
                    command.get_program().display()
                ))
            }
        }
    }
}

impl Outcome {
    /// What there is to say about it when it is not what was expected.
    pub(crate) fn explain(&self) -> String {
        match self {
            Self::Applied(applied) => format!("applied {applied} migrations"),
            Self::Refused => "refused, with every migration missing".to_owned(),
            Self::PartlyRefused => "refused, with some migrations missing".to_owned(),
            Self::Unclear(output) => output.clone(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applied(applied) => write!(f, "{applied}"),
            Self::Refused | Self::PartlyRefused => f.write_str("error"),
            Self::Unclear(_) => f.write_str("?"),
        }
    }
}

/// What an artefact may do.
#[derive(Clone, Copy)]
pub(crate) enum Expected {
    /// Apply all migrations.
    All,
    /// Refuse, because nothing is linked.
    Refusal,
    /// Whatever the linker makes of it, as long as it is not an empty or partial success.
    AllOrRefusal,
}

impl Expected {
    pub(crate) fn admits(self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Applied(applied) => *applied == ALL && !matches!(self, Self::Refusal),
            Outcome::Refused => !matches!(self, Self::All),
            // How many objects of an archive are referred to depends on how rustc divides the code among them.
            Outcome::PartlyRefused => matches!(self, Self::AllOrRefusal),
            Outcome::Unclear(_) => false,
        }
    }
}
