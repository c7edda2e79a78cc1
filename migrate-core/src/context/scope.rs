use crate::connection::Dialect;
use crate::operation::Operation;

/// What a context knows of its run that does not depend on the connection's type.
pub(crate) struct Scope {
    dialect: Dialect,
    recording: Recording,
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
    pub(crate) fn running_on(dialect: Dialect) -> Self {
        Self { dialect, recording: Recording::default() }
    }

    pub(crate) fn recording_for(dialect: Dialect) -> Self {
        Self { dialect, recording: Recording::default() }
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
