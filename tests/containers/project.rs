//! `compose.yaml` on a database of the testkit.

use std::collections::BTreeMap;

use migrate_tests::testkit::{Database, Postgres};

use crate::compose::Compose;
use crate::image::{Image, read};
use crate::running::Running;

/// A project as `docker compose` has it, on a database that somebody else made.
pub(crate) struct Project {
    compose: Compose,
    port: u16,
    variables: BTreeMap<&'static str, String>,
    /// The port of this machine that leads to the application.
    published: u16,
}

/// An empty database.
pub(crate) fn empty(server: &Postgres) -> Database {
    let database = server.database();
    database.execute("DROP TABLE applied_log");
    database
}

impl Project {
    pub(crate) fn on(server: &Postgres, database: &Database) -> Self {
        let compose = Compose::parse(&read("compose.yaml")).unwrap();
        let (user, password) = Postgres::superuser();
        let (_, name) = database.url().rsplit_once('/').expect("a URL with a database");
        let variables = [("POSTGRES_DB", name), ("POSTGRES_USER", user), ("POSTGRES_PASSWORD", password)];
        let variables = variables.map(|(variable, value)| (variable, value.to_owned())).into();
        Self { compose, port: server.port(), variables, published: 0 }
    }

    /// The same with another variable in `.env`.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    pub(crate) fn listening_on(self, port: u16) -> Self {
        Self { published: port, ..self }
    }

    /// What a container of the service has in its environment. The network is this machine's: the name of the server
    /// leads here, and its port is another one.
    fn environment(&self, service: &str) -> BTreeMap<String, String> {
        let mut environment = self.compose.service(service).environment(&self.variables).unwrap();
        let host = &environment["POSTGRES_HOST"];
        assert!(self.compose.service(host).image.starts_with("postgres:"), "{host} is no server");
        assert_eq!(environment["POSTGRES_PORT"], "5432", "the port that the server listens on");
        environment.insert("POSTGRES_PORT".to_owned(), self.port.to_string());
        environment.insert("PGHOSTADDR".to_owned(), "127.0.0.1".to_owned());
        if let Some(address) = environment.get_mut("LISTEN") {
            let (host, _) = address.rsplit_once(':').expect("an address");
            *address = format!("{host}:{}", self.published);
        }
        environment
    }

    /// What `docker compose up` does for one service.
    pub(crate) fn up(&self, service: &str) -> Running {
        let Image { entrypoint, .. } = Image::built();
        let described = self.compose.service(service);
        let words = described.entrypoint.as_ref().unwrap_or(entrypoint).iter().chain(&described.command);
        self.start(service, &words.cloned().collect::<Vec<_>>())
    }

    /// `docker compose exec`, and `run --entrypoint`.
    pub(crate) fn exec(&self, service: &str, words: &[&str]) -> Running {
        self.start(service, &words.iter().copied().map(str::to_owned).collect::<Vec<_>>())
    }

    fn start(&self, service: &str, words: &[String]) -> Running {
        let (program, arguments) = words.split_first().expect("a program");
        Running::start(Image::built().program(program), arguments, &self.environment(service))
    }
}
