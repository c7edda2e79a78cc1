use std::path::Path;
use std::process::Command;

use super::outcome::{Expected, Outcome};
use super::profile::{Workspace, source, succeed};

/// A way to link the migrations.
pub(crate) struct Artefact {
    pub(crate) what: &'static str,
    pub(crate) expected: Expected,
    form: Form,
}

enum Form {
    /// A program that the workspace's build has left in the target directory.
    Program(&'static str),
    /// A program that is linked once more, with the GNU linker instead of rustc's own.
    GnuLinked(&'static str),
    /// A test crate of `linkage-service`.
    TestCrate(&'static str),
    /// A C program that takes a static library, with flags before and after the archive.
    Static(&'static str, [&'static str; 2]),
    /// A C program that is linked against a dynamic library.
    Dynamic(&'static str),
    /// A C program that opens a dynamic library.
    Opened(&'static str),
}

use Expected::{All, AllOrRefusal, Refusal};
use Form::{Dynamic, GnuLinked, Opened, Program, Static, TestCrate};

const NAMED: &str = "foreign_named";
const COLLECTED: &str = "foreign_collected";
const GC: [&str; 2] = ["-Wl,--gc-sections", ""];
const WHOLE: [&str; 2] = ["-Wl,--whole-archive", "-Wl,--no-whole-archive"];

pub(crate) const ARTEFACTS: [Artefact; 19] = [
    artefact("program, names `MANIFEST`", All, Program("app-named")),
    artefact("the same, GNU ld", All, GnuLinked("app-named")),
    artefact("program, copied manifest, `use … as _`", All, Program("app-forced")),
    artefact("the same, GNU ld", All, GnuLinked("app-forced")),
    artefact("program, copied manifest, crate in Cargo.toml only", Refusal, Program("app-unnamed")),
    artefact("example, names `MANIFEST`", All, Program("examples/named")),
    artefact("example, copied manifest", Refusal, Program("examples/unnamed")),
    artefact("test crate, names `MANIFEST`", All, TestCrate("named")),
    artefact("test crate, copied manifest", Refusal, TestCrate("unnamed")),
    artefact("static library, names `MANIFEST`", All, Static(NAMED, ["", ""])),
    artefact("the same, `--gc-sections`", All, Static(NAMED, GC)),
    artefact("the same, `--whole-archive`", All, Static(NAMED, WHOLE)),
    artefact("static library, copied manifest, `use … as _`", AllOrRefusal, Static(COLLECTED, ["", ""])),
    artefact("the same, `--gc-sections`", AllOrRefusal, Static(COLLECTED, GC)),
    artefact("the same, `--whole-archive`", All, Static(COLLECTED, WHOLE)),
    artefact("dynamic library, names `MANIFEST`, linked", All, Dynamic(NAMED)),
    artefact("the same, `dlopen`", All, Opened(NAMED)),
    artefact("dynamic library, copied manifest, `use … as _`, linked", All, Dynamic(COLLECTED)),
    artefact("the same, `dlopen`", All, Opened(COLLECTED)),
];

const fn artefact(what: &'static str, expected: Expected, form: Form) -> Artefact {
    Artefact { what, expected, form }
}

impl Artefact {
    /// Links what is left to link, runs it and says what it did.
    pub(crate) fn run(&self, workspace: &Workspace) -> Outcome {
        match self.form {
            Program(path) => Outcome::of(&mut Command::new(workspace.output(path))),
            GnuLinked(package) => {
                let mut cargo = workspace.cargo("rustc");
                succeed(cargo.args(["--package", package, "--", "-Clink-arg=-fuse-ld=bfd"]));
                Outcome::of(&mut Command::new(workspace.output(package)))
            }
            TestCrate(name) => {
                let mut cargo = workspace.cargo("test");
                cargo.args(["--package", "linkage-service", "--test", name, "--", "--nocapture"]);
                Outcome::of(&mut cargo)
            }
            Static(library, [before, after]) => {
                let archive = workspace.output(&format!("lib{library}.a"));
                let program = workspace.output("c/static");
                let mut cc = compile("c/linked.c", &program);
                cc.args(flag(before)).arg(archive).args(flag(after)).args(["-lpthread", "-ldl", "-lm"]);
                succeed(&mut cc);
                Outcome::of(&mut Command::new(program))
            }
            Dynamic(library) => {
                let folder = workspace.output("");
                let program = workspace.output("c/dynamic");
                let mut cc = compile("c/linked.c", &program);
                cc.arg("-L").arg(&folder).arg(format!("-l:lib{library}.so"));
                succeed(cc.arg(format!("-Wl,-rpath,{}", folder.display())));
                Outcome::of(&mut Command::new(program))
            }
            Opened(library) => {
                let program = workspace.output("c/opened");
                succeed(compile("c/opened.c", &program).arg("-ldl"));
                Outcome::of(Command::new(program).arg(workspace.output(&format!("lib{library}.so"))))
            }
        }
    }
}

fn compile(path: &str, program: &Path) -> Command {
    let mut cc = Command::new("cc");
    cc.arg(source(path)).arg("-o").arg(program);
    cc
}

fn flag(flag: &str) -> Option<&str> {
    Some(flag).filter(|flag| !flag.is_empty())
}
