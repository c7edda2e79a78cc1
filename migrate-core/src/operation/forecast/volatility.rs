//! Whether an expression is the same for all rows of a statement.

use super::words::words;

/// How often a function's value changes (PostgreSQL's documentation, 36.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volatility {
    /// Never: the same arguments, the same value.
    Immutable,
    /// Not within a statement.
    Stable,
    /// Any time it is called.
    Volatile,
}

/// The server's functions that defaults are made of and that give each row another value.
const VOLATILE: [&str; 14] = [
    "clock_timestamp",
    "currval",
    "gen_random_bytes",
    "gen_random_uuid",
    "lastval",
    "nextval",
    "random",
    "random_normal",
    "setval",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv7",
];

/// Others of them, which do not; and key words that a parenthesis may follow.
const NOT_VOLATILE: [&str; 92] = [
    "abs",
    "age",
    "all",
    "and",
    "any",
    "array",
    "array_append",
    "array_fill",
    "array_length",
    "array_to_string",
    "as",
    "ascii",
    "between",
    "bit",
    "bpchar",
    "btrim",
    "case",
    "cast",
    "ceil",
    "char",
    "character",
    "chr",
    "coalesce",
    "concat",
    "concat_ws",
    "convert_from",
    "convert_to",
    "current_date",
    "current_database",
    "current_schema",
    "current_setting",
    "current_time",
    "current_timestamp",
    "current_user",
    "date",
    "date_part",
    "date_trunc",
    "decimal",
    "decode",
    "digest",
    "else",
    "encode",
    "extract",
    "float",
    "floor",
    "format",
    "from",
    "greatest",
    "in",
    "interval",
    "is",
    "json_build_array",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "least",
    "left",
    "length",
    "localtime",
    "localtimestamp",
    "lower",
    "lpad",
    "ltrim",
    "make_date",
    "make_interval",
    "make_timestamptz",
    "md5",
    "mod",
    "not",
    "now",
    "nullif",
    "numeric",
    "or",
    "overlay",
    "position",
    "power",
    "repeat",
    "replace",
    "right",
    "round",
    "rpad",
    "rtrim",
    "split_part",
    "statement_timestamp",
    "strpos",
    "substr",
    "substring",
    "then",
    "time",
    "timestamp",
    "timestamptz",
    "timezone",
];

/// More of those.
const ALSO_NOT_VOLATILE: [&str; 14] = [
    "to_char",
    "to_date",
    "to_json",
    "to_jsonb",
    "to_number",
    "to_timestamp",
    "to_tsvector",
    "transaction_timestamp",
    "trim",
    "trunc",
    "upper",
    "varchar",
    "varying",
    "when",
];

/// How often an expression changes, and the functions that nothing is known of.
pub(super) fn volatility(
    expression: &str,
    of_function: impl Fn(&str) -> Option<Volatility>,
) -> (Volatility, Vec<String>) {
    let mut unknown = Vec::new();
    let volatilities = words(expression).into_iter().filter(|word| word.called).map(|word| {
        let name = word.text.as_str();
        if VOLATILE.contains(&name) {
            Volatility::Volatile
        } else if NOT_VOLATILE.contains(&name) || ALSO_NOT_VOLATILE.contains(&name) {
            Volatility::Stable
        } else {
            of_function(name).unwrap_or_else(|| {
                unknown.push(word.text.clone());
                Volatility::Volatile
            })
        }
    });
    (volatilities.fold(Volatility::Immutable, Volatility::max), unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_as_volatile_as_its_functions() {
        let known = |name: &str| (name == "mine").then_some(Volatility::Immutable);
        for (expression, expected, unknown) in [
            ("1 + 2", Volatility::Immutable, &[][..]),
            ("now() + interval '1 day'", Volatility::Stable, &[]),
            ("CURRENT_TIMESTAMP", Volatility::Immutable, &[]),
            ("gen_random_uuid()", Volatility::Volatile, &[]),
            ("nextval('numbers'::regclass)", Volatility::Volatile, &[]),
            ("'random()'", Volatility::Immutable, &[]),
            ("mine(1)", Volatility::Immutable, &[]),
            ("app.theirs (1)", Volatility::Volatile, &["theirs"]),
        ] {
            assert_eq!(
                volatility(expression, known),
                (expected, unknown.iter().map(ToString::to_string).collect())
            );
        }
    }
}
