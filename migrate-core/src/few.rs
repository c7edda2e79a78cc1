//! Lists of ids in a message.

/// The first five, and how many more there are.
pub(crate) fn first_few(ids: &[String]) -> String {
    const SHOWN: usize = 5;
    let text = ids.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if ids.len() > SHOWN { format!("{text} and {} more", ids.len() - SHOWN) } else { text }
}
