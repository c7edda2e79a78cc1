use diesel::r2d2::{ManageConnection, R2D2Connection as _};

use super::{AnyConnection, DatabaseUrl, UrlError};

/// A pool of connections to whatever the URL names: `Pool::builder().build(url)`.
///
/// Diesel's own `ConnectionManager<AnyConnection>` tries one server after the other with the same text, so that an
/// unreachable PostgreSQL becomes a file of that name, and it logs the password with its errors.
impl ManageConnection for DatabaseUrl {
    type Connection = AnyConnection;
    type Error = UrlError;

    fn connect(&self) -> Result<AnyConnection, UrlError> {
        Self::connect(self)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), UrlError> {
        connection.ping().map_err(|error| self.failed(&error))
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}
