//~ `Vec<&str>` cannot be loaded from a NumPy array
//~ text is loaded as `String`, not as `&str`
fn main() {
    let npz = npz::NpzReader::open("x.npz").unwrap();
    npz.get::<Vec<&str>>("text").unwrap();
}
