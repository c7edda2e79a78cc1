use super::relations::Relations;
use super::selection::Selection;
use super::snapshot::{self, Snapshot};
use super::{columns, constraints, indexes, programs, relations, sequences, types};
use crate::catalog::{Catalog, CatalogError, Scope};
use crate::connection::Driver;

/// Reads the catalog, see [`read`](crate::catalog::read).
pub(in crate::catalog) fn read(driver: &mut dyn Driver, scope: &Scope) -> Result<Catalog, CatalogError> {
    snapshot::within(driver, |snapshot| {
        let selection = Selection::resolve(snapshot, scope)?;
        let mut catalog = Catalog::default();
        let mut relations = relations::read(snapshot, &selection)?;
        let mut domains = constraints::Domains::new();
        if !selection.is_tables_only() {
            types::read_extensions(snapshot, &mut catalog)?;
            types::read_enums(snapshot, &selection, &mut catalog)?;
            programs::read_functions(snapshot, &selection, &mut catalog)?;
            domains = types::read_domains(snapshot, &selection)?;
        }
        read_parts(snapshot, &selection, &mut relations, &mut domains)?;
        sequences::read(snapshot, &selection, &mut relations, &mut catalog)?;
        catalog.domains = domains.into_values().collect();
        for relation in relations.into_values() {
            relation.settle(&mut catalog);
        }
        if !selection.is_tables_only() {
            catalog.schemas = selection.schemas.into_values().collect();
        }
        Ok(catalog)
    })
}

/// Reads what relations and domains are made of.
fn read_parts(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
    relations: &mut Relations,
    domains: &mut constraints::Domains,
) -> Result<(), CatalogError> {
    columns::read(snapshot, selection, relations)?;
    let indexes = indexes::read(snapshot, selection, relations)?;
    constraints::read(snapshot, selection, relations, &indexes, domains)?;
    programs::read_triggers(snapshot, selection, relations)?;
    programs::read_rules(snapshot, selection, relations)?;
    programs::read_policies(snapshot, selection, relations)
}
