//! Data of every sort that compresses in its own way.

/// Random numbers, the same each time.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    /// Near enough to a normal distribution.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| (self.next() >> 11) as f64 / (1_u64 << 53) as f64).sum::<f64>() - 6.0
    }
}

/// About `len` bytes of each sort.
pub fn corpus(len: usize) -> Vec<(&'static str, Vec<u8>)> {
    let mut random = Random(1);
    let f64s = |f: &mut dyn FnMut(f64) -> f64| -> Vec<u8> {
        (0..len / 8).flat_map(|i| f(i as f64).to_le_bytes()).collect()
    };
    let i64s = |f: &mut dyn FnMut(i64) -> i64| -> Vec<u8> {
        (0..len / 8).flat_map(|i| f(i as i64).to_le_bytes()).collect()
    };
    let mut sum = 0;
    vec![
        ("smooth", f64s(&mut |i| (i / 1000.0).sin())),
        ("rounded", f64s(&mut |i| ((i / 50.0).sin() * 1e5).round() / 1e3)),
        (
            "gauss",
            (0..len / 4).flat_map(|_| (random.normal() as f32 * 0.02).to_le_bytes()).collect(),
        ),
        (
            "image",
            (0..len)
                .map(|i| (128.0 + 60.0 * (i as f64 / 80.0).sin() + 4.0 * random.normal()) as u8)
                .collect(),
        ),
        ("labels", i64s(&mut |i| (i / 97) % 10)),
        (
            "index",
            i64s(&mut |_| {
                sum += 1 + random.below(8) as i64;
                sum
            }),
        ),
        ("noise", (0..len).map(|_| random.next() as u8).collect()),
        ("zeros", vec![0; len]),
        // Half of it zeros, but not where a block has its middle: literals alone would lose.
        (
            "patches",
            (0..len)
                .map(|i| match (i >> 17) % 8 {
                    2 | 3 | 4 | 7 => random.next() as u8,
                    _ => 0,
                })
                .collect(),
        ),
        // Two values, at random and in patches.
        ("bool", (0..len).map(|_| random.below(2) as u8).collect()),
        (
            "mask",
            (0..len)
                .map(|i| {
                    let (x, y) = ((i % 1024) as f64, (i / 1024) as f64);
                    ((x / 37.0).sin() + (y / 51.0).sin() + ((x + y) / 23.0).sin() > 0.7) as u8
                })
                .collect(),
        ),
        // A wave of integers and noise in their low bits, of which little but three bytes
        // comes twice.
        (
            "sensor",
            (0..len / 2)
                .flat_map(|i| {
                    let wave = (i as f64 / 1000.0).sin() * 8000.0;
                    (wave as i16 + random.below(64) as i16).to_le_bytes()
                })
                .collect(),
        ),
        (
            "categories",
            (0..len / 4).flat_map(|_| (random.below(100) as i32).to_le_bytes()).collect(),
        ),
        ("onehot", {
            let mut rows = vec![0; len / 4 * 4];
            for row in rows.chunks_exact_mut(400) {
                let hot = random.below(100) as usize * 4;
                row[hot..hot + 4].copy_from_slice(&1_f32.to_le_bytes());
            }
            rows
        }),
        (
            "tenths",
            (0..len / 8).flat_map(|_| (random.below(10_000) as f64 / 10.0).to_le_bytes()).collect(),
        ),
        ("dna", (0..len).map(|_| random.below(4) as u8).collect()),
        // Repeats from further away than what a sample holds.
        ("tiles", {
            let tile: Vec<u8> = (0..20_000).map(|_| random.next() as u8).collect();
            tile.into_iter().cycle().take(len).collect()
        }),
    ]
}
