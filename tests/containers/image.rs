//! What the image holds: built by cargo as the `Dockerfile` says, in the profile of tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::dockerfile::{Dockerfile, Instruction};

/// The workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The programs of the image and how it starts.
pub(crate) struct Image {
    /// Paths in the image, and where these programs are on this machine.
    pub(crate) programs: BTreeMap<String, PathBuf>,
    pub(crate) entrypoint: Vec<String>,
}

impl Image {
    /// The image of this workspace, built once.
    pub(crate) fn built() -> &'static Self {
        static BUILT: OnceLock<Image> = OnceLock::new();
        BUILT.get_or_init(|| {
            let dockerfile = Dockerfile::parse(&read("Dockerfile")).unwrap();
            let built = build(&dockerfile);
            let mut programs = BTreeMap::new();
            let mut entrypoint = Vec::new();
            for instruction in &dockerfile.stage("runtime").instructions {
                match instruction {
                    Instruction::Copy { from, sources, target } => {
                        assert_eq!(
                            from.as_deref(),
                            Some("build"),
                            "the image holds what was built, and no sources"
                        );
                        let [source] = &sources[..] else { panic!("one program at a time: {sources:?}") };
                        let program = built.get(source).unwrap_or_else(|| {
                            panic!("COPY {source}: cargo builds {:?}", built.keys().collect::<Vec<_>>())
                        });
                        programs.insert(target.clone(), linked(target, program));
                    }
                    Instruction::Entrypoint(words) => entrypoint.clone_from(words),
                    _ => {}
                }
            }
            Self { programs, entrypoint }
        })
    }

    /// The program behind a path in the image, or behind a name that is looked for on `PATH`.
    pub(crate) fn program(&self, name: &str) -> &Path {
        let path = if name.contains('/') { name.to_owned() } else { format!("/usr/local/bin/{name}") };
        self.programs.get(&path).unwrap_or_else(|| panic!("{name} is not in the image"))
    }
}

/// A program under the path that it has in the image: it goes by the name that it is called by.
fn linked(target: &str, program: &Path) -> PathBuf {
    let link = target_directory().join("root").join(target.trim_start_matches('/'));
    std::fs::create_dir_all(link.parent().expect("a directory")).expect("the directory");
    // Another process of the tests may have made it.
    let _ = std::os::unix::fs::symlink(program, &link);
    assert_eq!(std::fs::read_link(&link).expect("a link"), program);
    link
}

fn target_directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("`tmp` is in it").join("containers")
}

/// The programs that the command of the stage `build` makes, by their paths there.
fn build(dockerfile: &Dockerfile) -> BTreeMap<String, PathBuf> {
    let (mut directory, mut built) = (String::new(), BTreeMap::new());
    let stages = ["tools", "build"].map(|name| &dockerfile.stage(name).instructions);
    for instruction in stages.into_iter().flatten() {
        match instruction {
            Instruction::Workdir(path) => directory.clone_from(path),
            Instruction::Run(line) => {
                if let Some(arguments) = line.strip_prefix("cargo build ") {
                    for program in cargo_build(arguments) {
                        let name = program.file_name().expect("a name").to_string_lossy().into_owned();
                        built.insert(format!("{directory}/target/release/{name}"), program);
                    }
                }
            }
            _ => {}
        }
    }
    built
}

/// Runs `cargo build` with the arguments of the image, but for the profile, in a directory of its own: the features
/// are others than those of the tests.
fn cargo_build(arguments: &str) -> Vec<PathBuf> {
    let arguments: Vec<_> = arguments.split_whitespace().collect();
    assert!(arguments.contains(&"--release") && arguments.contains(&"--locked"), "{arguments:?}");
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(root())
        .args(["build", "--message-format=json-render-diagnostics"])
        .args(arguments.iter().filter(|argument| **argument != "--release"))
        .env("CARGO_TARGET_DIR", target_directory())
        .env("CARGO_PROFILE_DEV_DEBUG", "false");
    let output = command.output().expect("cargo starts");
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)))
        .collect()
}
