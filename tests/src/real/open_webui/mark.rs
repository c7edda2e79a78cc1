//! The mark of chats whose messages are in the table, `chat.exploded`.
//!
//! Whoever writes the document takes the mark away, by a trigger: the old code does not know of it.

use migrate_core::prelude::*;

use super::Connection;

/// Adds the mark, which chats that are there have or have not; new ones never do.
pub(super) fn add(cx: &mut Context<'_, Connection>, is_set: bool) -> Result<()> {
    cx.add_column("chat", column("exploded", Boolean).not_null().default(is_set))?;
    if is_set {
        cx.set_default("chat", "exploded", false)?;
    }
    let written = trigger("chat_written").update_of(["chat"]).on("chat");
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
