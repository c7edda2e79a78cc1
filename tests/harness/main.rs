//! Diesel's world: its harness with our revisions, and its SQL migrations among them.
//!
//! Each behaviour that the tests and examples of `diesel_migrations`, `migrations_internals`, `migrations_macros`,
//! `diesel_tests` and Diesel's command line check of a source or a harness has its counterpart. `sql` are the unit tests
//! of `migrate-macros/src/directory/sql`.
//!
//! | what Diesel checks | here |
//! |---|---|
//! | run pending, in the order of versions (`test_rust_migrations`, `migration_run_runs_pending_migrations`) | `harness::pending_revisions_run_in_an_order_that_the_graph_allows` |
//! | a migration's time is recorded (`migration_run_inserts_run_on_timestamps`) | `adopted::its_history_is_kept_…`: Diesel's rows keep theirs |
//! | run the next one | `harness::one_revision_runs_at_a_time` |
//! | revert the last one, several, all (`migration_revert_…`) | `harness::the_last_revision_is_reverted_and_then_all` |
//! | nothing to run, nothing to revert | the same two |
//! | an unknown version is not reverted | `harness::a_version_that_the_source_does_not_have_is_not_reverted` |
//! | redo (`migration_redo_…`): revert, run again | `harness::what_was_reverted_runs_again` |
//! | pending or not, before, after, and after another was added (`any_pending_migrations_…`) | `harness::pending_revisions_run_…`, `harness::a_revision_that_is_added_is_pending` |
//! | applied versions, the last one first; lists sort by version (`migration_list_…`) | `harness::pending_revisions_run_…` |
//! | an error fails, what ran before stays (`error_migrations_fails`) | `harness::an_error_leaves_what_ran_before_it_…`, `directory::an_sql_error_is_told_…` |
//! | an error while reverting | `harness::an_error_while_reverting_leaves_the_revision_applied` |
//! | a typed migration, with and without `down`, without a transaction (`test_rust_migrations`) | `harness::a_step_outside_a_transaction_…`, `harness::what_is_irreversible_…` |
//! | a migration outside a transaction (`migration_run_without_transaction`, `migration_redo_without_transaction`) | `harness::a_step_outside_a_transaction_tells_the_harness`, `directory::down_sql_takes_back_…` |
//! | a changed search path does not matter afterwards (`reset_search_path_after_migration`) | `harness::a_changed_search_path_does_not_lose_a_ledger` |
//! | several sources as one (`CombinedMigrationSource`) | one graph: `directory::typed_revisions_run_after_…`; `harness::other_sources_run_beside` |
//! | output of `HarnessWithOutput` | `harness::a_harness_with_output_names_each_revision` |
//! | no `down.sql` runs (`migrations_can_be_run_with_no_down`), and is not reverted (`…_error_message_on_missing_down`) | `directory::typed_revisions_run_after_…` |
//! | an empty `up.sql` is refused (`empty_migrations_are_not_valid`) | `sql::an_empty_file_is_told_from_one_that_is_meant`; already at compile time |
//! | `metadata.toml` | `directory::each_directory_is_a_revision_…`, `sql::metadata_says_true_or_false` |
//! | files beside the directories, hidden directories | `sql::files_and_hidden_directories_are_passed_over`, and the fixture has both |
//! | directories without `up.sql` | `sql::a_directory_without_up_sql_is_a_mistake` |
//! | the version is what stands before the first `_`, without `-` | `sql::versions_and_messages_come_from_names` |
//! | versions of an older and a newer form, and odd ones, in order (`migration_list_orders_…`) | `sql::revisions_are_in_the_order_of_versions` |
//! | two directories of one version (`…_duplicate_specified_version_fails`) | `sql::two_directories_of_one_version_are_a_mistake` |
//! | a directory that is not there | `sql::a_missing_directory_is_a_mistake` |
//! | paths relative to `Cargo.toml`, with `..`, canonical, absolute (`migrations_directory_…`) | `app::any_postgres`, `sql::paths_are_those_of_embed_migrations` |
//! | a search for `migrations` upwards, `src/migrations` first | not here on purpose: the directory is named, where everybody reads it |
//! | embedded SQL runs as the files do | `directory::the_sql_makes_what_it_made_in_the_hands_of_diesel` |

#![expect(clippy::duplicate_mod, reason = "the same revisions, once for each type of connection")]

mod adopted;
mod app;
mod directory;
mod harness;
mod servers;
