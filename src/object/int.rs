//! Python's integers, which have any number of digits.

use std::fmt;
use std::sync::Arc;

use super::value::Value;

/// As many digits as Python reads and writes of an integer.
const MOST_DIGITS: usize = 4300;

/// The digits that a group of 32 bits takes.
const GROUP: u64 = 1_000_000_000;
const GROUP_DIGITS: usize = 9;

/// A Python `int` that 128 bits do not hold.
///
/// It is displayed in decimal, if it has at most 4,300 digits, as by Python.
///
/// # Examples
///
/// ```
/// use npz::{NpzReader, Value};
///
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/objects.npz");
/// # let ints: Vec<Value> = NpzReader::open(path)?.get("ints 4")?;
/// # /*
/// // np.savez("ints.npz", x=np.array([…, 10**40], dtype=object))
/// let ints: Vec<Value> = NpzReader::open("ints.npz")?.get("x")?;
/// # */
/// let Value::BigInt(int) = &ints[13] else { panic!("{}", ints[13]) };
/// assert_eq!(int.to_string(), format!("1{}", "0".repeat(40)));
/// assert_eq!(int.to_le_bytes().len(), 17);
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BigInt(Arc<[u8]>);

impl BigInt {
    /// Its bytes in two's complement, the least significant first: what
    /// `int.from_bytes(bytes, "little", signed=True)` takes. There are no more than it needs.
    pub fn to_le_bytes(&self) -> &[u8] {
        &self.0
    }

    fn is_negative(&self) -> bool {
        self.0.last().is_some_and(|&byte| byte >= 0x80)
    }

    /// Its digits without the sign, in groups of nine, the last group first.
    fn groups(&self) -> Vec<u32> {
        let mut limbs: Vec<u32> = Vec::new();
        // The size of a negative number is that of its complement and one.
        let (flip, mut carry) = if self.is_negative() { (u32::MAX, 1) } else { (0, 0) };
        for bytes in self.0.chunks(4) {
            let mut limb = if flip == 0 { [0; 4] } else { [0xff; 4] };
            limb.split_at_mut(bytes.len()).0.copy_from_slice(bytes);
            let (limb, overflows) = (u32::from_le_bytes(limb) ^ flip).overflowing_add(carry);
            carry = u32::from(overflows);
            limbs.push(limb);
        }
        limbs.extend((carry > 0).then_some(carry));
        let mut groups = Vec::new();
        while limbs.iter().any(|&limb| limb > 0) {
            let mut rest = 0_u64;
            for limb in limbs.iter_mut().rev() {
                let dividend = rest << 32 | u64::from(*limb);
                *limb = (dividend / GROUP) as u32;
                rest = dividend % GROUP;
            }
            groups.push(rest as u32);
            while limbs.pop_if(|limb| *limb == 0).is_some() {}
        }
        groups
    }
}

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Twelve digits take five bytes, nearly.
        if self.0.len() > MOST_DIGITS / 12 * 5 {
            let bits = self.0.len().saturating_mul(8);
            return write!(f, "<int of {bits} bits>");
        }
        let mut groups = self.groups().into_iter().rev();
        f.write_str(if self.is_negative() { "-" } else { "" })?;
        write!(f, "{}", groups.next().unwrap_or(0))?;
        groups.try_for_each(|group| write!(f, "{group:0GROUP_DIGITS$}"))
    }
}

/// The integer that `bytes` are in two's complement, the least significant first.
pub(super) fn from_le_bytes(bytes: &[u8]) -> Value {
    let sign = if bytes.last().is_some_and(|&byte| byte >= 0x80) { 0xff } else { 0 };
    // The last byte that is more than sign; the sign itself needs one bit before.
    let end = bytes.iter().rposition(|&byte| byte != sign).map_or(0, |last| last.saturating_add(1));
    let (number, _) = bytes.split_at(end);
    let has_sign = number.last().is_none_or(|&byte| byte < 0x80) == (sign == 0);
    let mut wide = [sign; 16];
    match wide.split_at_mut_checked(number.len()) {
        Some((low, _)) if has_sign || number.len() < 16 => {
            low.copy_from_slice(number);
            Value::Int(i128::from_le_bytes(wide))
        }
        _ => {
            let sign: &[u8] = if has_sign { &[] } else { &[sign] };
            Value::BigInt(BigInt([number, sign].concat().into()))
        }
    }
}

