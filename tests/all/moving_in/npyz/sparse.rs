//! Of `tests/sparse.rs`: SciPy's matrices as structs of [`npz::archive!`].

use npz::npy::{Incoming, Outgoing};
use npz::{CastFromNpy, Error, FromNpy};

use super::*;

/// Indices, which are `int32` in the file, or `int64` if they are larger.
#[derive(Debug, Clone, PartialEq)]
struct Indices(Vec<i64>);

impl FromNpy for Indices {
    fn from_npy(array: Incoming<'_>) -> npz::Result<Self> {
        Vec::cast_from_npy(array).map(Self)
    }
}

impl ToNpy for Indices {
    fn to_npy(&self) -> Outgoing<'_> {
        self.0.to_npy()
    }
}

/// A matrix of one of SciPy's formats: its data, and its indices by SciPy's names.
macro_rules! formats {
    ($($format:ident = $name:literal, $data:ty, [$($indices:ident),+];)*) => {
        $(
            #[derive(Debug, Clone, PartialEq)]
            struct $format {
                format: Bytes,
                shape: Indices,
                data: $data,
                $($indices: Indices),+
            }
            npz::archive!($format { format, shape, data, $($indices),+ });

            impl $format {
                fn new(shape: [i64; 2], data: $data, $($indices: &[i64]),+) -> Self {
                    let (format, shape) = (Bytes::from($name), Indices(shape.to_vec()));
                    Self { format, shape, data, $($indices: Indices($indices.to_vec())),+ }
                }

                fn from_npz<R>(npz: &NpzReader<R>) -> npz::Result<Self> {
                    let format: Bytes = npz.get("format")?;
                    match &*format == $name.as_bytes() {
                        true => Self::read_from(npz, ""),
                        false => Err(Error::other(format!("its format is {format}, not {}", $name))),
                    }
                }

                fn written(&self) -> NpzReader<Cursor<Vec<u8>>> {
                    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
                    self.write_to(&mut npz, "").unwrap();
                    NpzReader::new(npz.finish().unwrap()).unwrap()
                }
            }
        )*

        #[derive(Debug, PartialEq)]
        enum Sparse {
            $($format($format)),*
        }

        impl Sparse {
            fn from_npz<R>(npz: &NpzReader<R>) -> npz::Result<Self> {
                match &*npz.get::<String>("format")? {
                    $($name => $format::from_npz(npz).map(Self::$format),)*
                    other => Err(Error::other(format!("there is no format {other}"))),
                }
            }
        }
    };
}

formats! {
    Coo = "coo", Array1<i64>, [row, col];
    Csr = "csr", Array1<i64>, [indices, indptr];
    Csc = "csc", Array1<i64>, [indices, indptr];
    Dia = "dia", Array2<i64>, [offsets];
    Bsr = "bsr", Array3<i64>, [indices, indptr];
}

/// The matrix of their files, in each format.
fn coo() -> Coo {
    Coo::new([3, 6], array![1, 4, 2, 6, 7], &[0, 0, 1, 2, 2], &[0, 2, 1, 0, 2])
}

fn csr() -> Csr {
    Csr::new([3, 6], array![1, 4, 2, 6, 7], &[0, 2, 1, 0, 2], &[0, 2, 3, 5])
}

fn csc() -> Csc {
    Csc::new([3, 6], array![1, 6, 2, 4, 7], &[0, 2, 1, 0, 2], &[0, 2, 3, 5, 5, 5, 5])
}

fn dia() -> Dia {
    Dia::new([3, 6], array![[6, 0, 0], [1, 2, 7], [0, 0, 4]], &[-2, 0, 2])
}

fn bsr() -> Bsr {
    let data = array![[[1, 0]], [[4, 0]], [[0, 2]], [[6, 0]], [[7, 0]]];
    Bsr::new([3, 6], data, &[0, 1, 0, 0, 1], &[0, 2, 3, 5])
}

/// An archive as SciPy writes it, of the array `data` and of indices as `int32`.
fn scipy(
    format: &str,
    data: &dyn ToNpy,
    indices: &[(&str, &Indices)],
) -> NpzReader<Cursor<Vec<u8>>> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    for (name, indices) in indices {
        let short: Vec<i32> = indices.0.iter().map(|&index| index as i32).collect();
        npz.array(name, &short).unwrap();
    }
    npz.array("format", &Bytes::from(format)).unwrap().array("shape", &[3_i64, 6]).unwrap();
    npz.array("data", data).unwrap();
    NpzReader::new(npz.finish().unwrap()).unwrap()
}

