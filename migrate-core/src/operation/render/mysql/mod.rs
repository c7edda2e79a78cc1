use super::Statement;
use crate::operation::{Operation, OperationError};

pub(super) fn render(operation: &Operation) -> Result<Vec<Statement>, OperationError> {
    Err(OperationError::Malformed { operation: operation.to_string(), reason: "not rendered yet".to_owned() })
}
