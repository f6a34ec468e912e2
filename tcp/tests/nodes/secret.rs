//! The raw client's way into TLS, with a key of its choice or with none.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::ring;
use rustls::crypto::ring::sign::any_eddsa_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::version::TLS13;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::raw::Raw;

/// What somebody shows who is asked for a key.
pub(crate) enum Shows<'a> {
    Nothing,
    /// The key in this file.
    Key(&'a Path),
    /// A certificate, which it signs with the key in this file.
    Certificate(&'a Path),
}

impl Raw {
    pub(crate) async fn secret(address: SocketAddr, shows: &Shows<'_>) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await.expect("it listens");
        Self::over(stream, shows).await
    }

    pub(crate) async fn over(stream: TcpStream, shows: &Shows<'_>) -> std::io::Result<Self> {
        let connector = TlsConnector::from(Arc::new(config(shows)));
        let name = ServerName::try_from("anybody").expect("it is a name");
        Ok(Self(Box::new(connector.connect(name, stream).await?)))
    }
}

fn config(shows: &Shows<'_>) -> ClientConfig {
    let wants_keys = !matches!(shows, Shows::Certificate(_));
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("there are suites for it")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusting { wants_keys }));
    let mut config = match shows {
        Shows::Nothing => builder.with_no_client_auth(),
        Shows::Key(file) => {
            let key = signing(file);
            let info = key.public_key().expect("it has a public half");
            let certified = CertifiedKey::new(vec![CertificateDer::from(info.to_vec())], key);
            builder.with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(
                Arc::new(certified),
            )))
        }
        Shows::Certificate(file) => {
            let key = PrivatePkcs8KeyDer::from_pem_file(file).expect("there is a key");
            // Nobody reads further than that there is one.
            let certificate = CertificateDer::from(vec![0x30, 0x03, 0x02, 0x01, 0x01]);
            let chain = vec![certificate];
            let key: Arc<dyn SigningKey> = any_eddsa_type(&key).expect("it signs");
            builder.with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(
                CertifiedKey::new(chain, key),
            )))
        }
    };
    config.resumption = Resumption::disabled();
    config
}

fn signing(file: &Path) -> Arc<dyn SigningKey> {
    let key = PrivatePkcs8KeyDer::from_pem_file(file).expect("there is a key");
    any_eddsa_type(&key).expect("it signs")
}

/// Takes every server for the right one.
#[derive(Debug)]
struct Trusting {
    wants_keys: bool,
}

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _shown: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _shown: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.wants_keys
    }
}
