//! What stands in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::compose::Compose;
use crate::dockerfile::{Dockerfile, Instruction};
use crate::image::{Image, read};

fn dockerfile() -> Dockerfile {
    Dockerfile::parse(&read("Dockerfile")).unwrap()
}

fn compose() -> Compose {
    Compose::parse(&read("compose.yaml")).unwrap()
}

fn variables() -> BTreeMap<&'static str, String> {
    BTreeMap::from([("POSTGRES_PASSWORD", "secret".to_owned())])
}

/// The lines for the shell of a stage.
fn shell(dockerfile: &Dockerfile, stage: &str) -> String {
    let lines = dockerfile.stage(stage).instructions.iter().filter_map(|instruction| match instruction {
        Instruction::Run(line) => Some(line.as_str()),
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" && ")
}

/// The options that decide which packages are built, and how.
fn selection(words: &str) -> Vec<&str> {
    let words: Vec<_> = words.split_whitespace().collect();
    let chosen = |option: &str| ["--package", "--features"].contains(&option);
    let mut selection: Vec<_> =
        words.windows(2).filter(|pair| chosen(pair[0])).flat_map(|pair| [pair[0], pair[1]]).collect();
    selection.extend(
        words.iter().filter(|word| ["--release", "--locked", "--no-default-features"].contains(word)),
    );
    selection
}

#[test]
fn every_stage_is_there_before_it_is_used() {
    let dockerfile = dockerfile();
    let mut known = BTreeSet::new();
    for stage in &dockerfile.stages {
        assert!(known.contains(stage.base.as_str()) || stage.base.contains(':'), "FROM {}", stage.base);
        for instruction in &stage.instructions {
            if let Instruction::Copy { from: Some(from), .. } = instruction {
                assert!(known.contains(from.as_str()), "COPY --from={from}");
            }
        }
        assert!(known.insert(stage.name.as_str()), "two stages {}", stage.name);
    }
    assert_eq!(dockerfile.stages.last().unwrap().name, "runtime");
    // The programs are linked to the libraries of the release that they run on.
    let [tools, runtime] = ["tools", "runtime"].map(|name| dockerfile.stage(name).base.as_str());
    let release = runtime.strip_prefix("debian:").and_then(|base| base.strip_suffix("-slim")).unwrap();
    assert!(
        tools.starts_with("rust:") && tools.ends_with(&format!("-slim-{release}")),
        "{tools} and {runtime}"
    );
}

#[test]
fn the_compiler_of_the_image_is_new_enough() {
    let manifest = read("Cargo.toml");
    let minor = |text: &str| -> u32 { text.split('.').nth(1).unwrap().parse().unwrap() };
    let least = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap();
    let dockerfile = dockerfile();
    let version = dockerfile.stage("tools").base.strip_prefix("rust:").unwrap().split('-').next().unwrap();
    assert!(minor(version) >= minor(least.trim_matches('"')), "{version} is older than {least}");
}

#[test]
fn dependencies_are_built_before_the_sources_come_and_as_they_are_used() {
    let dockerfile = dockerfile();
    let build = &dockerfile.stage("build").instructions;
    let sources = Instruction::Copy { from: None, sources: vec![".".to_owned()], target: ".".to_owned() };
    let at = |is_it: &dyn Fn(&Instruction) -> bool| build.iter().position(is_it).unwrap();
    let runs = |start: &'static str| move |instruction: &Instruction| matches!(instruction, Instruction::Run(line) if line.starts_with(start));
    let [cook, copy, cargo] = [
        at(&runs("cargo chef cook ")),
        at(&|instruction| *instruction == sources),
        at(&runs("cargo build ")),
    ];
    assert!(cook < copy && copy < cargo);
    let [Instruction::Run(cook), Instruction::Run(cargo)] = [&build[cook], &build[cargo]] else {
        unreachable!()
    };
    assert_eq!(selection(cook), selection(cargo), "with other features they would be built again");
}

#[test]
fn the_image_starts_its_programs_directly_and_not_as_root() {
    let dockerfile = dockerfile();
    let runtime = &dockerfile.stage("runtime").instructions;
    let user = runtime.iter().find_map(|instruction| match instruction {
        Instruction::User(user) => Some(user.as_str()),
        _ => None,
    });
    let (user, group) = user.and_then(|user| user.split_once(':')).expect("USER");
    assert!(
        user.parse::<u32>().is_ok_and(|user| user > 0) && group.parse::<u32>().is_ok_and(|group| group > 0)
    );
    let image = Image::built();
    assert!(!image.entrypoint.is_empty());
    let compose = compose();
    let entrypoints = compose.services.values().filter_map(|service| service.entrypoint.as_ref());
    for words in entrypoints.chain([&image.entrypoint]) {
        assert!(words[0].starts_with('/'), "{words:?}: found without a shell and whatever PATH is");
        assert!(image.program(&words[0]).exists());
    }
}

#[test]
fn the_image_has_every_library_that_its_programs_load() {
    // The package of Debian that each comes with; those of `libc6` and `libgcc-s1` are in every image.
    let packages = [
        ("libpq.so.5", "libpq5"),
        ("libc.so.6", ""),
        ("libm.so.6", ""),
        ("libgcc_s.so.1", ""),
        ("ld-linux-x86-64.so.2", ""),
        ("ld-linux-aarch64.so.1", ""),
    ];
    let installed = shell(&dockerfile(), "runtime");
    for program in Image::built().programs.values() {
        let output =
            Command::new("readelf").args(["--dynamic", "--wide"]).arg(program).output().expect("readelf");
        let text = String::from_utf8(output.stdout).unwrap();
        let needed: Vec<_> = text
            .lines()
            .filter(|line| line.contains("(NEEDED)"))
            .filter_map(|line| line.split_once('[')?.1.strip_suffix(']'))
            .collect();
        assert!(needed.contains(&"libc.so.6"), "{text}");
        for library in needed {
            let package = packages.iter().find(|(name, _)| *name == library).map(|(_, package)| *package);
            let package =
                package.unwrap_or_else(|| panic!("{}: {library} is in no package", program.display()));
            assert!(installed.contains(package), "{library} wants {package}");
        }
    }
}

#[test]
fn the_services_wait_for_each_other() {
    let compose = compose();
    let condition = |service: &str, other: &str| compose.service(service).depends_on[other].condition.clone();
    assert_eq!(condition("migrate", "postgres"), "service_healthy");
    assert_eq!(condition("app", "migrate"), "service_completed_successfully");
    assert!(compose.service("postgres").healthcheck.is_some());
    // One that is started again and again never completes.
    assert_eq!(compose.service("migrate").restart.as_deref(), Some("no"));
    assert!(compose.service("migrate").stop_grace_period.is_some());
    for (name, service) in &compose.services {
        for other in service.depends_on.keys() {
            assert!(compose.services.contains_key(other), "{name} waits for {other}");
        }
    }
    let [migrate, app] = ["migrate", "app"].map(|name| compose.service(name));
    assert_eq!((&migrate.image, &migrate.build), (&app.image, &app.build), "one image");
    assert_eq!(migrate.build.as_deref(), Some("."));
}

#[test]
fn the_services_agree_about_the_database_and_know_its_password_from_outside() {
    let compose = compose();
    let environment = |service: &str| compose.service(service).environment(&variables()).unwrap();
    let (server, migrate, app) = (environment("postgres"), environment("migrate"), environment("app"));
    for name in ["POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD"] {
        assert_eq!(server[name], migrate[name]);
    }
    for (name, value) in &migrate {
        assert_eq!(app.get(name), Some(value), "{name}");
    }
    assert_eq!(migrate["POSTGRES_HOST"], "postgres");
    for service in compose.services.values() {
        let error = service.environment(&BTreeMap::new()).unwrap_err();
        assert_eq!(error, "POSTGRES_PASSWORD: set it in .env");
    }
}

#[test]
fn the_port_is_the_one_that_is_published() {
    let compose = compose();
    let app = compose.service("app");
    let listen = &app.environment(&variables()).unwrap()["LISTEN"];
    let (host, port) = listen.rsplit_once(':').unwrap();
    assert_eq!(host, "0.0.0.0", "nothing outside of the container reaches its 127.0.0.1");
    let exposed = Instruction::Expose(port.parse().unwrap());
    assert!(dockerfile().stage("runtime").instructions.contains(&exposed));
    let published: Vec<_> =
        app.ports.iter().map(|port| crate::compose::interpolated(port, &variables()).unwrap()).collect();
    assert_eq!(published, [format!("{port}:{port}")]);
}

#[test]
fn the_data_outlives_the_container() {
    let compose = compose();
    let volumes = &compose.service("postgres").volumes;
    let (volume, path) = volumes[0].split_once(':').unwrap();
    assert!(compose.volumes.contains_key(volume) && path == "/var/lib/postgresql/data", "{volumes:?}");
}

#[test]
fn secrets_and_old_builds_stay_outside() {
    let ignored = read(".dockerignore");
    let ignored: Vec<_> = ignored.lines().filter(|line| !line.starts_with('#')).collect();
    for pattern in ["**/.env", "**/.env.*", ".git", "**/target"] {
        assert!(ignored.contains(&pattern), "{pattern}");
    }
}
