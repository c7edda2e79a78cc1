use std::sync::OnceLock;

use chacha20poly1305::aead::{Aead as _, Generate as _, Nonce, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305};
use migrate_core::error::{BodyError, Result};

/// The key of the database's secrets, and the one way they are encrypted.
///
/// XChaCha20-Poly1305: the nonce, which is random, and then the ciphertext. The name of a secret is authenticated with
/// it, so that the secret of one row does not open in another. It belongs to the migrations and not to the application,
/// whose way may change.
pub struct SecretKey(XChaCha20Poly1305);

/// The program has no key, so nothing can be encrypted.
#[derive(Debug, thiserror::Error)]
#[error("no secret key is configured")]
pub struct NoSecretKey;

static KEY: OnceLock<[u8; 32]> = OnceLock::new();

const NONCE: usize = 24;

/// Gives the key, before migrations run; the first one stays.
pub fn configure(key: [u8; 32]) {
    let _ = KEY.set(key);
}

impl SecretKey {
    /// The key that was given.
    pub fn configured() -> std::result::Result<Self, NoSecretKey> {
        KEY.get().map(|key| Self(XChaCha20Poly1305::new(&Key::from(*key)))).ok_or(NoSecretKey)
    }

    /// Encrypts a secret.
    pub fn seal(&self, name: &str, secret: &str) -> Result<Vec<u8>> {
        let nonce = Nonce::<XChaCha20Poly1305>::try_generate()?;
        let payload = Payload { msg: secret.as_bytes(), aad: name.as_bytes() };
        let sealed = self.0.encrypt(&nonce, payload).map_err(BodyError::new)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts it; `None` when it is not one of this key and name.
    #[must_use]
    pub fn open(&self, name: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let nonce = nonce.try_into().ok()?;
        let secret = self.0.decrypt(nonce, Payload { msg: sealed, aad: name.as_bytes() }).ok()?;
        String::from_utf8(secret).ok()
    }
}
