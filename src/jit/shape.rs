//! How facts stand in machine words: of the inputs as they come, and of every node as it is computed.

use num_integer::Integer;

use crate::check::typed::ParamId;
use crate::ir::{Kind, Node, NodeId, Op, ParamPlan, RecordPlan};
use crate::jit::fraction::Fraction;
use crate::value::ops::{ArithOp, Hit};
use crate::value::{Date, Fact, Number, Rounding, Value};

/// How the cells of one input come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Not at all: missing in every record.
    Absent,
    Bool,
    /// Variants by number.
    Enum,
    /// Numbers times the denominator, or dates as days.
    Int32 {
        denominator: i64,
    },
    /// Numbers times the denominator, or times as seconds.
    Int64 {
        denominator: i64,
    },
    /// Texts by a number that is the same for equal ones.
    Text,
}

/// The width of a whole number in vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    I32,
    I64,
}

/// `value × denominator` as a whole number between `low` and `high`. Dates are days, times seconds and texts
/// codes, all with the denominator 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Int {
    pub lane: Lane,
    pub denominator: i128,
    pub low: i128,
    pub high: i128,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rep {
    Truth,
    Enum {
        variants: usize,
    },
    Int(Int),
    /// Two 128-bit integers; computed record by record.
    Fraction,
}

/// What the code for a node must reckon with.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    pub rep: Rep,
    /// Some record may lack it.
    pub missing: bool,
    /// Some record may have an error in it, or need more than 64 bits: the interpreter decides.
    pub error: bool,
    /// Where it is missing, its causes are all inputs below it that are null.
    pub simple: bool,
}

/// What a kernel is made for.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    pub plan: &'a RecordPlan,
    pub params: &'a [ParamPlan],
    /// The value of each parameter.
    pub values: &'a [Fact],
    /// Numbers that parameters may have later.
    pub room: &'a [(ParamId, Number)],
    /// One for each input of the plan.
    pub shapes: &'a [Shape],
    /// Whether cells may be null.
    pub nulls: bool,
    pub as_of: Date,
}

impl Setting<'_> {
    pub fn node(&self, id: NodeId) -> &Node {
        &self.plan.graph.nodes[id.index()]
    }

    pub fn nullable(&self, input: u16) -> bool {
        self.nulls || self.shapes[usize::from(input)] == Shape::Absent
    }

    /// The numbers that a parameter is known to have at some time.
    fn param_numbers(&self, param: ParamId) -> impl Iterator<Item = &Number> {
        fn number(value: &Value) -> Option<&Number> {
            match value {
                Value::Number(number) => Some(number),
                _ => None,
            }
        }
        let steps = self.params[param.index()].steps.iter().map(|(_, value)| value);
        let room = self.room.iter().filter(move |(own, _)| *own == param).map(|(_, number)| number);
        steps.chain(self.values[param.index()].known()).filter_map(number).chain(room)
    }

    /// The denominator that holds every step of a parameter, its present value, and what people try instead.
    pub fn param_denominator(&self, param: ParamId) -> Option<i128> {
        let plan = &self.params[param.index()];
        let tried = match plan.ty.number()?.kind {
            _ if plan.ty.currency().is_some() => 2,
            crate::check::typed::NumberKind::Plain => 0,
            _ => 4,
        };
        let numbers = self.param_numbers(param);
        let decimals = numbers.map(Number::decimals).try_fold(tried, |most, own| Some(most.max(own?)))?;
        10i128.checked_pow(decimals)
    }
}

/// 64-bit inputs are expected below a power of two; the highest of these that keeps every node in 64 bits is
/// taken, and records beyond it are decided by the interpreter.
const EXPECTED_BITS: [u32; 4] = [50, 46, 43, 40];

/// Whole numbers in 64-bit vectors stay below this, so that a rounding can still add half a step.
const MOST: i128 = 1 << 62;

/// The form of every node, and for each input the bounds within which the code is right.
pub struct Forms {
    pub forms: Vec<Form>,
    /// For whole numbers, as they come.
    pub limits: Vec<Option<(i64, i64)>>,
}

/// Chooses a form for every node.
pub fn forms(setting: &Setting) -> Forms {
    let tried = EXPECTED_BITS.iter().map(|bits| Chooser::run(setting, *bits));
    let wide = |forms: &Forms| forms.forms.iter().filter(|form| form.rep == Rep::Fraction).count();
    tried.reduce(|best, next| if wide(&next) < wide(&best) { next } else { best }).expect("some are tried")
}

