use super::Piece;
use crate::operation::{Operation, OperationError};

pub(super) fn render(operation: &Operation) -> Result<Vec<Piece>, OperationError> {
    Err(OperationError::Malformed { operation: operation.to_string(), reason: "not rendered yet".to_owned() })
}
