//! A pickle → a [`Graph`]: an interpreter of the opcodes, which puts data together and does nothing
//! else. It knows no class, and no NumPy.
//!
//! A pickle is a program for a machine with a stack and a memo, which makes one object. Opcodes
//! push values, or take what is above a mark and make a list of it; `PUT` and `GET` let objects be
//! referred to again. Where Python would import something, the graph has its name; where Python would
//! call it, the graph has a [`Call`].

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::account::Account;
use super::graph::{Call, Graph, Id, Node};
use super::input::Input;
use super::int;
use super::memo::Memo;
use super::opcode::*;
use super::text::{python2_str, quoted_bytes, raw_unicode, str};
use super::value::{Opaque, Value};
use crate::element::Body;
use crate::error::{Error, Result};
use crate::visible::quoted;

/// The latest protocol.
const LATEST: u8 = 5;

/// What a node takes with its value, and what an opcode takes otherwise: places on the stack and in
/// the memo. Allocators and growing vectors are allowed for.
const NODE: u64 = 320;
const OPCODE: u64 = 80;

/// What a byte of a counted argument takes, which is copied while vectors grow and when it is shared,
/// and what a character of a line, which is decoded, too.
const BYTE: u64 = 3;
const CHARACTER: u64 = 16;

/// Reads the pickle that `body` begins with.
pub(super) fn read<'a>(body: Body<'a>, account: &mut Account<'a>) -> Result<Graph> {
    Machine {
        input: Input::new(body),
        at: 0,
        account,
        nodes: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Memo::default(),
    }
    .run()
}

struct Machine<'a, 'm> {
    input: Input<'a>,
    /// How many of the bytes have been read.
    at: u64,
    account: &'m mut Account<'a>,
    nodes: Vec<Node>,
    stack: Vec<Id>,
    /// How high the stack was where a mark was set.
    marks: Vec<usize>,
    memo: Memo,
}

impl Machine<'_, '_> {
    fn run(mut self) -> Result<Graph> {
        loop {
            let [opcode] = self.array()?;
            if opcode == STOP {
                let root = self.pop()?;
                return Ok(Graph { nodes: self.nodes, root });
            }
            self.account.add(OPCODE)?;
            self.execute(opcode)?;
        }
    }

