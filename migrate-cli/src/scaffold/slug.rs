//! File names and struct names from a message.

/// The longest slug, in characters. Alembic's number.
const LIMIT: usize = 40;

/// Names that a migration's own file uses; a struct of that name would hide them.
const TAKEN: &[&str] = &[
    "Array",
    "BackfillRow",
    "Backfill",
    "BigInt",
    "Binary",
    "Bool",
    "Boolean",
    "Box",
    "Connection",
    "Context",
    "Date",
    "Dialect",
    "Direction",
    "Double",
    "Err",
    "Float",
    "Integer",
    "IrreversibleMigration",
    "Json",
    "Jsonb",
    "Migration",
    "None",
    "Nullable",
    "Numeric",
    "Ok",
    "Option",
    "Result",
    "Self",
    "SmallInt",
    "Some",
    "Span",
    "Sql",
    "String",
    "Text",
    "Time",
    "Timestamp",
    "Timestamptz",
    "Uuid",
    "VarChar",
    "Vec",
];

/// The part of a file name that says what the migration does.
///
/// Words joined by `_`, in lower case, at most 40 characters, cut between words where there is a word to cut at.
/// May be empty: a message can be made of signs alone.
#[must_use]
pub fn slug(message: &str) -> String {
    let mut slug = String::new();
    for character in
        message.trim_start().split(['\n', '\r']).next().unwrap_or("").chars().flat_map(char::to_lowercase)
    {
        if character != '_' && unicode_ident::is_xid_continue(character) {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    let Some((cut, next)) = slug.char_indices().nth(LIMIT) else {
        return slug.trim_end_matches('_').to_owned();
    };
    let kept = &slug[..cut];
    let kept = if next == '_' { kept } else { kept.rsplit_once('_').map_or(kept, |(words, _)| words) };
    kept.trim_end_matches('_').to_owned()
}

/// The name of the migration's struct: the slug in camel case, made an identifier that hides nothing.
#[must_use]
pub fn struct_name(slug: &str, revision: &str) -> String {
    let mut name = camel_case(slug);
    if name.is_empty() {
        name = format!("Revision{}", camel_case(&self::slug(revision)));
    }
    if !name.starts_with(unicode_ident::is_xid_start) {
        name.insert_str(0, "Revision");
    }
    if TAKEN.contains(&name.as_str()) {
        name.push_str("Revision");
    }
    name
}

fn camel_case(slug: &str) -> String {
    slug.split('_')
        .flat_map(|word| {
            let mut characters = word.chars();
            characters.next().into_iter().flat_map(char::to_uppercase).chain(characters)
        })
        .filter(|character| unicode_ident::is_xid_continue(*character))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_the_message_in_lower_case_with_words_joined() {
        for (message, expected) in [
            ("Add email_verified column to users", "add_email_verified_column_to_users"),
            ("  Fix: \"quotes\" & 'signs'!  ", "fix_quotes_signs"),
            ("Größe ändern", "größe_ändern"),
            ("ΑΒΓ δέλτα", "αβγ_δέλτα"),
            ("ユーザー追加", "ユーザー追加"),
            ("42", "42"),
            ("x² + y²", "x_y"),
            ("🎉", ""),
            ("", ""),
            ("first line\nsecond line", "first_line"),
            ("a/../../b", "a_b"),
            ("*/ end", "end"),
            ("__a__b__", "a_b"),
        ] {
            assert_eq!(slug(message), expected, "{message:?}");
        }
    }

    #[test]
    fn a_long_slug_is_cut_between_words() {
        for (message, expected) in [
            ("Add the very long description column to users", "add_the_very_long_description_column_to"),
            ("1234567890123456789012345678901234567890", "1234567890123456789012345678901234567890"),
            ("123456789012345678901234567890123456789 x", "123456789012345678901234567890123456789"),
            ("1234567890123456789012345678901234567890 x", "1234567890123456789012345678901234567890"),
            ("12345678901234567890123456789012345678901", "1234567890123456789012345678901234567890"),
            ("a 2345678901234567890123456789012345678901", "a"),
        ] {
            assert_eq!(slug(message), expected, "{message:?}");
            assert!(slug(message).chars().count() <= LIMIT);
        }
    }

    #[test]
    fn a_struct_name_is_always_a_free_identifier() {
        for (message, expected) in [
            ("Add email_verified", "AddEmailVerified"),
            ("2fa tokens", "Revision2faTokens"),
            ("42", "Revision42"),
            ("🎉", "RevisionAbc12"),
            ("ok", "OkRevision"),
            ("Self", "SelfRevision"),
            ("migration", "MigrationRevision"),
            ("big int", "BigIntRevision"),
            ("größe ändern", "GrößeÄndern"),
            ("ßtraße", "SStraße"),
        ] {
            assert_eq!(struct_name(&slug(message), "abc-12"), expected, "{message:?}");
            assert!(syn::parse_str::<syn::Ident>(expected).is_ok());
        }
    }
}
