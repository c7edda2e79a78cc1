//! A `Dockerfile` as data. What is not known here is an error: a test that reads past a line proves nothing about it.

use std::collections::BTreeMap;

/// The stages, in order.
#[derive(Debug)]
pub(crate) struct Dockerfile {
    pub(crate) stages: Vec<Stage>,
}

#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) base: String,
    pub(crate) name: String,
    pub(crate) instructions: Vec<Instruction>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Instruction {
    /// A line for the shell.
    Run(String),
    Copy {
        from: Option<String>,
        sources: Vec<String>,
        target: String,
    },
    Workdir(String),
    User(String),
    Expose(u16),
    /// In its exec form: without a shell.
    Entrypoint(Vec<String>),
}

impl Dockerfile {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (mut arguments, mut stages) = (BTreeMap::new(), Vec::<Stage>::new());
        for line in lines(text) {
            let (word, rest) = line.split_once(' ').ok_or_else(|| format!("`{line}` has no operand"))?;
            let rest = rest.trim();
            match (word, stages.last_mut()) {
                ("ARG", None) => {
                    let (name, value) = rest.split_once('=').ok_or("an ARG without a default")?;
                    arguments.insert(format!("${{{name}}}"), value.to_owned());
                }
                ("FROM", _) => stages.push(stage(rest, &arguments)?),
                (_, Some(stage)) => stage.instructions.push(instruction(word, rest)?),
                (_, None) => return Err(format!("{word} stands before the first FROM")),
            }
        }
        Ok(Self { stages })
    }

    pub(crate) fn stage(&self, name: &str) -> &Stage {
        self.stages.iter().find(|stage| stage.name == name).unwrap_or_else(|| panic!("no stage {name}"))
    }
}

/// The lines without comments, each with those that continue it.
fn lines(text: &str) -> Vec<String> {
    let mut whole: Vec<String> = Vec::new();
    let mut continues = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let part = line.trim_end_matches('\\').trim();
        match whole.last_mut() {
            Some(last) if continues => *last = format!("{last} {part}"),
            _ => whole.push(part.to_owned()),
        }
        continues = line.ends_with('\\');
    }
    whole
}

fn stage(rest: &str, arguments: &BTreeMap<String, String>) -> Result<Stage, String> {
    let [base, "AS", name] = rest.split_whitespace().collect::<Vec<_>>()[..] else {
        return Err(format!("FROM {rest}: not `base AS name`"));
    };
    let base = arguments.iter().fold(base.to_owned(), |base, (name, value)| base.replace(name, value));
    Ok(Stage { base, name: name.to_owned(), instructions: Vec::new() })
}

fn instruction(word: &str, rest: &str) -> Result<Instruction, String> {
    let unknown = || format!("{word} {rest}: not an instruction that the tests know");
    if rest.contains("$(") || rest.contains("${") {
        return Err(unknown());
    }
    Ok(match word {
        "RUN" if !rest.starts_with("--") && !rest.starts_with('[') => Instruction::Run(rest.to_owned()),
        "COPY" => {
            let mut words: Vec<_> = rest.split_whitespace().map(str::to_owned).collect();
            let from = words[0].strip_prefix("--from=").map(str::to_owned);
            if from.is_some() {
                words.remove(0);
            }
            let target = words.pop().filter(|_| !words.is_empty()).ok_or_else(unknown)?;
            if words.iter().any(|word| word.starts_with("--")) {
                return Err(unknown());
            }
            Instruction::Copy { from, sources: words, target }
        }
        "WORKDIR" => Instruction::Workdir(rest.to_owned()),
        "USER" => Instruction::User(rest.to_owned()),
        "EXPOSE" => Instruction::Expose(rest.parse().map_err(|_| unknown())?),
        "ENTRYPOINT" => Instruction::Entrypoint(serde_json::from_str(rest).map_err(|_| unknown())?),
        _ => return Err(unknown()),
    })
}

#[test]
fn what_is_not_known_is_refused() {
    for (text, refusal) in [
        ("FROM a AS b\nRUN --mount=type=cache,target=/x make", "RUN --mount=type=cache,target=/x make"),
        ("FROM a AS b\nENTRYPOINT service --flag", "ENTRYPOINT service --flag"),
        ("FROM a AS b\nSHELL [\"bash\"]", "SHELL [\"bash\"]"),
        ("FROM a AS b\nCOPY --chown=1 x y", "COPY --chown=1 x y"),
        ("FROM a\nRUN true", "FROM a"),
        ("RUN true", "RUN stands before"),
    ] {
        let error = Dockerfile::parse(text).unwrap_err();
        assert!(error.starts_with(refusal), "{error}");
    }
}

#[test]
fn lines_are_continued_and_arguments_put_in() {
    let text = "# why\nARG V=12\nFROM debian:${V} AS base\n# and why\nRUN one \\\n    && two\nCOPY --from=x /a b /c\n";
    let read = Dockerfile::parse(text).unwrap();
    assert_eq!(read.stage("base").base, "debian:12");
    let copy = Instruction::Copy {
        from: Some("x".to_owned()),
        sources: vec!["/a".to_owned(), "b".to_owned()],
        target: "/c".to_owned(),
    };
    assert_eq!(read.stage("base").instructions, [Instruction::Run("one && two".to_owned()), copy]);
}
