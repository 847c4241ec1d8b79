//~ `Option<usize>` cannot be a field of `npz::archive!`
//~ what implements `npz::ToNpy` and `npz::FromNpy` can
struct Run {
    steps: Option<usize>,
}
npz::archive!(Run { steps });

fn main() {}
