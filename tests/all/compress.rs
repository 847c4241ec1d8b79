//! Compressed archives: the same bytes whatever the threads, readable by everyone, never
//! much larger than the data.

#![cfg(feature = "deflate")]

use std::io::Cursor;
use std::thread;

use crate::common::corpus::{Random, corpus};
use crate::common::{members, on_threads, without_index};
use ndarray::{Array1, Array2, ArrayView1, s};
use npz::{Compression, NpzReader, NpzWriter};

/// More than two blocks, and no multiple of anything.
const LEN: usize = (2 << 20) + 98_765;

fn fill<W: std::io::Write>(
    mut npz: NpzWriter<W>,
    data: &[(&str, Vec<u8>)],
    level: u8,
) -> npz::Result<W> {
    npz = npz.compression(Compression::Deflate(level));
    for (name, bytes) in data {
        npz.array(name, bytes)?;
    }
    npz.finish()
}

fn archive(data: &[(&str, Vec<u8>)], level: u8) -> Vec<u8> {
    fill(NpzWriter::new(Cursor::new(Vec::new())), data, level).unwrap().into_inner()
}

fn stream(data: &[(&str, Vec<u8>)], level: u8) -> Vec<u8> {
    fill(NpzWriter::stream(Vec::new()), data, level).unwrap()
}

#[test]
fn the_number_of_threads_does_not_show_and_every_sort_of_data_survives() {
    let data = corpus(LEN / 2);
    for level in [1, 6] {
        let archives = [1, 5].map(|threads| {
            on_threads(threads, || (archive(&data, level), stream(&data[..4], level)))
        });
        let (whole, streamed) = &archives[0];
        for (other, other_streamed) in &archives {
            assert!(whole == other && streamed == other_streamed, "level {level}");
        }
        for bytes in [whole, streamed] {
            let npz = NpzReader::from_bytes(bytes).unwrap();
            npz.verify().unwrap();
            // As the zip crate sees it, too.
            for ((name, expected), (member, found)) in data.iter().zip(members(bytes)) {
                assert_eq!(member, format!("{name}.npy"));
                assert!(found[128..] == *expected, "{name} at level {level}");
                assert!(npz.get::<Vec<u8>>(name).unwrap() == *expected, "{name} at {level}");
                // A stored block for each 65,535 bytes, and the ends of blocks of 1 MiB.
                let most = expected.len() as u64 + expected.len() as u64 / 10_000 + 200;
                assert!(npz.info(name).unwrap().compressed_size() <= most, "{name} at {level}");
            }
        }
    }
}

#[test]
fn noise_is_stored_matches_are_found_and_floats_lose_nothing() {
    let data = corpus(LEN);
    let bytes = archive(&data, 6);
    let npz = NpzReader::from_bytes(bytes).unwrap();
    let share = |name: &str| npz.info(name).unwrap().compressed_size() as f64 / LEN as f64;
    for (name, least, most) in [
        ("smooth", 0.90, 0.96),
        ("rounded", 0.20, 0.60),
        ("gauss", 0.90, 0.95),
        ("labels", 0.0, 0.01),
        ("index", 0.15, 0.25),
        ("noise", 1.0, 1.0003),
        ("zeros", 0.0, 0.002),
        ("patches", 0.47, 0.49),
        ("tiles", 0.02, 0.05),
        // At most 1.01 of what NumPy makes of them; see `live::what_is_compressed_…`.
        ("image", 0.70, 0.840),
        ("bool", 0.14, 0.160),
        ("mask", 0.005, 0.0150),
        ("sensor", 0.80, 0.879),
        ("categories", 0.25, 0.323),
        ("onehot", 0.003, 0.0072),
        ("tenths", 0.30, 0.353),
        ("dna", 0.25, 0.295),
    ] {
        let share = share(name);
        assert!((least..=most).contains(&share), "{name}: {share}");
    }
}

#[test]
fn every_length_around_a_block_is_whole() {
    const BLOCK: usize = 1 << 20;
    let mut random = Random(7);
    let noise: Vec<u8> = (0..BLOCK * 2 + 300).map(|_| random.below(200) as u8).collect();
    // An array's header takes 128 bytes of the first block.
    for len in [1, 2, 3].into_iter().chain(BLOCK - 131..BLOCK - 125).chain([
        BLOCK,
        2 * BLOCK - 129,
        2 * BLOCK - 128,
        2 * BLOCK - 127,
    ]) {
        let bytes = archive(&[("x", noise[..len].to_vec())], 3);
        let x = NpzReader::from_bytes(bytes).unwrap().get::<Vec<u8>>("x").unwrap();
        assert!(x == noise[..len], "{len}");
    }
}