/// Their `read_sparse_{coo,csr,csc,dia,bsr,dynamic}`.
#[test]
fn scipys_matrices_are_read_in_every_format() {
    let Coo { data, row, col, .. } = &coo();
    let npz = scipy("coo", data, &[("row", row), ("col", col)]);
    assert_eq!(Coo::from_npz(&npz).unwrap(), coo());
    assert_eq!(Sparse::from_npz(&npz).unwrap(), Sparse::Coo(coo()));

    let Csr { data, indices, indptr, .. } = &csr();
    let npz = scipy("csr", data, &[("indices", indices), ("indptr", indptr)]);
    assert_eq!(Csr::from_npz(&npz).unwrap(), csr());
    assert_eq!(Sparse::from_npz(&npz).unwrap(), Sparse::Csr(csr()));

    let Csc { data, indices, indptr, .. } = &csc();
    let npz = scipy("csc", data, &[("indices", indices), ("indptr", indptr)]);
    assert_eq!(Csc::from_npz(&npz).unwrap(), csc());
    assert_eq!(Sparse::from_npz(&npz).unwrap(), Sparse::Csc(csc()));

    let Dia { data, offsets, .. } = &dia();
    let npz = scipy("dia", data, &[("offsets", offsets)]);
    assert_eq!(Dia::from_npz(&npz).unwrap(), dia());
    assert_eq!(Sparse::from_npz(&npz).unwrap(), Sparse::Dia(dia()));

    let Bsr { data, indices, indptr, .. } = &bsr();
    let npz = scipy("bsr", data, &[("indices", indices), ("indptr", indptr)]);
    assert_eq!(Bsr::from_npz(&npz).unwrap(), bsr());
    assert_eq!(Sparse::from_npz(&npz).unwrap(), Sparse::Bsr(bsr()));
}

/// Their `write_sparse_{coo,csr,csc,dia,bsr,dynamic}`.
#[test]
fn matrices_are_written_in_every_format() {
    assert_eq!(Sparse::from_npz(&coo().written()).unwrap(), Sparse::Coo(coo()));
    assert_eq!(Sparse::from_npz(&csr().written()).unwrap(), Sparse::Csr(csr()));
    assert_eq!(Sparse::from_npz(&csc().written()).unwrap(), Sparse::Csc(csc()));
    assert_eq!(Sparse::from_npz(&dia().written()).unwrap(), Sparse::Dia(dia()));
    assert_eq!(Sparse::from_npz(&bsr().written()).unwrap(), Sparse::Bsr(bsr()));
}

/// Their `sparse_with_long_indices`, `sparse_dia_with_long_offsets`, `sparse_coo_with_dupes` and
/// `sparse_csr_unsorted`.
#[test]
fn indices_are_long_or_doubled_or_not_sorted() {
    let (huge, long) = ([0x8_0000_0000, 0x10_0000_0000], [0x4_0000_0000, 0x2_0000_0000]);
    let coo = Coo::new(huge, array![3, 1], &[long[0], 3], &[4, long[1]]);
    assert_eq!(Coo::from_npz(&coo.written()).unwrap(), coo);
    let dia = Dia::new([huge[0], 2], array![[0, 1]], &[-huge[0] + 3]);
    assert_eq!(Dia::from_npz(&dia.written()).unwrap(), dia);
    let doubled = Coo::new([5, 5], array![10, 20], &[2, 2], &[3, 3]);
    assert_eq!(Coo::from_npz(&doubled.written()).unwrap(), doubled);
    let unsorted = Csr::new([3, 3], array![2, 2, 1, 2, 2], &[2, 0, 1, 2, 0], &[0, 2, 3, 5]);
    assert_eq!(Csr::from_npz(&unsorted.written()).unwrap(), unsorted);
}

/// Their `read_wrong_format_err`.
#[test]
fn a_matrix_of_another_format_is_an_error() {
    let error = Csr::from_npz(&coo().written()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Other(_)));
    assert_eq!(error.to_string(), "its format is coo, not csr");
}

/// Their `read_fortran_order_err`: here the order of the file does not matter.
#[test]
fn blocks_in_fortran_order_are_read() {
    let Bsr { data, indices, indptr, .. } = bsr();
    let mut fortran = Array3::zeros(data.raw_dim().f());
    fortran.assign(&data);
    let npz = scipy("bsr", &fortran, &[("indices", &indices), ("indptr", &indptr)]);
    assert_eq!(npz.info("data").unwrap().order(), Order::F);
    assert_eq!(Bsr::from_npz(&npz).unwrap(), bsr());
}

/// Their `read_bad_dimension_err`.
#[test]
fn blocks_of_another_dimension_are_an_error() {
    let Bsr { data, indices, indptr, .. } = bsr();
    let flat = data.into_shape_with_order((5, 2)).unwrap();
    let npz = scipy("bsr", &flat, &[("indices", &indices), ("indptr", &indptr)]);
    has_kind!(Bsr::from_npz(&npz), ErrorKind::WrongNdim { expected: 3, .. });
}