    fn execute(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            PROTO => match self.array()? {
                [0..=LATEST] => Ok(()),
                [protocol] => {
                    Err(Error::unsupported(format!("protocol {protocol} of pickles is not known")))
                }
            },
            // What it frames is read the same without it.
            FRAME => self.array::<8>().map(drop),

            NONE => self.push_value(Value::None),
            NEWTRUE => self.push_value(Value::Bool(true)),
            NEWFALSE => self.push_value(Value::Bool(false)),
            BININT => self.array().map(i32::from_le_bytes).and_then(|int| self.push_int(int)),
            BININT1 => self.array().map(u8::from_le_bytes).and_then(|int| self.push_int(int)),
            BININT2 => self.array().map(u16::from_le_bytes).and_then(|int| self.push_int(int)),
            INT | LONG => {
                let line = self.line()?;
                let value = match &*line {
                    "00" => Some(Value::Bool(false)),
                    "01" => Some(Value::Bool(true)),
                    int => int::parse(int.strip_suffix('L').unwrap_or(int)),
                };
                self.push_value(value.ok_or_else(|| self.no("an integer", &line))?)
            }
            LONG1 | LONG4 => {
                let len = if opcode == LONG1 { self.len::<1>()? } else { self.len::<4>()? };
                let value = int::from_le_bytes(&self.take(len)?);
                self.push_value(value)
            }
            FLOAT => {
                let line = self.line()?;
                let float = line.parse().map_err(|_| self.no("a float", &line))?;
                self.push_value(Value::Float(float))
            }
            BINFLOAT => {
                let float = f64::from_be_bytes(self.array()?);
                self.push_value(Value::Float(float))
            }

            SHORT_BINUNICODE => self.text::<1>(),
            BINUNICODE => self.text::<4>(),
            BINUNICODE8 => self.text::<8>(),
            UNICODE => {
                let line = self.line()?;
                let text = raw_unicode(&line).ok_or_else(|| self.no("text", &line))?;
                self.push_value(str(text.into()))
            }
            SHORT_BINBYTES => self.bytes::<1>(),
            BINBYTES => self.bytes::<4>(),
            BINBYTES8 | BYTEARRAY8 => self.bytes::<8>(),
            SHORT_BINSTRING => self.python2_str::<1>(),
            BINSTRING => self.python2_str::<4>(),
            STRING => {
                let line = self.line()?;
                let bytes = quoted_bytes(&line).ok_or_else(|| self.no("a string", &line))?;
                self.push_value(python2_str(bytes.into()))
            }

            EMPTY_LIST => self.push(Node::List(Vec::new())),
            EMPTY_TUPLE => self.push(Node::Tuple(Vec::new())),
            EMPTY_SET => self.push(Node::Set(Vec::new())),
            EMPTY_DICT => self.push(Node::Dict(Vec::new())),
            LIST => self.pop_to_mark().and_then(|items| self.push(Node::List(items))),
            TUPLE => self.pop_to_mark().and_then(|items| self.push(Node::Tuple(items))),
            FROZENSET => self.pop_to_mark().and_then(|items| self.push(Node::Set(items))),
            DICT => {
                let entries = self.pop_pairs()?;
                self.push(Node::Dict(entries))
            }
            TUPLE1 => self.tuple::<1>(),
            TUPLE2 => self.tuple::<2>(),
            TUPLE3 => self.tuple::<3>(),
            APPEND => {
                let item = self.pop()?;
                self.extend(vec![item])
            }
            APPENDS | ADDITEMS => self.pop_to_mark().and_then(|items| self.extend(items)),
            SETITEM => {
                let [key, value] = self.pop_array()?;
                self.set_items(vec![(key, value)])
            }
            SETITEMS => {
                let entries = self.pop_pairs()?;
                self.set_items(entries)
            }

            GLOBAL => {
                let (module, name) = (self.line()?, self.line()?);
                self.push_global(&module, &name)
            }
            STACK_GLOBAL => {
                let [module, name] = self.pop_array()?;
                let (Node::Leaf(Value::Str(module)), Node::Leaf(Value::Str(name))) =
                    (self.node(module), self.node(name))
                else {
                    return Err(self.problem("the name of a class is not a str"));
                };
                let (module, name) = (Arc::clone(module), Arc::clone(name));
                self.push_named(module, name)
            }
            REDUCE | NEWOBJ => {
                let [callable, args] = self.pop_array()?;
                self.call(callable, args)
            }
            NEWOBJ_EX => {
                let [callable, args, keywords] = self.pop_array()?;
                // They follow the others, where there are any.
                let has_keywords =
                    !matches!(self.node(keywords), Node::Dict(all) if all.is_empty());
                if !has_keywords {
                    return self.call(callable, args);
                }
                let len = self.tuple_items(args)?.len() as u64;
                self.account.add(len.saturating_mul(OPCODE))?;
                let args = [self.tuple_items(args)?, &[keywords]].concat();
                self.call_with(callable, args)
            }
            OBJ => {
                let mut args = self.pop_to_mark()?;
                if args.is_empty() {
                    return Err(self.problem("there is no class to make an object of"));
                }
                let callable = args.remove(0);
                self.call_with(callable, args)
            }
            INST => {
                let (module, name) = (self.line()?, self.line()?);
                let args = self.pop_to_mark()?;
                self.push_global(&module, &name)?;
                let callable = self.pop()?;
                self.call_with(callable, args)
            }
            BUILD => {
                let state = self.pop()?;
                self.change("a state", |node| match node {
                    Node::Call(call) if call.state.is_none() => {
                        call.state = Some(state);
                        Some(())
                    }
                    _ => None,
                })
            }

            MARK => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            POP if self.marks.last() == Some(&self.stack.len()) => self.pop_to_mark().map(drop),
            POP => self.pop().map(drop),
            POP_MARK => self.pop_to_mark().map(drop),
            DUP => {
                let top = self.pop()?;
                self.stack.extend([top, top]);
                Ok(())
            }

            PUT => self.index().and_then(|index| self.put(index)),
            BINPUT => self.array().map(u8::from_le_bytes).and_then(|index| self.put(index.into())),
            LONG_BINPUT => self.array().map(u32::from_le_bytes).and_then(|index| self.put(index)),
            MEMOIZE => self.put(self.memo.len() as u32), // fewer than nodes
            GET => self.index().and_then(|index| self.get(index)),
            BINGET => self.array().map(u8::from_le_bytes).and_then(|index| self.get(index.into())),
            LONG_BINGET => self.array().map(u32::from_le_bytes).and_then(|index| self.get(index)),

            PERSID | BINPERSID | EXT1 | EXT2 | EXT4 | NEXT_BUFFER | READONLY_BUFFER => {
                Err(Error::unsupported("it refers to something outside the pickle"))
            }
            _ => Err(self.problem(format_args!("{opcode:#04x} is no opcode"))),
        }
    }

    // Bytes.

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.input.array()?;
        self.advance(N);
        Ok(bytes)
    }

    /// Counts bytes that are read.
    fn advance(&mut self, len: usize) {
        self.at = self.at.saturating_add(len as u64);
        self.account.read(len as u64);
    }

    /// A length of `N` bytes.
    fn len<const N: usize>(&mut self) -> Result<usize> {
        let mut wide = [0; 8];
        wide.split_at_mut(N).0.copy_from_slice(&self.array::<N>()?);
        let len = u64::from_le_bytes(wide);
        usize::try_from(len).map_err(|_| Error::out_of_memory(usize::MAX))
    }

    /// The next `len` bytes. Memory grows as they come.
    fn take(&mut self, len: usize) -> Result<Cow<'_, [u8]>> {
        self.advance(len);
        self.account.add((len as u64).saturating_mul(BYTE))?;
        self.input.take(len)
    }

    /// The bytes behind a length of `N` bytes.
    fn take_counted<const N: usize>(&mut self) -> Result<Cow<'_, [u8]>> {
        let len = self.len::<N>()?;
        self.take(len)
    }

    /// The text up to the end of the line. Its bytes are its characters.
    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        loop {
            match self.array()? {
                [b'\n'] => return Ok(line),
                [byte] => line.push(byte.into()),
            }
            self.account.add(CHARACTER)?;
        }
    }

    /// A memo's index, as a line.
    fn index(&mut self) -> Result<u32> {
        let line = self.line()?;
        line.parse().map_err(|_| self.no("an index", &line))
    }

    /// The error for a pickle that is not what Python writes.
    fn problem(&self, problem: impl fmt::Display) -> Error {
        Error::npy(format!("its pickle is malformed before byte {}: {problem}", self.at))
    }

    /// The error for a line that is not what it should be.
    fn no(&self, what: &str, line: &str) -> Error {
        self.problem(format_args!("{} is not {what}", quoted(line)))
    }

    // The stack and the memo.

    fn push(&mut self, node: Node) -> Result<()> {
        self.account.add(NODE)?;
        let id = Id::try_from(self.nodes.len());
        let id =
            id.map_err(|_| Error::unsupported("there are more than 4,294,967,296 objects in it"))?;
        self.nodes.push(node);
        self.stack.push(id);
        Ok(())
    }

    fn push_value(&mut self, value: Value) -> Result<()> {
        self.push(Node::Leaf(value))
    }

    fn push_int(&mut self, int: impl Into<i128>) -> Result<()> {
        self.push_value(Value::Int(int.into()))
    }

    /// The last object on the stack, above the last mark.
    fn pop(&mut self) -> Result<Id> {
        let [id] = self.pop_array()?;
        Ok(id)
    }

    /// The last objects on the stack, in their order.
    fn pop_array<const N: usize>(&mut self) -> Result<[Id; N]> {
        let mark = self.marks.last().copied().unwrap_or(0);
        let start = self.stack.len().checked_sub(N).filter(|&start| start >= mark);
        let items = start.and_then(|start| self.stack.get(start..)?.try_into().ok());
        let items = items.ok_or_else(|| self.problem("more objects are needed than there are"))?;
        self.stack.truncate(start.unwrap_or(0));
        Ok(items)
    }

    /// All objects above the last mark, which is removed.
    fn pop_to_mark(&mut self) -> Result<Vec<Id>> {
        let mark = self.marks.pop().ok_or_else(|| self.problem("there is no mark"))?;
        Ok(self.stack.split_off(mark))
    }

    /// All keys and values above the last mark, which is removed.
    fn pop_pairs(&mut self) -> Result<Vec<(Id, Id)>> {
        let items = self.pop_to_mark()?;
        match items.as_chunks() {
            (pairs, []) => Ok(pairs.iter().map(|&[key, value]| (key, value)).collect()),
            _ => Err(self.problem("a key of a dict has no value")),
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "whatever is on the stack or in the memo is a node"
    )]
    fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    /// Changes the last object on the stack, if `change` can.
    #[expect(clippy::indexing_slicing, reason = "whatever is on the stack is a node")]
    fn change(&mut self, what: &str, change: impl FnOnce(&mut Node) -> Option<()>) -> Result<()> {
        let id = self.pop()?;
        self.stack.push(id);
        match change(&mut self.nodes[id as usize]) {
            Some(()) => Ok(()),
            None => Err(self.problem(format_args!("{what} for {}", self.node(id).describe()))),
        }
    }

    fn put(&mut self, index: u32) -> Result<()> {
        let id = self.pop()?;
        self.stack.push(id);
        self.memo.put(index, id);
        Ok(())
    }

    fn get(&mut self, index: u32) -> Result<()> {
        let id = self.memo.get(index);
        let id = id.ok_or_else(|| self.problem(format_args!("there is no object {index}")))?;
        self.stack.push(id);
        Ok(())
    }

    // Texts and bytes.

    fn text<const N: usize>(&mut self) -> Result<()> {
        let value = str(self.take_counted::<N>()?);
        self.push_value(value)
    }

    fn bytes<const N: usize>(&mut self) -> Result<()> {
        let value = Value::Bytes(self.take_counted::<N>()?.into());
        self.push_value(value)
    }

    fn python2_str<const N: usize>(&mut self) -> Result<()> {
        let value = python2_str(self.take_counted::<N>()?);
        self.push_value(value)
    }

    // Collections.

    fn tuple<const N: usize>(&mut self) -> Result<()> {
        let items = self.pop_array::<N>()?;
        self.push(Node::Tuple(items.to_vec()))
    }

    fn tuple_items(&self, id: Id) -> Result<&[Id]> {
        match self.node(id) {
            Node::Tuple(items) => Ok(items),
            other => Err(self.problem(format_args!("{} for arguments", other.describe()))),
        }
    }

    /// Adds items to the list or set, or kind of list, on top of the stack.
    fn extend(&mut self, mut more: Vec<Id>) -> Result<()> {
        self.change("items", |node| {
            let items = match node {
                Node::List(items) | Node::Set(items) => items,
                Node::Call(call) => &mut call.items,
                _ => return None,
            };
            items.append(&mut more);
            Some(())
        })
    }

    /// Adds entries to the dict, or kind of dict, on top of the stack.
    fn set_items(&mut self, mut more: Vec<(Id, Id)>) -> Result<()> {
        self.change("entries", |node| {
            let entries = match node {
                Node::Dict(entries) => entries,
                Node::Call(call) => &mut call.entries,
                _ => return None,
            };
            entries.append(&mut more);
            Some(())
        })
    }

    // Classes and their objects.

    fn push_global(&mut self, module: &str, name: &str) -> Result<()> {
        self.push_named(module.into(), name.into())
    }

    fn push_named(&mut self, module: Arc<str>, name: Arc<str>) -> Result<()> {
        // What Python 2 calls them, and protocols 0 to 2 of Python 3.
        let module = match &*module {
            "__builtin__" => "builtins".into(),
            "copy_reg" => "copyreg".into(),
            _ => module,
        };
        self.push_value(Value::Opaque(Arc::new(Opaque::named(module, name))))
    }

    fn call(&mut self, callable: Id, args: Id) -> Result<()> {
        self.tuple_items(args)?;
        let call = Call { callable, args, state: None, items: Vec::new(), entries: Vec::new() };
        self.push(Node::Call(Box::new(call)))
    }

    fn call_with(&mut self, callable: Id, args: Vec<Id>) -> Result<()> {
        self.push(Node::Tuple(args))?;
        let args = self.pop()?;
        self.call(callable, args)
    }
}
