use rand::SeedableRng as _;
use rand::rngs::SysRng;
use rand_chacha::ChaCha12Rng;

/// A generator whose numbers nobody can predict: seeded by the system.
///
/// # Panics
/// If the system has no randomness to give. A node that went on could be
/// impersonated: its nonces would be known.
pub(crate) fn generator() -> ChaCha12Rng {
    ChaCha12Rng::try_from_rng(&mut SysRng).expect("the system gives 32 random bytes")
}
