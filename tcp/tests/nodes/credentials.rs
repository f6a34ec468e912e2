//! TLS for the raw client, with a key of its choice or with none.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rehearsal_tcp::Security;
use rustls::ClientConfig;
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::ring;
use rustls::crypto::ring::sign::any_eddsa_type;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use rustls::version::TLS13;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::pair::node;
use crate::raw_client::RawClient;
use crate::test_cluster::TestCluster;
use crate::trust_all::TrustAll;

/// How the client authenticates itself.
pub(crate) enum Credentials {
    Nothing,
    /// The key in this file.
    Key(PathBuf),
    /// A certificate with the key in this file.
    Certificate(PathBuf),
}

impl RawClient {
    /// Connects to n2, with this member's key if the cluster has keys.
    pub(crate) async fn of_member(cluster: &TestCluster, member: u32) -> Self {
        let address = cluster.address(node(2));
        if cluster.roster.security() == Security::Insecure {
            return Self::plain(address).await;
        }
        let credentials = Credentials::Key(cluster.key_file(member));
        Self::tls(address, &credentials).await.expect("the key is in the roster")
    }

    pub(crate) async fn tls(
        address: SocketAddr,
        credentials: &Credentials,
    ) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await.expect("the node listens");
        let connector = TlsConnector::from(Arc::new(config(credentials)));
        let name = ServerName::try_from("anybody").expect("it is a name");
        Ok(Self(Box::new(connector.connect(name, stream).await?)))
    }
}

fn config(credentials: &Credentials) -> ClientConfig {
    let requires_raw_public_keys = !matches!(credentials, Credentials::Certificate(_));
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("there are suites for it")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(TrustAll { requires_raw_public_keys }));
    let mut config = match credentials {
        Credentials::Nothing => builder.with_no_client_auth(),
        Credentials::Key(file) => {
            let key = signing(file);
            let info = key.public_key().expect("it has a public half");
            let certified = CertifiedKey::new(vec![CertificateDer::from(info.to_vec())], key);
            builder.with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(
                Arc::new(certified),
            )))
        }
        Credentials::Certificate(file) => {
            // Its content does not matter: the node rejects any certificate.
            let certificate = CertificateDer::from(vec![0x30, 0x03, 0x02, 0x01, 0x01]);
            let certified = CertifiedKey::new(vec![certificate], signing(file));
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
        }
    };
    config.resumption = Resumption::disabled();
    config
}

fn signing(file: &Path) -> Arc<dyn SigningKey> {
    let key = PrivatePkcs8KeyDer::from_pem_file(file).expect("there is a key");
    any_eddsa_type(&key).expect("it signs")
}
