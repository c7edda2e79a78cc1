//! The mark of chats, `chat.exploded`: true when the messages are in the table as the document has them, false when they
//! are there as it once was, NULL when they are not.
//!
//! Whoever writes the document turns true into false, by a trigger: the old code does not know of it.

use migrate_core::prelude::*;

use super::Connection;

/// Adds the mark, which chats that are there have or have not; new ones never do.
pub(super) fn add(cx: &mut Context<'_, Connection>, is_set: bool) -> Result<()> {
    if is_set {
        cx.add_column("chat", column("exploded", Boolean).default(true))?;
        cx.drop_default("chat", "exploded")?;
    } else {
        cx.add_column("chat", column("exploded", Boolean))?;
    }
    let written = trigger("chat_written").update_of(["chat"]).on("chat").when("OLD.exploded");
    if cx.dialect() == Dialect::Postgres {
        let body = "BEGIN NEW.exploded = false; RETURN NEW; END";
        let unmark = function("chat_unmark", "").returns("trigger").language("plpgsql").body(body);
        cx.create_function(unmark)?;
        return cx.create_trigger(written.before().execute("chat_unmark()"));
    }
    cx.create_trigger(written.after().execute("UPDATE chat SET exploded = false WHERE id = NEW.id"))
}

/// Takes the mark away.
pub(super) fn remove(cx: &mut Context<'_, Connection>) -> Result<()> {
    cx.drop_trigger("chat_written", "chat")?;
    if cx.dialect() == Dialect::Postgres {
        cx.drop_function("chat_unmark")?;
    }
    cx.drop_column("chat", "exploded")
}
