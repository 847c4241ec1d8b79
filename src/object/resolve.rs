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

/// What is known of a node.
enum State {
    Unseen,
    /// What is in it is being made.
    Open,
    Done(Done),
}

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

/// The object that the pickle is of.
#[expect(clippy::indexing_slicing, reason = "each id is that of a node")]
pub(super) fn resolve(graph: &Graph, account: &mut Account<'_>) -> Result<Value> {
    let most = FREE_VALUES.saturating_add(account.len().saturating_mul(VALUES_PER_BYTE));
    let mut states = Vec::new();
    states.resize_with(graph.nodes.len(), || State::Unseen);
    let mut steps = vec![Step::Open(graph.root)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Open(id) => match states[id as usize] {
                State::Done(_) => {}
                // What is in it has led back to it.
                State::Open => return Err(Error::unsupported("an object in it contains itself")),
                State::Unseen => {
                    states[id as usize] = State::Open;
                    steps.push(Step::Close(id));
                    graph.nodes[id as usize].for_each_inside(|inside| {
                        // Most of what is referred to again has been made.
                        if !matches!(states[inside as usize], State::Done(_)) {
                            steps.push(Step::Open(inside));
                        }
                    });
                }
            },
            Step::Close(id) => {
                let node = &graph.nodes[id as usize];
                let (mut levels, mut count) = (0, 1_u64);
                node.for_each_inside(|inside| {
                    if let State::Done(inside) = &states[inside as usize] {
                        levels = inside.levels.max(levels);
                        count = count.saturating_add(inside.count);
                    }
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
                let value = make(node, &states, account)?;
                states[id as usize] = State::Done(Done { value, levels, count });
            }
        }
    }
    Ok(value(&states, graph.root))
}

/// The object that has been made of a node.
#[expect(clippy::indexing_slicing, reason = "each id is that of a node")]
fn value(states: &[State], id: Id) -> Value {
    match &states[id as usize] {
        State::Done(done) => done.value.clone(),
        State::Unseen | State::Open => Value::None,
    }
}

fn make(node: &Node, states: &[State], account: &mut Account<'_>) -> Result<Value> {
    let all = |ids: &[Id]| ids.iter().map(|&id| value(states, id)).collect::<Arc<[_]>>();
    let pairs = |ids: &[(Id, Id)]| {
        ids.iter().map(|&(key, item)| (value(states, key), value(states, item))).collect()
    };
    Ok(match node {
        Node::Leaf(value) => value.clone(),
        Node::List(items) => Value::List(all(items)),
        Node::Tuple(items) => Value::Tuple(all(items)),
        Node::Set(items) => Value::Set(all(items)),
        Node::Dict(entries) => Value::Dict(pairs(entries)),
        Node::Call(call) => {
            // Calls often have the same arguments, and share them.
            let mut args = match value(states, call.args) {
                Value::Tuple(args) => args,
                _ => [].into(),
            };
            let class = match value(states, call.callable) {
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
                state: call.state.map_or(Value::None, |state| value(states, state)),
                items: all(&call.items),
                entries: pairs(&call.entries),
                ..class
            };
            known::value(object, account)?
        }
    })
}
