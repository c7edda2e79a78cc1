//! Measured times and the table made of them.

use std::time::Duration;

/// The times of one cell.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Adds times.
    pub fn add(&mut self, times: impl IntoIterator<Item = Duration>) {
        self.0.extend(times);
        self.0.sort_unstable();
    }

    /// The shortest time.
    pub fn min(&self) -> Duration {
        self.0[0]
    }

    /// The middle one; of an even number the longer of the two.
    pub fn median(&self) -> Duration {
        self.0[self.0.len() / 2]
    }
}

/// Prints a Markdown table: a row per tool, for each cell minimum, median and the first row's time divided by its own.
pub fn table<'a>(unit: Duration, cells: &[&str], rows: impl Iterator<Item = (&'a str, Vec<&'a Samples>)>) {
    let rows: Vec<_> = rows.collect();
    print!("| |");
    for cell in cells {
        print!(" {cell}: min | median | ours ÷ it, min | median |");
    }
    print!("\n|---|");
    for _ in cells {
        print!("--:|--:|--:|--:|");
    }
    println!();
    let in_unit = |time: Duration| time.as_secs_f64() / unit.as_secs_f64();
    let ratio = |ours: Duration, it: Duration| ours.as_secs_f64() / it.as_secs_f64();
    for (label, samples) in &rows {
        print!("| {label} |");
        for (samples, ours) in samples.iter().zip(&rows[0].1) {
            print!(
                " {:.2} | {:.2} | {:.2} | {:.2} |",
                in_unit(samples.min()),
                in_unit(samples.median()),
                ratio(ours.min(), samples.min()),
                ratio(ours.median(), samples.median()),
            );
        }
        println!();
    }
}
