//! Units of measurement and what multiplying and dividing them gives.

use std::collections::BTreeMap;
use std::fmt;

/// A product of base units with their powers, such as 元·人⁻¹. Base units are named by their symbol;
/// currencies are base units, named by ISO 4217 code.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dimension(BTreeMap<String, i8>);

/// Currencies: ISO code and the words for it.
pub const CURRENCIES: &[(&str, &[&str])] = &[
    ("CNY", &["元", "人民币", "CNY", "RMB", "yuan"]),
    ("USD", &["美元", "USD"]),
    ("EUR", &["欧元", "EUR"]),
    ("JPY", &["日元", "JPY"]),
    ("HKD", &["港元", "HKD"]),
    ("GBP", &["英镑", "GBP"]),
];

impl Dimension {
    /// No unit at all.
    pub fn none() -> Dimension {
        Dimension::default()
    }

    pub fn base(symbol: &str) -> Dimension {
        Dimension(BTreeMap::from([(symbol.to_owned(), 1)]))
    }

    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The ISO code where the dimension is one plain currency.
    pub fn currency(&self) -> Option<&'static str> {
        let code = self.single()?;
        CURRENCIES.iter().map(|(iso, _)| *iso).find(|iso| *iso == code)
    }

    /// Whether it is money, or money for each of something.
    pub fn is_of_money(&self) -> bool {
        self.0.iter().any(|(symbol, power)| *power == 1 && CURRENCIES.iter().any(|(iso, _)| iso == symbol))
    }

    /// The symbol where the dimension is one plain base unit.
    pub fn single(&self) -> Option<&str> {
        match self.0.iter().next() {
            Some((symbol, 1)) if self.0.len() == 1 => Some(symbol),
            _ => None,
        }
    }

    pub fn mul(&self, other: &Dimension) -> Dimension {
        self.combine(other, 1)
    }

    pub fn div(&self, other: &Dimension) -> Dimension {
        self.combine(other, -1)
    }

    fn combine(&self, other: &Dimension, sign: i8) -> Dimension {
        let mut product = self.0.clone();
        for (symbol, power) in &other.0 {
            let entry = product.entry(symbol.clone()).or_insert(0);
            *entry = entry.saturating_add(sign.saturating_mul(*power));
        }
        product.retain(|_, power| *power != 0);
        Dimension(product)
    }
}

/// The symbol a drafter would write: `元/人`, `吨·天`, `美元`.
impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |symbol: &str| {
            let currency = CURRENCIES.iter().find(|(iso, _)| *iso == symbol);
            currency.map_or_else(|| symbol.to_owned(), |(_, words)| words[0].to_owned())
        };
        let join = |sign: i8| {
            let mut factors = Vec::new();
            for (symbol, power) in self.0.iter().filter(|(_, power)| power.signum() == sign) {
                factors.extend((0..power.unsigned_abs()).map(|_| word(symbol)));
            }
            factors.join("·")
        };
        let (above, below) = (join(1), join(-1));
        match (above.is_empty(), below.is_empty()) {
            (true, true) => Ok(()),
            (false, true) => f.write_str(&above),
            (true, false) => write!(f, "1/{below}"),
            (false, false) => write!(f, "{above}/{below}"),
        }
    }
}

/// What a unit word stands for: so many of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub factor: crate::value::Number,
    pub dimension: Dimension,
}
