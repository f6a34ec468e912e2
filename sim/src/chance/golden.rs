//! Values that must never change: seeds are worth keeping only while they hold.

use super::{Chance, Purpose, Seed, Stream, Words};

const SEEDS: [Seed; 3] = [Seed(0), Seed(7), Seed(u64::MAX)];

/// ChaCha8 as Bernstein (2008) describes it: one block, eight words of 64 bits.
fn chacha8(key: [u8; 32], stream: u64, block: u64) -> [u64; 8] {
    let mut input = [0_u32; 16];
    input[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
    for (word, bytes) in input[4..].iter_mut().zip(key.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    input[12..].copy_from_slice(&[
        block as u32,
        (block >> 32) as u32,
        stream as u32,
        (stream >> 32) as u32,
    ]);
    let mut state = input;
    let mut quarter = |&[a, b, c, d]: &[usize; 4]| {
        for (one, two, three, turn) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
            state[one] = state[one].wrapping_add(state[two]);
            state[three] = (state[three] ^ state[one]).rotate_left(turn);
        }
    };
    for _ in 0..4 {
        [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]]
            .iter()
            .for_each(&mut quarter);
        [[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]]
            .iter()
            .for_each(&mut quarter);
    }
    let word = |at: usize| u64::from(state[at].wrapping_add(input[at]));
    [0, 2, 4, 6, 8, 10, 12, 14].map(|at| word(at) | word(at + 1) << 32)
}

fn key(seed: Seed) -> [u8; 32] {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.0.to_le_bytes());
    key[8..26].copy_from_slice(b"rehearsal chance v");
    key[26] = b'1';
    key
}

const STREAMS: [Stream; 2] = [Stream::Options, Stream::Workload];

#[test]
fn this_chacha8_gives_the_published_keystream() {
    // Strombergson, "Test Vectors for the Stream Cipher ChaCha" (2013): TC1, 256 bits, 8 rounds.
    let published: [u64; 8] = [
        0x3e00_ef2f_895f_40d6,
        0x7f5b_b8e8_1f09_a5a1,
        0x2c84_0ec3_ce9a_7f3b,
        0x181b_e188_ef71_1a1e,
        0x984c_e172_b921_6f41,
        0x9f44_5367_456d_5619,
        0x314a_42a3_da86_b001,
        0x387b_fdb8_0e0c_fe42,
    ];
    assert_eq!(chacha8([0; 32], 0, 0), published.map(u64::swap_bytes));
}

#[test]
fn secrets_and_sequences_are_the_keystream_of_chacha8() {
    for seed in SEEDS {
        let chance = Chance::new(seed);
        assert_eq!(chance.secret.0, chacha8(key(seed), 0, 0)[..4]);
        for (stream, number) in STREAMS.into_iter().zip(1..) {
            let mut sequence = chance.stream(stream);
            for block in 0..40 {
                assert_eq!(chacha8(key(seed), number, block), [(); 8].map(|()| sequence.word()));
            }
        }
    }
}

#[test]
fn secrets_are_golden() {
    let golden = [
        [
            0xe369_8680_8848_bb4a,
            0xbb8a_0346_1ce5_572f,
            0x8f46_7861_cc84_1770,
            0x638e_355f_adf8_e76a,
        ],
        [
            0xdb1f_8904_d960_ae25,
            0x26b5_ac0d_06e3_271b,
            0x1814_63b4_bfc3_040a,
            0xe79b_3a97_6037_5c99,
        ],
        [
            0xeab9_c396_c8b7_7c69,
            0xdfd2_d5c5_bd20_d5ce,
            0x227d_22d4_ed49_10d2,
            0xb599_dec3_e236_dddd,
        ],
    ];
    assert_eq!(SEEDS.map(|seed| Chance::new(seed).secret.0), golden);
}

#[test]
fn sequences_are_golden() {
    let chance = Chance::new(Seed(7));
    let words = STREAMS.map(|stream| {
        let mut sequence = chance.stream(stream);
        [sequence.word(), sequence.word()]
    });
    let golden = [
        [0xd7ae_a9cc_d532_d098, 0xc64a_9984_5d69_850e],
        [0x5ce7_320d_a4b1_799e, 0xd2c4_56bc_b066_ba33],
    ];
    assert_eq!(words, golden);
}

#[test]
fn keyed_words_are_golden() {
    let keys = [
        (Purpose::Loss, 0, 0, 0),
        (Purpose::Loss, 1, 2, 3),
        (Purpose::Fault, u32::MAX, u32::MAX, u64::MAX),
    ];
    let words = SEEDS.map(|seed| {
        let chance = Chance::new(seed);
        keys.map(|(purpose, a, b, count)| {
            let mut words = chance.keyed(purpose, a, b, count);
            [words.word(), words.word()]
        })
    });
    let golden = [
        [
            [0x4084_4ddb_d7ea_2f79, 0x860a_bb7e_f766_88d8],
            [0x3a64_4f4e_dc33_7e5a, 0xa7ee_7ff1_7814_bcfd],
            [0xc3ae_0c66_81df_6b41, 0xf2c9_b64f_9766_ff6c],
        ],
        [
            [0x9a92_acae_d38d_044a, 0xf6d2_4220_580e_de2b],
            [0xb2eb_0e8d_b7a6_914c, 0xbcc8_c805_9612_7dfb],
            [0x9535_487f_e04f_e072, 0xb1af_cdf4_df65_94ab],
        ],
        [
            [0x7bee_7cac_d6d9_9f39, 0x00fe_82f7_5921_2ab3],
            [0x8503_e058_e19a_0db8, 0x84e7_ff8d_933d_0f40],
            [0x259c_16b0_79f7_361a, 0x64ab_e15b_ede6_0e84],
        ],
    ];
    assert_eq!(words, golden);
}

#[test]
fn samples_are_golden() {
    let mut workload = Chance::new(Seed(7)).stream(Stream::Workload);
    let dice = [(); 20].map(|()| workload.uniform(1..=6));
    assert_eq!(dice, [3, 5, 1, 4, 6, 3, 4, 1, 3, 2, 1, 2, 5, 5, 5, 1, 6, 1, 1, 4]);
    let delays = [(); 4].map(|()| workload.uniform(1_000_000..=10_000_000));
    assert_eq!(delays, [6_661_059, 4_214_238, 5_056_371, 9_767_170]);
    // Refuses nearly every other word, so that it pins the rejections too.
    let large = [(); 4].map(|()| workload.uniform(0..=1 << 63));
    assert_eq!(
        large,
        [
            3_628_548_699_366_399_255,
            2_266_880_137_054_334_919,
            4_466_805_461_212_883_136,
            4_039_018_161_973_460_823,
        ]
    );
    let coins = [(); 20].map(|()| u8::from(workload.happens(3, 10)));
    assert_eq!(coins, [1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
}

#[test]
fn the_numbers_of_purposes_are_golden() {
    let purposes = [
        Purpose::Loss,
        Purpose::Delay,
        Purpose::Duplicate,
        Purpose::DuplicateDelay,
        Purpose::Reorder,
        Purpose::ReorderDelay,
        Purpose::Corrupt,
        Purpose::Arm,
        Purpose::Fault,
        Purpose::Draw,
    ];
    assert_eq!(purposes.map(|purpose| purpose as u8), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
}
