//! A pickle's objects and which of them refer to which: what its opcodes put together.

use super::value::Value;

/// Which node of a [`Graph`].
pub(super) type Id = u32;

/// The objects of a pickle, and the one that it is of.
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Id,
}

/// An object, and the objects that are in it.
pub(super) enum Node {
    /// One without others in it.
    Leaf(Value),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Set(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    Call(Box<Call>),
}

/// An object that Python would make by calling something: what `__reduce__` returns.
pub(super) struct Call {
    pub(super) callable: Id,
    /// Arguments, a tuple.
    pub(super) args: Id,
    /// What `__setstate__` would be given.
    pub(super) state: Option<Id>,
    /// What would be appended, for kinds of lists.
    pub(super) items: Vec<Id>,
    /// What would be set, for kinds of dicts.
    pub(super) entries: Vec<(Id, Id)>,
}

impl Node {
    /// Passes each node that this one refers to, as often as it does.
    pub(super) fn for_each_inside(&self, mut visit: impl FnMut(Id)) {
        let mut visit_pairs = |pairs: &[(Id, Id)]| {
            pairs.iter().for_each(|&(key, value)| {
                visit(key);
                visit(value);
            });
        };
        match self {
            Self::Leaf(_) => {}
            Self::Dict(entries) => visit_pairs(entries),
            Self::List(items) | Self::Tuple(items) | Self::Set(items) => {
                items.iter().copied().for_each(visit);
            }
            Self::Call(call) => {
                visit_pairs(&call.entries);
                let parts = [Some(call.callable), Some(call.args), call.state];
                parts.into_iter().flatten().chain(call.items.iter().copied()).for_each(visit);
            }
        }
    }

    /// What it is, for messages.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Leaf(_) => "a simple value",
            Self::List(_) => "a list",
            Self::Tuple(_) => "a tuple",
            Self::Set(_) => "a set",
            Self::Dict(_) => "a dict",
            Self::Call(_) => "an object",
        }
    }
}
