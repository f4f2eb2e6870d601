//! Numbers and days from texts as nearly all files write them; everything else is left to the reader of cells.

use crate::value::Date;

/// `-12.5` times ten to the decimals: plain digits only, no more than 18 of them.
pub fn decimal(text: &[u8], start: usize, end: usize, decimals: u32) -> Option<i64> {
    if let Some(whole) = whole(text, start, end) {
        return match decimals {
            0 => Some(whole),
            _ => whole.checked_mul(10i64.checked_pow(decimals)?),
        };
    }
    let (negative, digits) = match &text[start..end] {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let (mut number, mut after) = (0i64, None::<u32>);
    for byte in digits {
        match (byte, after) {
            (b'0'..=b'9', _) => {
                number = number * 10 + i64::from(byte - b'0');
                after = after.map(|count| count + 1);
            }
            (b'.', None) => after = Some(0),
            _ => return None,
        }
    }
    let after = after.unwrap_or(0);
    if digits.len() == after as usize + 1 && after > 0 || digits.last() == Some(&b'.') || after > decimals {
        return None;
    }
    let number = number.checked_mul(10i64.checked_pow(decimals - after)?)?;
    Some(if negative { -number } else { number })
}

/// Up to 16 digits and nothing else, where enough stands before them that 16 bytes can be looked at at once: the
/// digits become numbers below 100, those below 10,000, and so on (D. Lemire, "Number parsing at a gigabyte per
/// second", 2021).
fn whole(text: &[u8], start: usize, end: usize) -> Option<i64> {
    const ZEROS: u128 = u128::from_le_bytes([b'0'; 16]);
    let last: &[u8; 16] = text[..end].last_chunk()?;
    let others = 16usize.checked_sub(end - start).filter(|others| *others < 16)?;
    // What stands before the digits becomes zeros.
    let before = (1u128 << (8 * others)) - 1;
    let digits = u128::from_le_bytes(*last) & !before | ZEROS & before;
    let high = u128::from_le_bytes([0xF0; 16]);
    let beyond_nine = u128::from_le_bytes([0x06; 16]);
    if digits & high != ZEROS & high || digits.wrapping_add(beyond_nine) & high != ZEROS & high {
        return None;
    }
    let eight = |digits: u64| {
        let twos = (digits & 0x0F0F_0F0F_0F0F_0F0F).wrapping_mul(2561) >> 8;
        let fours = (twos & 0x00FF_00FF_00FF_00FF).wrapping_mul(6_553_601) >> 16;
        ((fours & 0x0000_FFFF_0000_FFFF).wrapping_mul(42_949_672_960_001) >> 32) as i64
    };
    Some(eight(digits as u64) * 100_000_000 + eight((digits >> 64) as u64))
}

/// `2020-02-10` as days.
pub fn day(text: &[u8], start: usize, end: usize) -> Option<i64> {
    let bytes: &[u8; 10] = text[start..end].try_into().ok()?;
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes[from..to]
            .iter()
            .try_fold(0i64, |all, byte| byte.is_ascii_digit().then(|| all * 10 + i64::from(byte - b'0')))
    };
    Date::new(number(0, 4)?, number(5, 7)?, number(8, 10)?).map(|date| date.0.into())
}
