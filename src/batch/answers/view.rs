//! The wide layout read back as plain columns: what compares the answers of two runs looks at these.

use arrow_array::cast::AsArray;
use arrow_array::types::UInt16Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int64Array, ListArray,
    StringArray, TimestampSecondArray,
};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType;

use super::{Form, Purse};

/// The answers to some records, column by column.
pub struct View {
    /// The rows of their batch that the records stand in, ascending.
    pub rows: Vec<u32>,
    /// In the order of the plan.
    pub measures: Vec<MeasureView>,
    /// What each record is granted in all, in hundredths, by kind and currency.
    pub totals: Vec<(Purse, Amounts)>,
}

/// The answers of one measure.
pub struct MeasureView {
    pub status: Names,
    /// One for each column of the measure's plan.
    pub benefits: Vec<BenefitView>,
    /// Where the answers of the measure name a branch.
    pub branch: Option<Names>,
    pub failed: NameLists,
    pub missing: NameLists,
}

pub struct BenefitView {
    pub least: Amounts,
    /// The ceiling of a range; of what is drawn from a budget, the claim.
    pub most: Option<Amounts>,
    pub months: Option<Amounts>,
}

/// A column of names.
pub struct Names(DictionaryArray<UInt16Type>);

/// A column of lists of names.
pub struct NameLists {
    lists: ListArray,
    /// Its offsets and codes, at hand.
    offsets: OffsetBuffer<i32>,
    codes: ScalarBuffer<u16>,
}

/// A column of values; of numbers, dates (days), times (seconds) and truths as whole numbers times `10^scale`.
pub enum Amounts {
    Decimal(Decimal128Array),
    Int(Int64Array),
    Date(Date32Array),
    Time(TimestampSecondArray),
    Flag(BooleanArray),
    Text(StringArray),
}

impl View {
    /// From the columns after the keys, as the wide layout has them with its reasons.
    pub fn new(form: &Form<'_>, rows: Vec<u32>, columns: &[ArrayRef]) -> View {
        let mut columns = columns.iter();
        let mut next = || columns.next().expect("the wide layout has a column for everything").clone();
        let mut measures = Vec::with_capacity(form.plan.measures.len());
        for plan in &form.plan.measures {
            let status = Names(next().as_dictionary().clone());
            let benefit = |column: &crate::ir::Column| BenefitView {
                least: Amounts::new(&next()),
                most: column.ranged.then(|| Amounts::new(&next())),
                months: column.periodic.then(|| Amounts::new(&next())),
            };
            let benefits = plan.columns.iter().map(benefit).collect();
            let branch = plan.shows_branch().then(|| Names(next().as_dictionary().clone()));
            let [failed, missing] = [next(), next()].map(|list| NameLists::new(list.as_list()));
            measures.push(MeasureView { status, benefits, branch, failed, missing });
        }
        let totals = form.purses.iter().map(|purse| (*purse, Amounts::new(&next()))).collect();
        View { rows, measures, totals }
    }
}

fn words(array: &dyn Array) -> Vec<&str> {
    array.as_string::<i32>().iter().map(|word| word.unwrap_or("")).collect()
}

impl Names {
    /// The names, by code.
    pub fn words(&self) -> Vec<&str> {
        words(self.0.values().as_ref())
    }

    /// The codes of all rows; of a row without a name any.
    pub fn codes(&self) -> &[u16] {
        self.0.keys().values()
    }

    pub fn has(&self, row: usize) -> bool {
        self.0.is_valid(row)
    }

    /// Whether all rows have the same names; not all that have are found.
    pub fn same(&self, other: &Names) -> bool {
        self.codes() == other.codes() && self.0.nulls() == other.0.nulls() && self.words() == other.words()
    }
}

impl NameLists {
    fn new(lists: &ListArray) -> NameLists {
        let names: &DictionaryArray<UInt16Type> = lists.values().as_dictionary();
        let codes = names.keys().values().clone();
        NameLists { lists: lists.clone(), offsets: lists.offsets().clone(), codes }
    }

    /// The names, by code.
    pub fn words(&self) -> Vec<&str> {
        words(self.lists.values().as_dictionary::<UInt16Type>().values().as_ref())
    }

    /// The codes of a row.
    pub fn codes(&self, row: usize) -> &[u16] {
        &self.codes[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }

    /// Whether all rows have the same lists; not all that have are found.
    pub fn same(&self, other: &NameLists) -> bool {
        self.offsets == other.offsets && self.codes == other.codes && self.words() == other.words()
    }
}

impl Amounts {
    fn new(array: &ArrayRef) -> Amounts {
        match array.data_type() {
            DataType::Decimal128(..) => Amounts::Decimal(array.as_primitive().clone()),
            DataType::Int64 => Amounts::Int(array.as_primitive().clone()),
            DataType::Date32 => Amounts::Date(array.as_primitive().clone()),
            DataType::Timestamp(..) => Amounts::Time(array.as_primitive().clone()),
            DataType::Boolean => Amounts::Flag(array.as_boolean().clone()),
            _ => Amounts::Text(array.as_string().clone()),
        }
    }

    fn array(&self) -> &dyn Array {
        match self {
            Amounts::Decimal(array) => array,
            Amounts::Int(array) => array,
            Amounts::Date(array) => array,
            Amounts::Time(array) => array,
            Amounts::Flag(array) => array,
            Amounts::Text(array) => array,
        }
    }

    /// Of numbers: how many decimals the whole numbers stand for.
    pub fn scale(&self) -> u32 {
        match self {
            Amounts::Decimal(array) => u32::try_from(array.scale()).unwrap_or(0),
            _ => 0,
        }
    }

    pub fn has(&self, row: usize) -> bool {
        self.array().is_valid(row)
    }

    /// The value of a row; `None` where there is none, or it is a text.
    pub fn number(&self, row: usize) -> Option<i128> {
        match self {
            Amounts::Decimal(array) => array.is_valid(row).then(|| array.value(row)),
            Amounts::Int(array) => array.is_valid(row).then(|| array.value(row).into()),
            Amounts::Date(array) => array.is_valid(row).then(|| array.value(row).into()),
            Amounts::Time(array) => array.is_valid(row).then(|| array.value(row).into()),
            Amounts::Flag(array) => array.is_valid(row).then(|| array.value(row).into()),
            Amounts::Text(_) => None,
        }
    }

    /// The text of a row, where the column holds texts.
    pub fn text(&self, row: usize) -> Option<&str> {
        match self {
            Amounts::Text(array) => array.is_valid(row).then(|| array.value(row)),
            _ => None,
        }
    }

    /// Whether all rows have the same value; not all that have are found.
    pub fn same(&self, other: &Amounts) -> bool {
        let nulls = || self.array().nulls() == other.array().nulls();
        match (self, other) {
            (Amounts::Decimal(own), Amounts::Decimal(other)) => {
                own.scale() == other.scale() && own.values() == other.values() && nulls()
            }
            (Amounts::Int(own), Amounts::Int(other)) => own.values() == other.values() && nulls(),
            (Amounts::Date(own), Amounts::Date(other)) => own.values() == other.values() && nulls(),
            (Amounts::Time(own), Amounts::Time(other)) => own.values() == other.values() && nulls(),
            (Amounts::Flag(own), Amounts::Flag(other)) => own == other,
            (Amounts::Text(own), Amounts::Text(other)) => own == other,
            _ => false,
        }
    }
}
