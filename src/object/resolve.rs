//! A [`Graph`] → a [`Value`]: each object after those that are in it.

use std::sync::Arc;

use super::account::Account;
use super::graph::{Graph, Id, Node};
use super::known;
use super::value::{Opaque, Value};
use crate::error::{Error, ErrorKind, Result};

/// How deep objects may be in each other: deeper than real ones are, and not so deep that a
/// function that calls itself for each runs out of its stack.
const MOST_LEVELS: u16 = 256;

/// How many values there may be for each byte of the pickle, and anyway, if those that are referred to
/// several times are counted so often: whoever walks through them meets them so often.
const VALUES_PER_BYTE: u64 = 32;
const FREE_VALUES: u64 = 4 << 20;

/// What is known of a node that has others in it.
enum State {
    Unseen,
    /// What is in it is being made.
    Open,
    /// Which it is of those that have been made.
    Done(Id),
}

/// What has been made of a node.
struct Done {
    value: Value,
    /// How many levels there are, itself included, and how many values.
    levels: u16,
    count: u64,
}

enum Step {
    Open(Id),
    Close(Id),
}

/// The objects of a graph, of which some have been made.
struct Objects<'a> {
    nodes: &'a [Node],
    states: Vec<State>,
    done: Vec<Done>,
}

/// The object that the pickle is of.
#[expect(clippy::indexing_slicing, reason = "each id is that of a node")]
pub(super) fn resolve(graph: &Graph, account: &mut Account<'_>) -> Result<Value> {
    let most = FREE_VALUES.saturating_add(account.len().saturating_mul(VALUES_PER_BYTE));
    let mut states = Vec::new();
    states.resize_with(graph.nodes.len(), || State::Unseen);
    let mut objects = Objects { nodes: &graph.nodes, states, done: Vec::new() };
    let mut steps = vec![Step::Open(graph.root)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Open(id) => match objects.states[id as usize] {
                State::Done(_) => {}
                // What is in it has led back to it.
                State::Open => return Err(Error::unsupported("an object in it contains itself")),
                State::Unseen => {
                    objects.states[id as usize] = State::Open;
                    steps.push(Step::Close(id));
                    graph.nodes[id as usize].for_each_inside(|inside| {
                        // Most of what is referred to again has been made.
                        if !objects.has(inside) {
                            steps.push(Step::Open(inside));
                        }
                    });
                }
            },
            Step::Close(id) => {
                let done = objects.make(id, most, account)?;
                // Fewer than nodes.
                objects.states[id as usize] = State::Done(objects.done.len() as Id);
                objects.done.push(done);
            }
        }
    }
    Ok(objects.value(graph.root))
}

#[expect(clippy::indexing_slicing, reason = "each id is that of a node")]
impl Objects<'_> {
    /// Whether there is nothing to be made of a node, or it has been.
    fn has(&self, id: Id) -> bool {
        matches!(
            (&self.nodes[id as usize], &self.states[id as usize]),
            (Node::Leaf(_), _) | (_, State::Done(_))
        )
    }

    fn done(&self, id: Id) -> Option<&Done> {
        match self.states[id as usize] {
            State::Done(index) => self.done.get(index as usize),
            State::Unseen | State::Open => None,
        }
    }

    /// The object that has been made of a node.
    fn value(&self, id: Id) -> Value {
        match &self.nodes[id as usize] {
            Node::Leaf(value) => value.clone(),
            _ => self.done(id).map(|done| done.value.clone()).unwrap_or_default(),
        }
    }

    /// Makes the object of a node, if there are no more than `most` values in it.
    fn make(&self, id: Id, most: u64, account: &mut Account<'_>) -> Result<Done> {
        let node = &self.nodes[id as usize];
        let (mut levels, mut count) = (0, 1_u64);
        node.for_each_inside(|inside| {
            let (more_levels, more) =
                self.done(inside).map_or((1, 1), |done| (done.levels, done.count));
            levels = more_levels.max(levels);
            count = count.saturating_add(more);
        });
        levels = levels.saturating_add(1);
        if levels > MOST_LEVELS {
            return Err(Error::unsupported(format!(
                "its objects are in each other, more than {MOST_LEVELS} levels deep"
            )));
        }
        if count > most {
            let problem = format!(
                "{count} values in it, if those that are referred to several times are counted \
                 so often; at most {most} are read"
            );
            return Err(ErrorKind::LimitExceeded { problem }.into());
        }
        Ok(Done { value: self.value_of(node, account)?, levels, count })
    }

    fn value_of(&self, node: &Node, account: &mut Account<'_>) -> Result<Value> {
        let all = |ids: &[Id]| ids.iter().map(|&id| self.value(id)).collect::<Arc<[_]>>();
        let pairs = |ids: &[(Id, Id)]| {
            ids.iter().map(|&(key, item)| (self.value(key), self.value(item))).collect()
        };
        Ok(match node {
            Node::Leaf(value) => value.clone(),
            Node::List(items) => Value::List(all(items)),
            Node::Tuple(items) => Value::Tuple(all(items)),
            Node::Set(items) => Value::Set(all(items)),
            Node::Dict(entries) => Value::Dict(pairs(entries)),
            Node::Call(call) => {
                // Calls often have the same arguments, and share them.
                let mut args = match self.value(call.args) {
                    Value::Tuple(args) => args,
                    _ => [].into(),
                };
                let class = match self.value(call.callable) {
                    Value::Opaque(class) if class.args.is_none() => (*class).clone(),
                    // What another call returns is called, which has no name.
                    other => {
                        account.add_values(args.len())?;
                        args = [other].into_iter().chain(args.iter().cloned()).collect();
                        Opaque::named("".into(), "<call>".into())
                    }
                };
                let object = Opaque {
                    args: Some(args),
                    state: call.state.map_or(Value::None, |state| self.value(state)),
                    items: all(&call.items),
                    entries: pairs(&call.entries),
                    ..class
                };
                known::value(object, account)?
            }
        })
    }
}