/// The integer that `text` is in decimal, if it is one that Python would read.
pub(super) fn parse(text: &str) -> Option<Value> {
    if let Ok(int) = text.parse() {
        return Some(Value::Int(int));
    }
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.len() > MOST_DIGITS
        || digits.is_empty()
        || !digits.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let mut limbs: Vec<u32> = Vec::new();
    for digits in digits.as_bytes().rchunks(GROUP_DIGITS).rev() {
        let mut carry = digits.iter().fold(0, |group: u64, digit| {
            group.wrapping_mul(10).wrapping_add(u64::from(digit & 0xf))
        });
        for limb in &mut limbs {
            // No more than 64 bits: (2³² - 1) · 10⁹ and a carry that is less than 10⁹.
            let wide = u64::from(*limb).wrapping_mul(GROUP).wrapping_add(carry);
            (*limb, carry) = (wide as u32, wide >> 32);
        }
        limbs.extend((carry > 0).then_some(carry as u32));
    }
    // With room for the sign.
    limbs.push(0);
    if is_negative {
        let mut carry = true;
        for limb in &mut limbs {
            (*limb, carry) = (!*limb).overflowing_add(u32::from(carry));
        }
    }
    let bytes: Vec<u8> = limbs.into_iter().flat_map(u32::to_le_bytes).collect();
    Some(from_le_bytes(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_any_length_are_read_and_written() {
        for text in [
            "0",
            "-1",
            "170141183460469231731687303715884105727",
            "170141183460469231731687303715884105728",
            "-170141183460469231731687303715884105728",
            "-170141183460469231731687303715884105729",
            "340282366920938463463374607431768211456",
            "-340282366920938463463374607431768211456",
            "1000000000000000000000000000000000000000000000000000000001",
            "-115792089237316195423570985008687907853269984665640564039457584007913129639936",
        ] {
            let int = parse(text).unwrap();
            assert_eq!(int.to_string(), text);
            assert_eq!(matches!(int, Value::Int(_)), text.parse::<i128>().is_ok(), "{text}");
            if let Value::BigInt(big) = &int {
                assert_eq!(from_le_bytes(big.to_le_bytes()), int);
                let sign = if big.is_negative() { 0xff } else { 0 };
                assert_eq!(from_le_bytes(&[big.to_le_bytes(), &[sign; 3]].concat()), int);
                // As few bytes as there can be.
                let bits = big.to_le_bytes().len() * 8;
                assert!(bits > 128 && bits <= 8 * (text.len() * 5 / 12 + 1), "{text}");
            }
        }
        for text in ["", "-", "1_0", "0x1", "1 ", "--1", &"9".repeat(MOST_DIGITS + 1)] {
            assert_eq!(parse(text), None, "{text}");
        }
        let long = format!("-{}", "9".repeat(MOST_DIGITS));
        assert_eq!(parse(&long).unwrap().to_string(), long);
        assert_eq!(from_le_bytes(&[1; 2000]).to_string(), "<int of 16000 bits>");
    }

    #[test]
    fn bytes_are_in_twos_complement() {
        for (bytes, expected) in [
            (&[][..], 0),
            (&[0], 0),
            (&[0xff], -1),
            (&[0x80], -128),
            (&[0x80, 0], 128),
            (&[0xff, 0xff, 0xff], -1),
            (&[0; 40], 0),
            (&[0xff; 40], -1),
            (&[0xff; 15], -1),
        ] {
            assert_eq!(from_le_bytes(bytes), Value::Int(expected), "{bytes:?}");
        }
        let most = [&[0xff; 15][..], &[0x7f]].concat();
        assert_eq!(from_le_bytes(&most), Value::Int(i128::MAX));
        assert!(matches!(from_le_bytes(&[&[0xff; 16][..], &[0]].concat()), Value::BigInt(_)));
        assert!(matches!(from_le_bytes(&[&[0; 16][..], &[0xff]].concat()), Value::BigInt(_)));
    }
}
