//~ `Vec<String>` cannot be cast from other numbers
//~ `get` loads the others
fn main() {
    let npz = npz::NpzReader::open("x.npz").unwrap();
    npz.get_cast::<Vec<String>>("text").unwrap();
}
