//! A proxy in front of a PostgreSQL server that cuts connections where it hurts.

use std::collections::VecDeque;
use std::io::{self, Read, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use super::database::Database;

/// Where a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The server never sees the `COMMIT`, and undoes what came before it.
    BeforeCommit,
    /// The server has committed and said so, and the client never hears of it.
    AfterCommit,
}

/// A running proxy.
///
/// It reads the client's messages one by one, as the protocol frames them, so a `COMMIT` is found however the
/// network cuts it up, and one within a text is none.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    server: u16,
    /// What to do with the commits to come, after so many that pass.
    plan: Mutex<VecDeque<(u32, Cut)>>,
    commits: AtomicU32,
    cuts: AtomicU32,
    open: Mutex<Vec<TcpStream>>,
    closed: AtomicBool,
}

impl Proxy {
    /// Starts one in front of the server on this port of 127.0.0.1.
    #[must_use]
    pub fn start(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared { server, ..Shared::default() });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.closed.load(Ordering::SeqCst) {
                    return;
                }
                // A server that is down refuses the client by closing its connection.
                let _ = client.and_then(|client| Shared::serve(&accepting, client));
            }
        });
        Self { port, shared }
    }

    /// The URL of a database through the proxy.
    #[must_use]
    pub fn url(&self, database: &Database) -> String {
        let direct = format!(":{}/", self.shared.server);
        assert!(database.url().contains(&direct), "another server's database");
        database.url().replace(&direct, &format!(":{}/", self.port))
    }

    /// Lets so many commits pass, of all connections, and cuts at the next one. Several calls are done in turn.
    pub fn cut(&self, passing: u32, cut: Cut) {
        self.shared.plan.lock().expect("plan").push_back((passing, cut));
    }

    /// Cuts every connection that is open.
    pub fn cut_all(&self) {
        for connection in self.shared.open.lock().expect("connections").drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    /// How many times a client has sent `COMMIT`.
    #[must_use]
    pub fn commits(&self) -> u32 {
        self.shared.commits.load(Ordering::SeqCst)
    }

    /// How many connections were cut at a `COMMIT`.
    #[must_use]
    pub fn cuts(&self) -> u32 {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        self.cut_all();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn serve(shared: &Arc<Self>, client: TcpStream) -> io::Result<()> {
        let server = TcpStream::connect(("127.0.0.1", shared.server))?;
        for connection in [&client, &server] {
            connection.set_nodelay(true)?;
            shared.open.lock().expect("connections").push(connection.try_clone()?);
        }
        let swallows = Arc::new(AtomicBool::new(false));
        let (from_server, to_client, flag) =
            (server.try_clone()?, client.try_clone()?, Arc::clone(&swallows));
        std::thread::spawn(move || {
            let _ = answers(&from_server, &to_client, &flag);
            close(&from_server, &to_client);
        });
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            if !matches!(shared.requests(&client, &server, &swallows), Ok(Some(Cut::AfterCommit))) {
                close(&client, &server);
            }
        });
        Ok(())
    }

    /// Hands on what the client sends, up to its end or to where the plan cuts it.
    fn requests(
        &self,
        mut client: &TcpStream,
        mut server: &TcpStream,
        swallows: &AtomicBool,
    ) -> io::Result<Option<Cut>> {
        // The messages before the session begins have no tag; after a request for encryption there is another one.
        loop {
            let message = read_message(client, None)?;
            server.write_all(&message)?;
            let is_about_encryption = message.len() == 8 && message[4..7] == [0x04, 0xd2, 0x16];
            if !is_about_encryption {
                break;
            }
        }
        loop {
            let mut tag = [0];
            client.read_exact(&mut tag)?;
            let message = read_message(client, Some(tag[0]))?;
            let cut = if is_commit(&message) { self.next_commit() } else { None };
            match cut {
                None => server.write_all(&message)?,
                Some(Cut::BeforeCommit) => return Ok(cut),
                Some(Cut::AfterCommit) => {
                    swallows.store(true, Ordering::SeqCst);
                    server.write_all(&message)?;
                    return Ok(cut);
                }
            }
        }
    }

    fn next_commit(&self) -> Option<Cut> {
        self.commits.fetch_add(1, Ordering::SeqCst);
        let mut plan = self.plan.lock().expect("plan");
        let (passing, cut) = plan.front_mut()?;
        if *passing > 0 {
            *passing -= 1;
            return None;
        }
        let cut = *cut;
        plan.pop_front();
        self.cuts.fetch_add(1, Ordering::SeqCst);
        Some(cut)
    }
}

/// Hands on what the server says, or once it is to be swallowed, waits for the end of a `COMMIT`.
fn answers(mut server: &TcpStream, mut client: &TcpStream, swallows: &AtomicBool) -> io::Result<()> {
    let (mut bytes, mut swallowed) = (vec![0; 65_536], Vec::new());
    loop {
        let count = server.read(&mut bytes)?;
        if count == 0 {
            return Ok(());
        }
        if !swallows.load(Ordering::SeqCst) {
            client.write_all(&bytes[..count])?;
            continue;
        }
        swallowed.extend_from_slice(&bytes[..count]);
        // The session is idle again, whether it has committed or could not.
        if swallowed.windows(6).any(|message| message == b"Z\0\0\0\x05I") {
            return Ok(());
        }
    }
}

/// A message as it was sent: its tag, its length, which counts itself and not the tag, and the rest.
fn read_message(mut from: impl Read, tag: Option<u8>) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let rest = u32::from_be_bytes(length).saturating_sub(4) as usize;
    let mut message: Vec<u8> = tag.into_iter().chain(length).collect();
    let head = message.len();
    message.resize(head + rest, 0);
    from.read_exact(&mut message[head..])?;
    Ok(message)
}

/// Whether it is the simple query `COMMIT`, as Diesel sends it.
fn is_commit(message: &[u8]) -> bool {
    message.first() == Some(&b'Q')
        && message.get(5..).is_some_and(|text| text.eq_ignore_ascii_case(b"COMMIT\0"))
}

fn close(one: &TcpStream, other: &TcpStream) {
    let _ = one.shutdown(Shutdown::Both);
    let _ = other.shutdown(Shutdown::Both);
}
