use std::iter::Fuse;

use super::chunk::Chunk;
use super::values::Values;

/// Rows that come in chunks, sorted into buffers for their columns.
#[doc(hidden)]
pub trait Feed<B> {
    /// Empties the buffers and fills them with the next rows, as many as the chunk takes.
    fn fill(&mut self, chunk: &mut Chunk);

    /// The buffers as they are now.
    fn buffers(&self) -> &B;

    /// Is told which rows of the chunk found no row to write to.
    fn missed(&mut self, rows: &[bool]);
}

/// The rows of an iterator.
pub(super) struct Rows<I: Iterator<Item: Values<S>>, S> {
    coming: Fuse<I>,
    /// The row that did not go into the last chunk.
    waiting: Option<I::Item>,
    buffers: <I::Item as Values<S>>::Buffers,
}

impl<I: Iterator<Item: Values<S>>, S> Rows<I, S> {
    pub(super) fn new(rows: I) -> Self {
        Self { coming: rows.fuse(), waiting: None, buffers: I::Item::buffers() }
    }

    /// Takes the rows of the last chunk out of the buffers.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = I::Item> {
        I::Item::drain(&mut self.buffers)
    }
}

impl<I: Iterator<Item: Values<S>>, S> Feed<<I::Item as Values<S>>::Buffers> for Rows<I, S> {
    fn fill(&mut self, chunk: &mut Chunk) {
        drop(self.drain());
        chunk.clear();
        while !chunk.is_full() {
            let Some(row) = self.waiting.take().or_else(|| self.coming.next()) else { break };
            if !chunk.admit(&|to| row.show(to)) {
                self.waiting = Some(row);
                break;
            }
            row.put(&mut self.buffers);
        }
    }

    fn buffers(&self) -> &<I::Item as Values<S>>::Buffers {
        &self.buffers
    }

    fn missed(&mut self, _rows: &[bool]) {}
}