struct Chooser<'a> {
    setting: &'a Setting<'a>,
    forms: Vec<Form>,
    limits: Vec<Option<(i64, i64)>>,
}

impl<'a> Chooser<'a> {
    fn run(setting: &'a Setting<'a>, bits: u32) -> Forms {
        let limits = (0..setting.shapes.len()).map(|at| input_limits(setting, at, bits)).collect();
        let mut chooser = Chooser { setting, forms: Vec::new(), limits };
        for node in &setting.plan.graph.nodes {
            let form = chooser.form(node);
            chooser.forms.push(form);
        }
        Forms { forms: chooser.forms, limits: chooser.limits }
    }

    fn of(&self, node: NodeId) -> Form {
        self.forms[node.index()]
    }

    fn form(&self, node: &Node) -> Form {
        let operands = node.op.operands();
        let any = |test: fn(&Form) -> bool| operands.iter().any(|operand| test(&self.of(*operand)));
        let rep = self.rep(node);
        let fraction = |node: &NodeId| self.of(*node).rep == Rep::Fraction;
        let wide = rep == Rep::Fraction || operands.iter().any(fraction);
        let strict_missing = any(|form| form.missing);
        let below = any(|form| form.error);
        let own = |missing: bool, error: bool, simple: bool| Form { rep, missing, error, simple };
        let simple = operands.iter().all(|operand| {
            let form = self.of(*operand);
            !form.missing || form.simple
        });
        match &node.op {
            Op::Const(Value::Number(number)) => own(false, number.parts().is_none(), true),
            Op::Const(_) | Op::AsOf => own(false, false, true),
            // A missing enum of a single variant is that variant.
            Op::Input(at) => {
                let only = self.setting.plan.inputs[usize::from(*at)].variants.single();
                own(self.setting.nullable(*at) && only.is_none(), false, true)
            }
            Op::Param(param) => own(false, !self.param_is_exact(*param), true),
            Op::Aggregate(_) => own(false, true, true),
            // Among all of its variants, or none of them, an enum is for certain.
            Op::Variants(a, set) => {
                let certain = match &self.setting.node(*a).op {
                    Op::Input(at) => {
                        let all = self.setting.plan.inputs[usize::from(*at)].variants;
                        all.is_subset(*set) || all.intersection(*set).is_empty()
                    }
                    _ => false,
                };
                own(strict_missing && !certain, below, simple)
            }
            Op::Known(_) => own(false, below, true),
            Op::Otherwise(a, b) => own(self.of(*a).missing && self.of(*b).missing, below, false),
            Op::Cases { hit, rows, default, proved } => {
                let complete = default.is_some() || (*hit == Hit::First && proved.complete);
                let apart = *hit == Hit::First || proved.exclusive;
                own(strict_missing, below || !complete || !apart || rows.is_empty(), false)
            }
            Op::All(_) | Op::Any(_) | Op::Match(..) => own(strict_missing, below, !strict_missing),
            Op::Fit { value, digits, decimals } => {
                own(strict_missing, below || wide || !self.fits(*value, *digits, *decimals), simple)
            }
            Op::Arith(ArithOp::Divide, ..)
            | Op::AddMonths(..)
            | Op::AddDays(..)
            | Op::AddWorkdays(..)
            | Op::AddHours(..) => own(strict_missing, true, simple),
            _ => own(strict_missing, below || wide, simple),
        }
    }

    fn param_is_exact(&self, param: ParamId) -> bool {
        match &self.setting.values[param.index()] {
            Fact::Known(Value::Number(number)) => number.parts().is_some(),
            Fact::Known(_) => true,
            _ => false,
        }
    }

    fn rep(&self, node: &Node) -> Rep {
        match node.kind {
            Kind::Bool => Rep::Truth,
            Kind::Enum(_) => Rep::Enum { variants: self.variants(node) },
            Kind::Text => Rep::Int(Int { lane: Lane::I32, denominator: 1, low: 0, high: i32::MAX.into() }),
            Kind::Date => {
                let (low, high) = (i128::from(Date::MIN.0), i128::from(Date::MAX.0));
                Rep::Int(Int { lane: Lane::I32, denominator: 1, low, high })
            }
            Kind::Time => {
                let seconds = |days: i128| days * 86_400;
                let (low, high) = (seconds(Date::MIN.0.into()), seconds(i128::from(Date::MAX.0) + 1));
                Rep::Int(Int { lane: Lane::I64, denominator: 1, low, high })
            }
            Kind::Number => self.number(node).map_or(Rep::Fraction, Rep::Int),
        }
    }

