//! Each object as a list of attributes. The patterns name every field, so that a field which is added to the model
//! does not compile until it is described here or compared as a part.

mod object;
mod table;

use super::tree::ObjectKind;

/// The name of the attribute that says nothing new when another differs which it is made of.
pub(super) const DEFINITION: &str = "definition";

/// Attributes of which no definition is made.
pub(super) const BESIDE_DEFINITION: [&str; 7] =
    ["name", "comment", "clustered", "valid", "inherited", "state", "constraint"];

/// An attribute: its name, and its value unless that is the default.
pub(super) type Described = (&'static str, Option<String>);

/// What an object is in itself, without its name and its parts.
pub(super) trait Describe {
    /// Its kind.
    fn kind(&self) -> ObjectKind;

    /// Its attributes, always the same ones in the same order. One that is called [`DEFINITION`] is the server's
    /// text of the others together.
    fn attributes(&self) -> Vec<Described>;

    /// What it is, in a line.
    fn summary(&self) -> String {
        String::new()
    }
}

/// The rule of a constraint.
pub(super) trait DescribeRule {
    const KIND: ObjectKind;

    fn attributes(&self) -> Vec<Described>;
}
