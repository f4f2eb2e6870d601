//! Whole numbers in Chinese numerals.

const DIGITS: &str = "零一二三四五六七八九";

/// Whether a character can stand in a number in Chinese numerals.
pub(super) fn is_numeral(c: char) -> bool {
    matches!(c, '十' | '百' | '千' | '两' | '〇') || DIGITS.contains(c)
}

/// 0 to 9999: `二十四`, `一千二百零五`, or digit by digit `二〇二〇`.
pub fn whole(text: &str) -> Option<u32> {
    let digits: Option<Vec<u32>> = text.chars().map(digit).collect();
    if let Some(digits) = digits.filter(|digits| digits.len() > 1) {
        return (digits.len() <= 4).then(|| digits.iter().fold(0, |number, digit| number * 10 + digit));
    }
    let (mut total, mut waiting, mut last_power) = (0, None, 10_000);
    let mut any = false;
    for c in text.chars() {
        any = true;
        match (digit(c), power(c)) {
            // 零 only keeps the place of a power that is left out.
            (Some(0), _) if waiting.is_none() => waiting = Some(0),
            (Some(digit), _) if waiting.is_none_or(|other| other == 0) => waiting = Some(digit),
            (None, Some(power)) if power < last_power => {
                total += waiting.take().filter(|digit| *digit > 0).unwrap_or(1) * power;
                last_power = power;
            }
            _ => return None,
        }
    }
    any.then(|| total + waiting.unwrap_or(0))
}

fn digit(c: char) -> Option<u32> {
    match c {
        '〇' => Some(0),
        '两' => Some(2),
        c => DIGITS.chars().position(|digit| digit == c).map(|digit| digit as u32),
    }
}

fn power(c: char) -> Option<u32> {
    match c {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, number) in [
            ("一", 1),
            ("两", 2),
            ("十", 10),
            ("十二", 12),
            ("二十", 20),
            ("二十四", 24),
            ("一百", 100),
            ("一百零五", 105),
            ("一百一十", 110),
            ("三百二十一", 321),
            ("一千二百五十九", 1259),
            ("一千零九", 1009),
            ("二〇二〇", 2020),
            ("零", 0),
        ] {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        for text in ["", "十十", "十百", "二十四五六", "甲", "一二三四五"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
