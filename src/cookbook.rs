//! Recipes: what people do with `.npz` files, each as a program that runs. In all of them `path`
//! is the path of your file.
//!
//! [A struct of arrays](#a-struct-of-arrays) ·
//! [Checkpoints](#checkpoints-to-resume-from) ·
//! [A log of rows](#a-log-of-rows) ·
//! [Results of a sweep](#results-of-a-sweep) ·
//! [CSV](#csv) ·
//! [Weights of unknown dtype](#weights-of-unknown-dtype) ·
//! [Python objects](#python-objects) ·
//! [A little of a large array](#a-little-of-a-large-array) ·
//! [Statistics of an array larger than memory](#statistics-of-an-array-larger-than-memory) ·
//! [One map, many threads](#one-map-many-threads) ·
//! [A progress bar](#a-progress-bar) ·
//! [Memory, pipes, sockets](#memory-pipes-sockets) ·
//! [Uploads from strangers](#uploads-from-strangers) ·
//! [Text, dates, records](#text-dates-records) ·
//! [LAPACK and MATLAB](#lapack-and-matlab) ·
//! [Tensors of other libraries](#tensors-of-other-libraries) ·
//! [SciPy's sparse matrices](#scipys-sparse-matrices) ·
//! [Data sets](#data-sets) ·
//! [Names as a tree](#names-as-a-tree)
//!
//! # A struct of arrays
//!
//! An archive is a struct whose fields are arrays, scalars and text. The names of the fields are
//! the keys in Python. [`archive!`](crate::archive!) says what is possible besides: structs in
//! structs, and fields that may be missing.
//!
//! ```
//! use ndarray::{Array1, Array2};
//!
//! struct Run {
//!     field: Array2<f64>,
//!     times: Array1<f64>,
//!     steps: u64,
//!     solver: String,
//! }
//! npz::archive!(Run { field, times, steps, solver });
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("run.npz");
//! let run = Run { field: Array2::eye(3), times: Array1::zeros(4), steps: 7, solver: "rk4".into() };
//! run.save(&path)?;                  // np.load("run.npz")["field"]
//! let run = Run::load(&path)?;
//! # assert_eq!((run.field[[1, 1]], run.times.len(), run.steps, &*run.solver), (1.0, 4, 7, "rk4"));
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # Checkpoints to resume from
//!
//! A save replaces the file in one step: whenever the program is killed, the file is the last
//! checkpoint or the one before. With [`sync`](crate::NpzWriter::sync) this is true after a power
//! failure, too.
//!
//! ```
//! use ndarray::Array1;
//! use npz::{ErrorKind, NpzReader, NpzWriter};
//! use std::io;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("checkpoint.npz");
//! # for _ in 0..2 {
//! let (start, mut state): (u64, Array1<f64>) = match NpzReader::open(&path) {
//!     Ok(npz) => (npz.get("step")?, npz.get("state")?),
//!     // Only if there is no file: one that cannot be read must not be overwritten.
//!     Err(error) if matches!(error.kind(), ErrorKind::Io { source, .. }
//!         if source.kind() == io::ErrorKind::NotFound) => (0, Array1::zeros(1000)),
//!     Err(error) => return Err(error),
//! };
//! # assert!(start == 0 || start == 250);
//! for step in start..250 {
//!     state += 1.0;
//!     if (step + 1) % 50 == 0 {
//!         let mut npz = NpzWriter::create(&path)?.sync(true);
//!         npz.array("step", &(step + 1))?.array("state", &state)?;
//!         npz.finish()?;
//!     }
//! }
//! assert_eq!(state[0], 250.0);
//! # }
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # A log of rows
//!
//! A simulation adds to a file what happened since it did so last. Whenever it is killed, the file is
//! the array as it was before the last time, or after it, and NumPy can read it meanwhile. When it
//! is started again, it goes on where it was.
//!
//! ```
//! use ndarray::{Array1, Array2};
//! use npz::{NpyWriter, ReadNpz};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("positions.npy");
//! fn simulate(path: &std::path::Path, steps: usize) -> npz::Result<()> {
//!     let done = NpyWriter::append(path)?.rows::<f64>([3])?.len();
//!     let mut log: Vec<f64> = Vec::new();
//!     for step in done..steps {
//!         let position = [0.0, 0.5, 1.0].map(|x| x + step as f64);
//!         log.extend(position);
//!         if log.len() == 3 * 100 || step + 1 == steps {
//!             let block = Array2::from_shape_vec((log.len() / 3, 3), std::mem::take(&mut log));
//!             NpyWriter::append(path)?.array(&block.expect("three numbers a step"))?;
//!         }
//!     }
//!     Ok(())
//! }
//! simulate(&path, 250)?;
//! simulate(&path, 1000)?;
//! let positions: Array2<f64> = Array2::load_npy(&path)?;   // np.load("positions.npy", mmap_mode="r")
//! assert_eq!(positions.column(1), Array1::from_iter((0..1000).map(|step| step as f64 + 0.5)));
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # Results of a sweep
//!
//! [`append`](crate::NpzWriter::append) extends an archive, and creates it for the first result.
//! Arrays that are in it already are copied as they are, and are not lost whatever happens.
//!
//! ```
//! use ndarray::Array1;
//! use npz::{NpzReader, NpzWriter};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("sweep.npz");
//! for rate in [0.1, 0.01, 0.001] {
//!     let losses = Array1::from_iter((1..100).map(|step| (-rate * f64::from(step)).exp()));
//!     let mut npz = NpzWriter::append(&path)?;
//!     npz.array(&format!("losses/{rate}"), &losses)?;
//!     npz.finish()?;
//! }
//! assert_eq!(NpzReader::open(&path)?.to_string().split(": ").last(),
//!            Some("losses/0.1, losses/0.01, losses/0.001"));
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! The whole archive is copied each time. If there are many results, add several at a time, or give
//! each a file of its own.
//!
//! # CSV
//!
//! A table becomes an array without ever being in memory as a whole: [`NpzWriter::rows`](crate::NpzWriter::rows)
//! takes row by row, and compresses them on all threads.
//!
//! ```
//! use npz::{Compression, NpzReader, NpzWriter};
//! use std::io::BufRead;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("table.npz");
//! # let file = &b"x,y,z\n1,2.5,3\n4,-5,1e3\n"[..];
//! // let file = BufReader::new(File::open("table.csv")?);
//! let mut lines = file.lines();
//! let names = lines.next().expect("a line with the names")?;
//! let columns = names.split(',').count();
//!
//! let mut npz = NpzWriter::create(&path)?.compression(Compression::Deflate(6));
//! let mut rows = npz.rows::<f64>("table", [columns])?;
//! for line in lines {
//!     let row: Vec<f64> = line?.split(',').map(str::parse).collect::<Result<_, _>>()?;
//!     rows.push(&row)?;   // an error if it has more or fewer columns
//! }
//! rows.finish()?;
//! npz.array("columns", &names.split(',').collect::<Vec<_>>())?;
//! npz.finish()?;
//! # let table: ndarray::Array2<f64> = NpzReader::open(&path)?.get("table")?;
//! # assert_eq!(table, ndarray::array![[1.0, 2.5, 3.0], [4.0, -5.0, 1000.0]]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Weights of unknown dtype
//!
//! [`get_cast`](crate::NpzReader::get_cast) converts numbers of any type, and fails at the first
//! that does not fit. An [`AnyArray`](crate::AnyArray) is whatever the file has, to look at first.
//!
//! ```
//! use ndarray::Array2;
//! use npz::{AnyArray, NpzReader};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("weights.npz");
//! # npz::savez!(&path, w = Array2::<f32>::eye(3), bias = [1_i64, 2])?;
//! let npz = NpzReader::open(&path)?;
//! let w: Array2<f64> = npz.get_cast("w")?;          // float32 in the file
//! for name in npz.names() {
//!     match npz.get(name)? {
//!         AnyArray::F32(array) => println!("{name}: single precision, {:?}", array.dim()),
//!         AnyArray::F64(array) => println!("{name}: double precision, {:?}", array.dim()),
//!         other => println!("{name}: {}", other.dtype()),
//!     }
//! }
//! # assert_eq!(w[[1, 1]], 1.0);
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # Python objects
//!
//! Arrays of different lengths, dicts and lists of names are arrays of dtype `object` in NumPy, which
//! `np.load` loads only with `allow_pickle=True`, because it runs what they say. Here they are data.
//!
//! ```
//! # #[cfg(feature = "pickle")] {
//! use ndarray::{Array1, Array2};
//! use npz::{NpzReader, Value};
//! use std::collections::BTreeMap;
//!
//! // np.savez("study.npz",
//! //     tracks=np.array([np.array([0.0, 0.5, 1.0]), np.array([2.0, 2.5])], dtype=object),
//! //     config={"rate": 0.5, "layers": [64, 32], "weights": np.eye(2)},
//! //     names=np.array(["alpha", "beta"], dtype=object),
//! //     notes=np.array([None, "restarted", datetime.timedelta(seconds=90)], dtype=object))
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/study.npz");
//! let npz = NpzReader::open(path)?;
//!
//! let tracks: Vec<Array1<f64>> = npz.get("tracks")?;
//! assert_eq!(tracks[1].len(), 2);
//! let tracks: Vec<Array1<f32>> = npz.get_cast("tracks")?;
//!
//! let config: BTreeMap<String, Value> = npz.get("config")?;
//! let rate: f64 = config["rate"].clone().try_into()?;
//! let layers: Array1<i64> = config["layers"].clone().try_into()?;
//! let weights: Array2<f64> = config["weights"].clone().try_into()?;
//! # assert_eq!((rate, layers[1], weights[[1, 1]], tracks[0][1]), (0.5, 32, 1.0, 0.5));
//!
//! let names: Vec<String> = npz.get("names")?;
//! # assert_eq!(names, ["alpha", "beta"]);
//!
//! for note in npz.get::<Vec<Value>>("notes")? {
//!     match &note {
//!         Value::None => {}
//!         Value::Str(text) => println!("{text}"),
//!         // What this class means only Python knows. What it is made of can be read.
//!         Value::Opaque(object) if object.name() == "timedelta" => {
//!             let seconds = object.args().and_then(|args| args.get(1)?.as_i64());
//!             assert_eq!(seconds, Some(90));
//!         }
//!         other => println!("{other}"),
//!     }
//! }
//! # }
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # A little of a large array
//!
//! [`get_slice`](crate::NpzReader::get_slice) reads the bytes of the slice and no others, or, if this
//! crate has compressed the array, the blocks of 1 MiB that contain them. `info` tells how large the
//! array is without reading it.
//!
//! ```
//! use ndarray::{Array2, Array3, s};
//! use npz::NpzReader;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("movie.npz");
//! # npz::savez!(&path, frames = Array3::<u8>::ones((100, 12, 16)))?;
//! let npz = NpzReader::open(&path)?;
//! let &[frames, height, width] = npz.info("frames")?.shape() else { panic!("not a movie") };
//!
//! let thumbnails: Array3<u8> = npz.get_slice("frames", s![..;100, ..;4, ..;4])?;
//! let last: Array2<u8> = npz.get_slice("frames", s![-1, .., ..])?;
//! assert_eq!(last.dim(), (height, width));
//!
//! // Sixteen frames at a time. A range that reaches outside would be an error.
//! let mut light = 0;
//! for start in (0..frames).step_by(16) {
//!     let end = frames.min(start + 16);
//!     let some: Array3<u8> = npz.get_slice("frames", s![start..end, .., ..])?;
//!     light += some.iter().map(|&pixel| u64::from(pixel)).sum::<u64>();
//! }
//! assert_eq!(light, (frames * height * width) as u64);
//! # assert_eq!(thumbnails.dim(), (1, 3, 4));
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # Statistics of an array larger than memory
//!
//! [`chunks`](crate::NpzReader::chunks) loads some rows at a time, and reads the next ones while these
//! are worked on. The array is verified when the loop has ended without an error.
//!
//! ```
//! use ndarray::{Array1, Array2, Axis};
//! use npz::NpzReader;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("table.npz");
//! # npz::savez!(&path, table = Array2::from_shape_fn((1000, 3), |(i, j)| (i * j) as f64))?;
//! let npz = NpzReader::open(&path)?;
//! let &[rows, columns] = npz.info("table")?.shape() else { panic!("not a table") };
//! let mut least = Array1::from_elem(columns, f64::INFINITY);
//! let mut most = Array1::from_elem(columns, f64::NEG_INFINITY);
//! let mut sum = Array1::<f64>::zeros(columns);
//! for block in npz.chunks::<Array2<f64>>("table", 300)? {
//!     let block = block?;
//!     for row in block.rows() {
//!         least.zip_mut_with(&row, |least, &value| *least = least.min(value));
//!         most.zip_mut_with(&row, |most, &value| *most = most.max(value));
//!     }
//!     sum += &block.sum_axis(Axis(0));
//! }
//! let mean = sum / rows as f64;
//! println!("minimum {least}, maximum {most}, mean {mean}");
//! # assert_eq!((least[2], most[2], mean[2]), (0.0, 1998.0, 999.0));
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # One map, many threads
//!
//! With the feature `mmap`, an archive is in memory as soon as it is open, and elements are read
//! from the disk when they are looked at. Threads can share a reader, and views are ordinary views
//! of ndarray.
//!
//! ```
//! # #[cfg(feature = "mmap")] {
//! use ndarray::{ArrayView2, Axis};
//! use npz::NpzReader;
//! use std::thread;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("table.npz");
//! # npz::savez!(&path, table = ndarray::Array2::<f64>::ones((1000, 30)))?;
//! // SAFETY: nobody changes the file while it is mapped. It may be replaced.
//! let npz = unsafe { NpzReader::map(&path)? };
//! let table: ArrayView2<f64> = npz.view("table")?;
//! let (top, bottom) = table.split_at(Axis(0), 500);
//! let sums = thread::scope(|scope| {
//!     let sums = [top, bottom].map(|half| scope.spawn(move || half.sum()));
//!     sums.map(|sum| sum.join().unwrap())
//! });
//! assert_eq!(sums, [15_000.0; 2]);
//! # }
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # A progress bar
//!
//! ```
//! use indicatif::ProgressBar;
//! use npz::NpzWriter;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("large.npz");
//! # let x = ndarray::Array2::<f64>::zeros((1000, 500));
//! let bar = ProgressBar::new(x.len() as u64 * 8);
//! let mut npz = NpzWriter::create(&path)?.progress({
//!     let bar = bar.clone();
//!     move |p| bar.set_position(p.bytes_done)
//! });
//! npz.array("x", &x)?;
//! npz.finish()?;
//! # assert_eq!(bar.position(), 4_000_000);
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # Memory, pipes, sockets
//!
//! ```
//! use npz::{NpzReader, NpzWriter};
//! use std::io::{Cursor, Read, Write};
//! use std::net::{TcpListener, TcpStream};
//! use std::thread;
//!
//! // To memory, and from there.
//! let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
//! npz.array("x", &[1.0, 2.0])?;
//! let bytes: Vec<u8> = npz.finish()?.into_inner();
//! let x: Vec<f64> = NpzReader::from_bytes(&bytes)?.get("x")?;
//!
//! // To whatever cannot seek: `io::stdout()`, or a socket.
//! fn send(to: impl Write, x: &[f64]) -> npz::Result<()> {
//!     let mut npz = NpzWriter::stream(to);
//!     npz.array("x", x)?;
//!     npz.finish().map(drop)
//! }
//!
//! // The other end has to have all of it: the directory comes last.
//! let listener = TcpListener::bind("127.0.0.1:0").unwrap();
//! let address = listener.local_addr().unwrap();
//! let sender = thread::spawn(move || send(TcpStream::connect(address).unwrap(), &x));
//! let mut received = Vec::new();
//! listener.accept().unwrap().0.read_to_end(&mut received).unwrap();
//! sender.join().unwrap()?;
//! assert_eq!(NpzReader::from_bytes(received)?.get::<Vec<f64>>("x")?, [1.0, 2.0]);
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # Uploads from strangers
//!
//! Bad files are errors, and good files may still be larger than you like. Limits are checked before
//! anything is allocated.
//!
//! ```
//! use ndarray::Array2;
//! use npz::{ErrorKind, Limits};
//!
//! fn image(upload: &[u8]) -> Result<Array2<u8>, String> {
//!     let limits = Limits::STRICT.max_array_bytes(16 << 20);
//!     let load = || limits.open_bytes(upload)?.get("image");
//!     load().map_err(|error: npz::Error| match error.kind() {
//!         ErrorKind::LimitExceeded { .. } => format!("too large: {error}"),
//!         _ => format!("not an image: {error}"),
//!     })
//! }
//!
//! assert_eq!(image(b"GIF89a").unwrap_err(),
//!            "not an image: not an .npz archive, or it is damaged or cut short");
//! # let mut npz = npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
//! # npz.array("image", &Array2::<u8>::zeros((5000, 5000))).unwrap();
//! # let large = npz.finish().unwrap().into_inner();
//! assert!(image(&large).unwrap_err().starts_with("too large: array `image`: 25000000 bytes"));
//! ```
//!
//! # Text, dates, records
//!
//! ```
//! use npz::{FixedBytes, NpzReader, savez, time::{Datetime64, unit}};
//!
//! /// Loads whatever has fields of these names and types, in any order and with any
//! /// padding: `np.dtype([("symbol", "S4"), ("id", "<u4"), ("position", "<f8", 3)])`.
//! #[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
//! #[repr(C)]
//! struct Atom {
//!     position: [f64; 3],
//!     id: u32,
//!     symbol: FixedBytes<4>,
//! }
//! npz::record!(Atom { position, id, symbol });
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("molecule.npz");
//! let atoms = [Atom { position: [0.0; 3], id: 1, symbol: "O".try_into()? }];
//! let days = [Datetime64::<unit::Day>::new(20_000), Datetime64::NAT];
//! savez!(&path, atoms, days, names = ["water", "Wasser", "水"])?;
//!
//! let npz = NpzReader::open(&path)?;
//! assert_eq!(npz.get::<Vec<Atom>>("atoms")?, atoms);
//! assert_eq!(npz.get::<Vec<String>>("names")?[2], "水");
//! assert_eq!(npz.get::<Vec<Datetime64<unit::Day>>>("days")?[0].to_string(), "2024-10-04");
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # LAPACK and MATLAB
//!
//! Both expect the elements of a column next to each other. Arrays keep the order that they have,
//! unless [`NpzWriter::order`](crate::NpzWriter::order) changes it when they are written. `get` never
//! changes it: an array in Fortran order in the file is in Fortran order in memory.
//!
//! ```
//! use ndarray::{Array2, Order, ShapeBuilder, array};
//! use npz::{NpzReader, NpzWriter};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("matrix.npz");
//! let rows_first = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
//! let mut npz = NpzWriter::create(&path)?.order(Order::F);
//! npz.array("a", &rows_first)?;
//! npz.finish()?;
//!
//! let a: Array2<f64> = NpzReader::open(&path)?.get("a")?;
//! assert_eq!(a, rows_first);
//! assert_eq!(a.strides(), [1, 2]);   // what LAPACK calls a leading dimension of 2
//!
//! // Where only C order will do.
//! let mut rows = Array2::zeros((2, 3).set_f(false));
//! NpzReader::open(&path)?.read_into("a", &mut rows)?;
//! assert_eq!(rows.as_slice(), Some(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..]));
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # Tensors of other libraries
//!
//! They are made of a `Vec` and a shape, and give a slice and a shape. [`Flat`](crate::Flat) saves
//! them, without ndarray and without a copy. candle, burn, ort and arrow want C order; nalgebra and
//! faer want Fortran order, which is named. `examples/recipes` in the repository has programs for
//! candle, burn and nalgebra.
//!
//! ```
//! use npz::ndarray::Order;
//! use npz::{Flat, NpzReader, savez};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("tensors.npz");
//! // A tensor of candle: `tensor.flatten_all()?.to_vec1::<f32>()?` and `tensor.dims()`.
//! let (weights, dims) = (vec![0.5_f32; 24], [2, 3, 4]);
//! // A matrix of nalgebra: `matrix.as_slice()` and `matrix.shape()`.
//! let (columns, (nrows, ncols)) = (vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0], (2, 3));
//! savez!(
//!     &path,
//!     weights = Flat::new(&weights, &dims)?,
//!     matrix = Flat::new(&columns, &[nrows, ncols])?.order(Order::F),
//! )?;
//!
//! let npz = NpzReader::open(&path)?;
//! // For `Tensor::from_vec(data, shape, &device)`, whatever the order in the file.
//! let (data, shape): (Vec<f32>, Vec<usize>) = npz.get("weights")?;
//! # assert_eq!((data, &shape[..]), (weights, &dims[..]));
//! // For `DMatrix::from_vec(shape[0], shape[1], data)`, likewise.
//! let (data, shape) = npz.get::<Flat<Vec<f64>>>("matrix")?.into_parts(Order::F);
//! # assert_eq!((data, shape), (columns, vec![2, 3]));
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # SciPy's sparse matrices
//!
//! `scipy.sparse.save_npz` writes the parts of a matrix under fixed names, and the name of the format
//! as a byte string. Indices are `int32`, or `int64` if they are larger.
//!
//! ```
//! use npz::{Bytes, NpzReader, savez_compressed};
//! use std::path::Path;
//!
//! #[derive(Debug, PartialEq)]
//! struct Csr {
//!     shape: [i64; 2],
//!     starts: Vec<i64>,
//!     columns: Vec<i64>,
//!     values: Vec<f64>,
//! }
//!
//! fn load(path: &Path) -> npz::Result<Csr> {
//!     let npz = NpzReader::open(path)?;
//!     let format: Bytes = npz.get("format")?;
//!     assert_eq!(&*format, b"csr", "other formats have other parts");
//!     let shape: Vec<i64> = npz.get_cast("shape")?;
//!     Ok(Csr {
//!         shape: [shape[0], shape[1]],
//!         starts: npz.get_cast("indptr")?,
//!         columns: npz.get_cast("indices")?,
//!         values: npz.get_cast("data")?,
//!     })
//! }
//!
//! fn save(path: &Path, csr: &Csr) -> npz::Result<()> {
//!     let Csr { shape, starts, columns, values } = csr;
//!     let format = Bytes::from("csr");
//!     savez_compressed!(path, indices = columns, indptr = starts, format, shape, data = values)
//! }
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("sparse.npz");
//! # let csr = Csr { shape: [2, 3], starts: vec![0, 1, 3], columns: vec![2, 0, 1], values: vec![0.5, 1.5, 2.5] };
//! # save(&path, &csr)?;
//! # assert_eq!(load(&path)?, csr);
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # Data sets
//!
//! `mnist.npz` and its like: images and labels, each a training and a test set, of small
//! integers that become numbers between 0 and 1.
//!
//! ```
//! use ndarray::{Array1, Array2, Array3, Axis, s};
//! use npz::NpzReader;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("mnist.npz");
//! # npz::savez_compressed!(&path, x_train = Array3::<u8>::from_elem((60, 28, 28), 51),
//! #                        y_train = Array1::<u8>::ones(60))?;
//! let npz = NpzReader::open(&path)?;
//! let images: Array3<u8> = npz.get("x_train")?;
//! let labels: Array1<u8> = npz.get("y_train")?;
//! assert_eq!(images.len_of(Axis(0)), labels.len());
//!
//! let batch = images.slice(s![..32, .., ..]).mapv(|pixel| f32::from(pixel) / 255.0);
//! let flat: Array2<f32> = batch.into_shape_with_order((32, 28 * 28)).unwrap();
//! # assert_eq!(flat[[31, 0]], 0.2);
//! # Ok::<(), npz::Error>(())
//! ```
//!
//! # Names as a tree
//!
//! Names are arbitrary text. Slashes make folders for whoever unzips the file, and a tree
//! for whoever wants one.
//!
//! ```
//! use ndarray::Array2;
//! use npz::{NpzReader, NpzWriter};
//! use std::io::Cursor;
//!
//! let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
//! for layer in 0..2 {
//!     npz.array(&format!("encoder/{layer}/w"), &Array2::<f32>::eye(4))?;
//!     npz.array(&format!("encoder/{layer}/b"), &[0.0_f32; 4])?;
//! }
//! npz.array("decoder/w", &Array2::<f32>::eye(4))?;
//!
//! let npz = NpzReader::new(npz.finish()?)?;
//! let in_encoder = |name: &&str| name.starts_with("encoder/");
//! let parameters: usize = npz
//!     .names()
//!     .filter(in_encoder)
//!     .map(|name| Ok(npz.info(name)?.shape().iter().product::<usize>()))
//!     .sum::<npz::Result<_>>()?;
//! assert_eq!(parameters, 2 * (16 + 4));
//! # Ok::<(), npz::Error>(())
//! ```
