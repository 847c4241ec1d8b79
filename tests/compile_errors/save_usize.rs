//~ `Vec<usize>` cannot be saved as a NumPy array
//~ `usize` is saved as `u64`
fn main() {
    let mut npz = npz::NpzWriter::create("x.npz").unwrap();
    npz.array("x", &vec![1_usize]).unwrap();
}
