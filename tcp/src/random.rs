use rand::SeedableRng as _;
use rand::rngs::SysRng;
use rand_chacha::ChaCha12Rng;

/// An unpredictable generator, seeded by the operating system.
///
/// # Panics
///
/// If the operating system has no randomness. A node with predictable nonces could be impersonated.
pub(crate) fn generator() -> ChaCha12Rng {
    ChaCha12Rng::try_from_rng(&mut SysRng).expect("the system gives 32 random bytes")
}
