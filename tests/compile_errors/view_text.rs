//~ arrays of `String` cannot be viewed where they are
//~ `get` loads them; text can be viewed as `npz::FixedStr`
fn main() {
    let npz = npz::NpzReader::from_bytes(Vec::new()).unwrap();
    npz.view::<String, npz::ndarray::Ix1>("text").unwrap();
}