/// What `src/deflate/index.rs` describes, as another program would read it.
#[test]
fn the_index_says_where_the_blocks_are() {
    let data = corpus(LEN);
    for bytes in [archive(&data, 6), stream(&data, 6)] {
        let mut zip = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
        for (at, (name, expected)) in data.iter().enumerate() {
            let member = zip.by_index(at).unwrap();
            let mut compressed = member.data_start().unwrap() as usize;
            let stream_end = compressed + member.compressed_size() as usize;
            let extra = member.extra_data().unwrap();
            let (head, field) = extra.split_first_chunk().unwrap();
            let len = (field.len() as u16).to_le_bytes();
            assert_eq!(*head, [b'n', b'p', len[0], len[1]], "{name}");
            assert_eq!(field[..4], [1, 0, 20, 0], "version 1, blocks of 1 MiB");
            let header_crc32 = field[4..8].try_into().unwrap();
            let mut inflated = Vec::new();
            assert_eq!(field[8..].len(), 3 * 8);
            for &entry in field[8..].as_chunks::<8>().0 {
                let [len, crc32] = [0, 4].map(|at| entry[at..at + 4].try_into().unwrap());
                let end = compressed + u32::from_le_bytes(len) as usize;
                let mut block = vec![0; 1 << 20];
                let mut inflate = zlib_rs::Inflate::new(false, 15);
                inflate
                    .decompress(
                        &bytes[compressed..end],
                        &mut block,
                        zlib_rs::InflateFlush::SyncFlush,
                    )
                    .unwrap();
                block.truncate(inflate.total_out() as usize);
                assert_eq!(inflate.total_in() as usize, end - compressed);
                assert_eq!(crc32fast::hash(&block), u32::from_le_bytes(crc32), "{name}");
                inflated.push(block);
                compressed = end;
            }
            assert_eq!(inflated[0].len(), 1 << 20, "{name}");
            assert_eq!(crc32fast::hash(&inflated[0][..128]), u32::from_le_bytes(header_crc32));
            assert!(inflated.concat()[128..] == *expected, "{name}");
            assert_eq!(bytes[compressed..stream_end], [3, 0], "the empty last block");
        }
    }
    // A member of one block has none.
    let bytes = archive(&[("x", vec![1; 100_000])], 6);
    assert!(bytes == without_index(bytes.clone()));
}

#[test]
fn a_name_may_leave_no_room_for_an_index() {
    // An index of 1,208 bytes.
    let x = Array1::<u8>::zeros(150 << 20);
    for len in [63_500, 65_000] {
        let name = "n".repeat(len);
        let mut npz = NpzWriter::new(Cursor::new(Vec::new())).compression(Compression::Deflate(1));
        npz.array(&name, &x).unwrap();
        let npz = NpzReader::new(npz.finish().unwrap()).unwrap();
        assert!(npz.get::<Array1<u8>>(&name).unwrap() == x);
    }
}

/// All of a pool's threads save at once, so that none is idle to help another.
#[test]
#[cfg_attr(target_family = "wasm", ignore = "WebAssembly has no threads")]
fn threads_that_all_save_do_not_wait_for_each_other() {
    let x = Array2::from_shape_fn((700, 600), |(i, j)| (i * j) as f64);
    let expected = archive_of(x.view().slice(s![..;2, ..;-1]));
    for threads in [1, 3] {
        on_threads(threads, || {
            rayon::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|_| assert!(archive_of(x.slice(s![..;2, ..;-1])) == expected));
                }
            });
        });
    }
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(archive_of(x.slice(s![..;2, ..;-1])) == expected));
        }
    });
}

fn archive_of(x: ndarray::ArrayView2<'_, f64>) -> Vec<u8> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    npz.array("stored", &x).unwrap();
    npz.entry("deflated").compression(Compression::Deflate(2)).array(&x).unwrap();
    npz.entry("turned").compression(Compression::Deflate(2)).array(&x.t()).unwrap();
    npz.finish().unwrap().into_inner()
}

#[test]
fn random_data_of_random_lengths_survives_every_level() {
    let mut random = Random(3);
    for case in 0..60 {
        let len = random.below(300_000) as usize;
        // Few or many different bytes, in runs or not, now and then something else.
        let (symbols, run) = (1 + random.below(256), 1 + random.below(20));
        let mut byte = 0;
        let x: Vec<u8> = (0..len)
            .map(|_| {
                if random.below(run) == 0 {
                    byte = random.below(symbols) as u8;
                }
                byte
            })
            .collect();
        let level = 1 + (case % 9) as u8;
        let npz = NpzReader::from_bytes(archive(&[("x", x.clone())], level)).unwrap();
        assert!(npz.get::<Vec<u8>>("x").unwrap() == x, "{len} bytes at level {level}");
        assert_eq!(ArrayView1::from(&x).len(), len);
    }
}
