//! TLS for the bare echo, without verification: the cheapest that TLS can be.

use std::path::Path;
use std::sync::Arc;

use rehearsal_tcp::Key;
use rustls::crypto::ring;
use rustls::crypto::ring::sign::any_eddsa_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use crate::trust_all::TrustAll;

pub(crate) async fn accept(folder: &Path, stream: TcpStream) -> TlsStream<TcpStream> {
    let file = folder.join("bare.key");
    let _ = Key::create(&file);
    let der = PrivatePkcs8KeyDer::from_pem_file(&file).expect("there is a key");
    let signing = any_eddsa_type(&der).expect("it is Ed25519");
    let shown = CertificateDer::from(signing.public_key().expect("it has one").to_vec());
    let certified = Arc::new(CertifiedKey::new(vec![shown], signing));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("there are suites")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(certified)));
    TlsAcceptor::from(Arc::new(config)).accept(stream).await.expect("it is welcome").into()
}

pub(crate) async fn connect(stream: TcpStream) -> TlsStream<TcpStream> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("there are suites")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(TrustAll { requires_raw_public_keys: true }))
        .with_no_client_auth();
    let name = ServerName::try_from("echo").expect("it is a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("it is let in").into()
}
