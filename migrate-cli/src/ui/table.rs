use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// What stands between two columns.
const GAP: &str = "  ";

/// A column of a [`Table`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// As wide as its widest cell.
    Left,
    /// As wide as its widest cell, which ends at the right.
    Right,
    /// What the others leave; a cell that is longer is cut. At most one column of a table.
    Flexible,
}

/// A cell: its text, and how the text is styled once its width is known.
pub struct Cell {
    text: String,
    style: Box<dyn Fn(String) -> String>,
}

impl Cell {
    /// A cell of plain text. Control characters become spaces.
    pub fn new(text: impl Into<String>) -> Self {
        Self::styled(text, |text| text)
    }

    /// A cell of styled text.
    pub fn styled(text: impl Into<String>, style: impl Fn(String) -> String + 'static) -> Self {
        let text = text.into().replace(|character: char| character.is_control(), " ");
        Self { text, style: Box::new(style) }
    }
}

/// Rows of cells under each other.
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Starts a table.
    #[must_use]
    pub fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row, a cell for each column.
    pub fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// The lines, none wider than `width` where the flexible column can give way. No trailing spaces.
    #[must_use]
    pub fn lines(&self, width: usize) -> Vec<String> {
        let widths = self.widths(width);
        self.rows.iter().map(|row| self.line(row, &widths)).collect()
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let widest = |column: usize| self.rows.iter().map(|row| row[column].text.width()).max().unwrap_or(0);
        let mut widths: Vec<_> = (0..self.columns.len()).map(widest).collect();
        if let Some(flexible) = self.columns.iter().position(|column| *column == Column::Flexible) {
            let others: usize = widths.iter().sum::<usize>() - widths[flexible];
            let gaps = GAP.len() * self.columns.len().saturating_sub(1);
            widths[flexible] = widths[flexible].min(width.saturating_sub(others + gaps).max(8));
        }
        widths
    }

    fn line(&self, row: &[Cell], widths: &[usize]) -> String {
        // Spaces are held back until something follows them.
        let (mut line, mut spaces) = (String::new(), 0);
        for ((cell, column), width) in row.iter().zip(&self.columns).zip(widths) {
            let text = cut(&cell.text, *width);
            let padding = width.saturating_sub(text.width());
            if *column == Column::Right {
                spaces += padding;
            }
            if !text.is_empty() {
                line.push_str(&" ".repeat(spaces));
                line.push_str(&(cell.style)(text));
                spaces = 0;
            } else if *column == Column::Right {
                spaces += *width - padding;
            }
            if *column != Column::Right {
                spaces += padding;
            }
            spaces += GAP.len();
        }
        line
    }
}

/// The text, or as much of it as leaves room for an ellipsis.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut used = 0;
    let kept: String = text
        .chars()
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used < width
        })
        .collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flexible_column_gives_way_and_wide_characters_count_twice() {
        let mut table = Table::new(vec![Column::Left, Column::Flexible, Column::Right]);
        for (a, b, c) in [
            ("✓", "short", "9 ms"),
            ("", "a message that is far too long", "12 ms"),
            ("?", "ユーザー追加の説明文", ""),
        ] {
            table.row(vec![Cell::new(a), Cell::styled(b, |text| format!("<{text}>")), Cell::new(c)]);
        }
        assert_eq!(
            table.lines(28),
            ["✓  <short>                9 ms", "   <a message that is…>  12 ms", "?  <ユーザー追加の説…>"]
        );
        assert_eq!(table.lines(80)[1], "   <a message that is far too long>  12 ms");
    }
}
