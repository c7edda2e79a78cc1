use crate::backfill::{Answer, Request};
use crate::connection::Dialect;
use crate::journal::{Journal, JournalError};
use crate::operation::Operation;

/// What a context knows of its run that does not depend on the connection's type.
pub(crate) struct Scope {
    dialect: Dialect,
    recording: Recording,
    /// Whether the operations are asked for to be inverted.
    reverting: bool,
    /// Of a step outside a transaction.
    journal: Option<Journal>,
    /// What a backfill is asked for.
    request: Option<Request>,
    answer: Option<Answer>,
}

/// The operations of a body that was only asked for them.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    /// In order.
    pub(crate) operations: Vec<Operation>,
    /// Whether the body then asked for the connection: what it would do after that is not known.
    pub(crate) opaque: bool,
}

impl Scope {
    pub(crate) fn running_on(dialect: Dialect, journal: Option<Journal>) -> Self {
        Self {
            dialect,
            recording: Recording::default(),
            reverting: false,
            journal,
            request: None,
            answer: None,
        }
    }

    pub(crate) fn recording_for(dialect: Dialect) -> Self {
        Self::running_on(dialect, None)
    }

    /// For one part of a backfill.
    pub(crate) fn asking(dialect: Dialect, request: Request) -> Self {
        Self { request: Some(request), ..Self::running_on(dialect, None) }
    }

    pub(super) fn take_request(&mut self) -> Option<Request> {
        self.request.take()
    }

    pub(super) fn put_answer(&mut self, answer: Answer) {
        self.answer = Some(answer);
    }

    pub(crate) fn into_answer(self) -> Option<Answer> {
        self.answer
    }

    pub(super) fn reverting_on(dialect: Dialect) -> Self {
        Self { reverting: true, ..Self::running_on(dialect, None) }
    }

    pub(super) fn is_reverting(&self) -> bool {
        self.reverting
    }

    pub(super) fn journal(&mut self) -> Option<&mut Journal> {
        self.journal.as_mut()
    }

    /// What is to be said when the body has ended well.
    pub(crate) fn finish(&self) -> Result<(), JournalError> {
        self.journal.as_ref().map_or(Ok(()), Journal::finish)
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(super) fn record(&mut self, operation: Operation) {
        self.recording.operations.push(operation);
    }

    pub(super) fn record_opaque(&mut self) {
        self.recording.opaque = true;
    }

    pub(crate) fn into_recording(self) -> Recording {
        self.recording
    }
}