    /// One more than the highest variant that a value of the enum may have.
    fn variants(&self, node: &Node) -> usize {
        let Kind::Enum(id) = node.kind else { return 0 };
        let ty = crate::check::typed::Type::Enum(id);
        let of_inputs = self.setting.plan.inputs.iter().filter(|input| input.ty == ty);
        let from_inputs = of_inputs.flat_map(|input| input.variants.iter().last()).max();
        let own = match &node.op {
            Op::Const(Value::Enum(variant)) => usize::from(*variant) + 1,
            Op::Param(param) => match &self.setting.values[param.index()] {
                Fact::Known(Value::Enum(variant)) => usize::from(*variant) + 1,
                _ => 1,
            },
            Op::Aggregate(at) => {
                let variants = self.setting.plan.aggregates[usize::from(*at)].variants;
                variants.iter().last().map_or(1, |last| usize::from(last) + 1)
            }
            op => {
                let mut most = 1;
                op.each_operand(|operand| {
                    if let Rep::Enum { variants } = self.of(operand).rep {
                        most = most.max(variants);
                    }
                });
                most
            }
        };
        from_inputs.map_or(own, |last| own.max(usize::from(last) + 1))
    }

    fn number(&self, node: &Node) -> Option<Int> {
        match &node.op {
            Op::Const(Value::Number(number)) => {
                let (value, denominator) = number.parts()?;
                int(denominator, value, value, Lane::I32)
            }
            Op::Param(param) => self.param(*param),
            Op::Input(at) => self.input(usize::from(*at)),
            Op::Arith(op, a, b) => self.arith(*op, *a, *b),
            Op::Negate(a) => self.int(*a).and_then(|a| int(a.denominator, -a.high, -a.low, a.lane)),
            Op::Abs(a) => {
                let a = self.int(*a)?;
                let most = a.low.abs().max(a.high.abs());
                int(a.denominator, if a.low > 0 { a.low } else { 0 }, most, a.lane)
            }
            Op::Round(a, mode, step) => self.round(*a, *mode, step),
            Op::Fit { value, digits, decimals } => Some(self.fit(*value, *digits, *decimals)),
            Op::DaysBetween(..) => {
                let most = i128::from(Date::MAX.0) - i128::from(Date::MIN.0);
                int(1, -most, most, Lane::I32)
            }
            Op::HoursBetween(..) => int(3600, -(1 << 40), 1 << 40, Lane::I64),
            Op::Part(..) => int(1, 0, 9999, Lane::I32),
            Op::Least(of) | Op::Greatest(of) => self.hull(of.iter()),
            Op::Otherwise(a, b) => self.hull([a, b].into_iter()),
            Op::Match(_, arms) => self.hull(arms.iter().map(|(_, value)| value)),
            Op::Cases { rows, default, .. } => self.hull(rows.iter().map(|(_, value)| value).chain(default)),
            _ => None,
        }
    }

    fn int(&self, node: NodeId) -> Option<Int> {
        match self.of(node).rep {
            Rep::Int(int) => Some(int),
            _ => None,
        }
    }

    fn param(&self, param: ParamId) -> Option<Int> {
        let denominator = self.setting.param_denominator(param)?;
        let numbers = self.setting.param_numbers(param);
        let scaled = |number: &Number| {
            number.mul(&Number::ratio(denominator, 1)).parts().map(|(value, _)| value.unsigned_abs())
        };
        let most = numbers.map(scaled).try_fold(0, |most: u128, own| Some(most.max(own?)))?;
        // Room for values that are tried in place of the policy's.
        let most = i128::try_from(most.checked_next_power_of_two()?.checked_mul(2)?).ok()?;
        int(denominator, -most, most, Lane::I32)
    }

    fn input(&self, at: usize) -> Option<Int> {
        let (denominator, lane) = match self.setting.shapes[at] {
            Shape::Int32 { denominator } => (denominator, Lane::I32),
            Shape::Int64 { denominator } => (denominator, Lane::I64),
            // Missing in every record: any form will do.
            _ => return int(1, 0, 0, Lane::I32),
        };
        let (low, high) = self.limits[at]?;
        let form = int(denominator.into(), low.into(), high.into(), lane)?;
        Some(Int { lane, ..form })
    }

