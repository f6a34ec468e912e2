//! Node keys: a node proves its identity with an Ed25519 key pair. The roster lists the public
//! key; the private key is in a file that only its owner can read.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use rand::TryRng as _;
use rand::rngs::SysRng;
use rustls::crypto::ring::sign::any_eddsa_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey};

/// A node's public key. Its text form is `ed25519:` followed by 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

/// A node's key pair.
#[derive(Clone)]
pub struct Key {
    signing: Arc<dyn SigningKey>,
    public: PublicKey,
}

/// Why a key cannot be created or read. The caller knows the file's name, and adds it.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyError {
    /// The file cannot be read or written, or the system has no randomness.
    Io(io::Error),
    /// Other users can access the file, which has these permission bits.
    Permissions(u32),
    /// The file does not contain an Ed25519 private key in PKCS #8 as PEM.
    NoKey,
}

/// The bytes before the 32 bytes of an Ed25519 public key in a `SubjectPublicKeyInfo` (RFC 8410).
const PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The bytes before the 32-byte seed of an Ed25519 private key in PKCS #8 (RFC 8410).
const PRIVATE_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// No key is longer, and a device has no end.
const MOST_KEY_BYTES: u64 = 1 << 16;

impl Key {
    /// Creates a key from the operating system's randomness, and writes it to a new file that only
    /// its owner can read. An existing file is never replaced: that is a [`KeyError::Io`].
    pub fn create(file: &Path) -> Result<Self, KeyError> {
        let mut seed = [0; 32];
        SysRng.try_fill_bytes(&mut seed).map_err(|error| KeyError::Io(io::Error::other(error)))?;
        let der = [PRIVATE_PREFIX.as_slice(), &seed].concat();
        let key = Self::of_der(&der)?;
        let mut target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        target.write_all(pem(&der).as_bytes())?;
        target.sync_all()?;
        Ok(key)
    }

    /// Reads a key from a file, which no other user may be able to access.
    pub fn open(file: &Path) -> Result<Self, KeyError> {
        let source = File::open(file)?;
        let metadata = source.metadata()?;
        if metadata.len() > MOST_KEY_BYTES {
            return Err(KeyError::NoKey);
        }
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Permissions(mode));
        }
        let mut text = Vec::new();
        source.take(MOST_KEY_BYTES).read_to_end(&mut text)?;
        match PrivateKeyDer::from_pem_slice(&text) {
            Ok(PrivateKeyDer::Pkcs8(der)) => Self::of_der(der.secret_pkcs8_der()),
            _ => Err(KeyError::NoKey),
        }
    }

    fn of_der(der: &[u8]) -> Result<Self, KeyError> {
        let der = PrivatePkcs8KeyDer::from(der);
        let signing = any_eddsa_type(&der).map_err(|_| KeyError::NoKey)?;
        let info = signing.public_key().ok_or(KeyError::NoKey)?;
        let public = PublicKey::of_info(&info).ok_or(KeyError::NoKey)?;
        Ok(Self { signing, public })
    }

    /// The public key, as it stands in the roster.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// The key as TLS uses it: a raw public key in the place of a certificate (RFC 7250).
    pub(crate) fn certified(&self) -> Arc<CertifiedKey> {
        let info = CertificateDer::from(self.public.info());
        Arc::new(CertifiedKey::new(vec![info], Arc::clone(&self.signing)))
    }
}

impl PublicKey {
    /// The key in a `SubjectPublicKeyInfo`; `None` if it is not an Ed25519 key.
    pub(crate) fn of_info(info: &[u8]) -> Option<Self> {
        info.strip_prefix(&PREFIX)?.try_into().ok().map(Self)
    }

    fn info(&self) -> Vec<u8> {
        [PREFIX.as_slice(), &self.0].concat()
    }
}

/// A private key in PEM, as `openssl` writes it.
fn pem(der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // 48 bytes are a multiple of three, so the encoding needs no padding.
    let body: String = der
        .chunks(3)
        .flat_map(|three| {
            let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
            [18, 12, 6, 0].map(|shift| char::from(DIGITS[(bits >> shift & 63) as usize]))
        })
        .collect();
    format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ed25519:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsePublicKeyError;

impl fmt::Display for ParsePublicKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a public key is written `ed25519:` and 64 hexadecimal digits")
    }
}

impl std::error::Error for ParsePublicKeyError {}

impl FromStr for PublicKey {
    type Err = ParsePublicKeyError;

    fn from_str(text: &str) -> Result<Self, ParsePublicKeyError> {
        let digits = text.strip_prefix("ed25519:").ok_or(ParsePublicKeyError)?.as_bytes();
        let digits: &[u8; 64] = digits.try_into().map_err(|_| ParsePublicKeyError)?;
        let value = |digit: u8| char::from(digit).to_digit(16).ok_or(ParsePublicKeyError);
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = (value(pair[0])? << 4 | value(pair[1])?) as u8;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Key {
    /// Shows only the public key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.public)
    }
}

impl From<io::Error> for KeyError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Permissions(mode) => {
                write!(
                    f,
                    "other users can access it (mode {mode:03o}): set the mode to 600, or create a new key"
                )
            }
            Self::NoKey => {
                f.write_str("it does not contain an Ed25519 private key (PKCS #8 in PEM)")
            }
        }
    }
}

impl std::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Permissions(_) | Self::NoKey => None,
        }
    }
}
