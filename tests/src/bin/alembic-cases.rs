//! Compares our plans with a file of recorded answers of Alembic.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports")]

use std::process::ExitCode;

use migrate_tests::alembic_cases::{Mistakes, read_cases, report};

fn main() -> ExitCode {
    let [path] = std::env::args().skip(1).collect::<Vec<_>>().try_into().unwrap_or_default();
    let cases = std::fs::read_to_string(&path)
        .map_err(|error| error.to_string())
        .and_then(|text| read_cases(&text).map_err(|error| error.to_string()));
    match cases {
        Ok(cases) => {
            let report = report(&cases, &Mistakes::known());
            print!("{}", report.text);
            ExitCode::from(u8::from(report.differ > 0))
        }
        Err(error) => {
            eprintln!("error: {path}: {error}\nusage: alembic-cases <cases.jsonl>");
            ExitCode::from(2)
        }
    }
}