    fn arith(&self, op: ArithOp, a: NodeId, b: NodeId) -> Option<Int> {
        let (left, right) = (self.int(a)?, self.int(b)?);
        match op {
            ArithOp::Add | ArithOp::Subtract => {
                let common = common(left.denominator, right.denominator)?;
                let (left, right) = (scaled(left, common)?, scaled(right, common)?);
                let lane = left.lane.max(right.lane);
                let (low, high) = match op {
                    ArithOp::Add => (left.low.checked_add(right.low)?, left.high.checked_add(right.high)?),
                    _ => (left.low.checked_sub(right.high)?, left.high.checked_sub(right.low)?),
                };
                int(common, low, high, lane)
            }
            ArithOp::Multiply => {
                let (factors, denominator) = product(self.constant(a), self.constant(b), left, right)?;
                multiplied(factors, denominator, left.lane.max(right.lane))
            }
            ArithOp::Divide => {
                let (n, d) = self.constant(b)?.parts()?;
                if n == 0 {
                    return None;
                }
                let inverse = Number::ratio(d, n);
                let (value, denominator) = inverse.parts()?;
                let right = Int { lane: Lane::I32, denominator, low: value, high: value };
                let (factors, denominator) = product(None, Some(&inverse), left, right)?;
                multiplied(factors, denominator, left.lane)
            }
        }
    }

    fn constant(&self, node: NodeId) -> Option<&'a Number> {
        match &self.setting.node(node).op {
            Op::Const(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    fn round(&self, a: NodeId, mode: Rounding, step: &Number) -> Option<Int> {
        let a = self.int(a)?;
        let by = Steps::new(a, step)?;
        let bound = |value: i128| {
            let count = Number::ratio(value.checked_mul(by.times)?, by.of).round_to(&Number::ONE, mode);
            count.to_scaled(0)?.checked_mul(by.each)
        };
        let most = a.low.abs().max(a.high.abs()).checked_mul(by.times)?.checked_add(by.of)?;
        if most >= MOST {
            return None;
        }
        let form = int(by.denominator, bound(a.low)?, bound(a.high)?, a.lane)?;
        // What is divided must fit its lane too.
        let lane = if most < i128::from(i32::MAX) { form.lane } else { Lane::I64 };
        Some(Int { lane, ..form })
    }

    /// Whether a value always fits a column.
    fn fits(&self, value: NodeId, digits: u32, decimals: u32) -> bool {
        let Some(int) = self.int(value) else { return false };
        let column = 10i128.pow(decimals);
        let limit = column_limit(digits);
        let inside = |bound: i128| {
            bound.checked_mul(column / int.denominator.min(column)).is_some_and(|b| b.abs() < limit)
        };
        column % int.denominator == 0 && inside(int.low) && inside(int.high)
    }

    /// In the denominator of the column; by way of a fraction where the operand's does not divide it.
    fn fit(&self, value: NodeId, digits: u32, decimals: u32) -> Int {
        let column = 10i128.pow(decimals);
        let limit = column_limit(digits);
        let whole = Int { lane: Lane::I64, denominator: column, low: -limit, high: limit };
        match self.int(value) {
            Some(own) if column % own.denominator == 0 => {
                let most = limit / (column / own.denominator);
                Int { low: own.low.max(-most), high: own.high.min(most), ..own }
            }
            _ => whole,
        }
    }

    /// One form for several values, one of which is taken.
    fn hull<'n>(&self, of: impl Iterator<Item = &'n NodeId> + Clone) -> Option<Int> {
        let mut common_denominator = 1;
        for node in of.clone() {
            common_denominator = common(common_denominator, self.int(*node)?.denominator)?;
        }
        let mut hull: Option<Int> = None;
        for node in of {
            let own = scaled(self.int(*node)?, common_denominator)?;
            hull = Some(hull.map_or(own, |hull| Int {
                lane: hull.lane.max(own.lane),
                low: hull.low.min(own.low),
                high: hull.high.max(own.high),
                ..hull
            }));
        }
        let hull = hull?;
        int(hull.denominator, hull.low, hull.high, hull.lane)
    }
}

/// What a column of so many digits must stay below, in 64 bits.
pub fn column_limit(digits: u32) -> i128 {
    10i128.checked_pow(digits).unwrap_or(MOST).min(MOST)
}

/// The bounds of an input that comes as whole numbers: the field's own and those that are expected.
fn input_limits(setting: &Setting, at: usize, bits: u32) -> Option<(i64, i64)> {
    let input = &setting.plan.inputs[at];
    let (denominator, least, most) = match setting.shapes[at] {
        Shape::Int32 { denominator } => (denominator, i64::from(i32::MIN), i64::from(i32::MAX)),
        Shape::Int64 { .. } if input.ty == crate::check::typed::Type::Time => {
            return Some((-(1 << 62), 1 << 62));
        }
        Shape::Int64 { denominator } => (denominator, -(1i64 << bits), 1i64 << bits),
        _ => return None,
    };
    let nodes = &setting.plan.graph.nodes;
    let range = nodes.iter().find(|node| node.op == Op::Input(at as u16)).map(|node| &node.range);
    let scale = Number::ratio(denominator.into(), 1);
    let bound = |bound: &Option<Number>| {
        let bound = bound.as_ref()?.mul(&scale).parts()?;
        i64::try_from(bound.0.div_euclid(bound.1)).ok()
    };
    let low = range.and_then(|range| bound(&range.low)).map_or(least, |low| low.max(least));
    // Rounded down, a bound that is no whole number may be one short.
    let high =
        range.and_then(|range| bound(&range.high)).map_or(most, |high| high.saturating_add(1).min(most));
    Some((low.min(most), high.max(low.min(most))))
}

/// A whole number between bounds, where 64 bits hold it.
fn int(denominator: i128, low: i128, high: i128, lane: Lane) -> Option<Int> {
    if low < -MOST || high > MOST || denominator > MOST {
        return None;
    }
    let small = low > i128::from(i32::MIN) && high < i128::from(i32::MAX);
    Some(Int { lane: if small { lane } else { Lane::I64 }, denominator, low, high })
}

pub fn common(a: i128, b: i128) -> Option<i128> {
    Some(a.lcm(&b)).filter(|common| *common <= MOST)
}

/// The same number with another denominator, a multiple of its own.
pub fn scaled(of: Int, denominator: i128) -> Option<Int> {
    let factor = denominator / of.denominator;
    let (low, high) = (of.low.checked_mul(factor)?, of.high.checked_mul(factor)?);
    int(denominator, low, high, of.lane)
}

/// The bounds of each factor of a product.
type Factors = ((i128, i128), (i128, i128));

/// A product's factors, and its denominator. A constant factor is first reduced against the other's
/// denominator: 1000 × fen is 10 × yuan.
pub fn product(a: Option<&Number>, b: Option<&Number>, left: Int, right: Int) -> Option<(Factors, i128)> {
    let reduce = |constant: &Number, other: Int| {
        let (n, d) = constant.parts()?;
        let divisor = n.gcd(&other.denominator).max(1);
        let denominator = (other.denominator / divisor).checked_mul(d)?;
        Some((n / divisor, denominator))
    };
    match (a, b) {
        (_, Some(constant)) => {
            let (n, denominator) = reduce(constant, left)?;
            Some((((left.low, left.high), (n, n)), denominator))
        }
        (Some(constant), _) => {
            let (n, denominator) = reduce(constant, right)?;
            Some((((right.low, right.high), (n, n)), denominator))
        }
        _ => {
            let denominator = left.denominator.checked_mul(right.denominator)?;
            Some((((left.low, left.high), (right.low, right.high)), denominator))
        }
    }
}

fn multiplied(factors: Factors, denominator: i128, lane: Lane) -> Option<Int> {
    let (low, high) = spread(factors.0, factors.1)?;
    let (a, b) = (int(1, factors.0.0, factors.0.1, lane)?, int(1, factors.1.0, factors.1.1, lane)?);
    int(denominator, low, high, a.lane.max(b.lane))
}

/// The bounds of a product of numbers within bounds.
fn spread(a: (i128, i128), b: (i128, i128)) -> Option<(i128, i128)> {
    let corners =
        [a.0.checked_mul(b.0)?, a.0.checked_mul(b.1)?, a.1.checked_mul(b.0)?, a.1.checked_mul(b.1)?];
    Some((corners.into_iter().min()?, corners.into_iter().max()?))
}

/// A whole number `x` in steps: `x × times / of` of them, each worth `each / denominator`.
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    pub times: i128,
    pub of: i128,
    pub each: i128,
    pub denominator: i128,
}

impl Steps {
    pub fn new(a: Int, step: &Number) -> Option<Steps> {
        let (each, denominator) = step.parts()?;
        let (times, of) = (denominator, a.denominator.checked_mul(each)?);
        let divisor = times.gcd(&of);
        Some(Steps { times: times / divisor, of: of / divisor, each, denominator })
    }
}

/// The fraction of a known number.
pub fn fraction(value: &Value) -> Option<Fraction> {
    match value {
        Value::Number(number) => Fraction::of(number),
        Value::Date(date) => Some(Fraction::new(date.0.into(), 1)),
        Value::Time(time) => Some(Fraction::new(time.0.into(), 1)),
        _ => None,
    }
}
