//! Expressions: from the grammar's flat runs of operands and operators to trees, by precedence.

use std::sync::LazyLock;

use pest::iterators::Pair;
use pest::pratt_parser::{Assoc, Op, PrattParser};

use super::ast::*;
use super::parse::{Cursor, Rule};

/// Loosest first.
static PRECEDENCE: LazyLock<PrattParser<Rule>> = LazyLock::new(|| {
    let left = |rule| Op::infix(rule, Assoc::Left);
    PrattParser::new()
        .op(left(Rule::op_otherwise))
        .op(left(Rule::op_or))
        .op(left(Rule::op_and))
        .op(Op::prefix(Rule::op_not))
        .op(left(Rule::op_eq)
            | left(Rule::op_ne)
            | left(Rule::op_le)
            | left(Rule::op_ge)
            | left(Rule::op_lt)
            | left(Rule::op_gt)
            | left(Rule::op_in)
            | left(Rule::op_not_in))
        .op(left(Rule::op_range) | left(Rule::op_range_open))
        .op(left(Rule::op_add) | left(Rule::op_sub))
        .op(left(Rule::op_mul) | left(Rule::op_div))
        .op(Op::prefix(Rule::op_known) | Op::prefix(Rule::op_minus) | Op::prefix(Rule::op_plus))
        .op(Op::postfix(Rule::bound_at_least)
            | Op::postfix(Rule::bound_at_most)
            | Op::postfix(Rule::bound_above))
});

impl Cursor {
    /// An `expr` or `arith`.
    pub(super) fn expr(&self, pair: Pair<'_, Rule>) -> Expr {
        PRECEDENCE
            .map_primary(|operand| self.operand(operand))
            .map_prefix(|op, operand| {
                let span = self.span(&op).to(operand.span);
                let kind = match op.as_rule() {
                    Rule::op_not => UnaryOp::Not,
                    Rule::op_known => UnaryOp::Known,
                    Rule::op_minus => UnaryOp::Minus,
                    _ => UnaryOp::Plus,
                };
                Expr { kind: ExprKind::Unary(kind, Box::new(operand)), span }
            })
            .map_postfix(|operand, op| {
                let span = operand.span.to(self.span(&op));
                let compare = match op.as_rule() {
                    Rule::bound_at_least => CompareOp::AtLeast,
                    Rule::bound_at_most => CompareOp::AtMost,
                    _ => CompareOp::Greater,
                };
                Expr { kind: ExprKind::Bound(compare, Box::new(operand)), span }
            })
            .map_infix(|left, op, right| {
                let span = left.span.to(right.span);
                let (left, right) = (Box::new(left), Box::new(right));
                let kind =
                    ExprKind::Binary { op: binary_op(op.as_rule()), op_span: self.span(&op), left, right };
                Expr { kind, span }
            })
            .parse(pair.into_inner())
    }

    fn operand(&self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::group => ExprKind::Group(Box::new(self.first_expr(pair))),
            Rule::path => ExprKind::Path(pair.into_inner().map(|part| self.word(&part)).collect()),
            Rule::quantity => self.quantity(pair),
            Rule::date => ExprKind::Date(pair.as_str().to_owned()),
            Rule::time => ExprKind::Time(pair.as_str().to_owned()),
            Rule::string => ExprKind::Text(self.string(pair).text),
            Rule::truth => {
                let inner = pair.into_inner().next().map(|word| word.as_rule());
                ExprKind::Bool(inner == Some(Rule::kw_true))
            }
            Rule::as_of => ExprKind::AsOf,
            Rule::set => ExprKind::Set(pair.into_inner().map(|member| self.expr(member)).collect()),
            Rule::call => self.call(pair),
            Rule::if_expr => {
                let mut parts = pair.into_inner().filter(|p| p.as_rule() == Rule::expr);
                let mut next = || Box::new(self.expr(parts.next().expect("the grammar gives three")));
                ExprKind::If { when: next(), then: next(), other: next() }
            }
            Rule::match_expr => self.match_expr(pair),
            Rule::rank | Rule::aggregate => ExprKind::Aggregate(Box::new(self.aggregate(pair))),
            other => unreachable!("{other:?} is not an operand of the grammar"),
        };
        Expr { kind, span }
    }

    pub(super) fn first_expr(&self, pair: Pair<'_, Rule>) -> Expr {
        let inner = pair.into_inner().find(|p| matches!(p.as_rule(), Rule::expr | Rule::arith));
        self.expr(inner.expect("the grammar gives an expression"))
    }

    pub(super) fn quantity(&self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut number = None;
        let mut unit = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::number => {
                    let mut word = self.word(&part);
                    word.text.retain(|c| c != '_');
                    number = Some(word);
                }
                _ => unit = Some(self.word(&part)),
            }
        }
        ExprKind::Quantity { number: number.expect("the grammar gives a number"), unit }
    }

    fn call(&self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut inner = pair.into_inner();
        let name = self.word(&inner.next().expect("the grammar gives a name"));
        let arguments = inner.map(|argument| self.argument(argument)).collect();
        ExprKind::Call { name, arguments }
    }

    fn argument(&self, pair: Pair<'_, Rule>) -> Argument {
        let mut to = false;
        let mut value = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kw_to => to = true,
                Rule::rounding_name => {
                    let word = self.word(&part);
                    value = Some(Expr { span: word.span, kind: ExprKind::Path(vec![word]) });
                }
                _ => value = Some(self.expr(part)),
            }
        }
        Argument { to, value: value.expect("the grammar gives a value") }
    }

    fn match_expr(&self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut on = None;
        let mut arms = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::expr => on = Some(Box::new(self.expr(part))),
                Rule::arm => arms.push(self.arm(part)),
                _ => {}
            }
        }
        ExprKind::Match { on: on.expect("the grammar gives a subject"), arms }
    }

    fn arm(&self, pair: Pair<'_, Rule>) -> Arm {
        let span = self.span(&pair);
        let mut patterns = Vec::new();
        let mut value = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::path => {
                    let span = self.span(&part);
                    patterns.push((part.into_inner().map(|word| self.word(&word)).collect(), span));
                }
                Rule::expr => value = Some(self.expr(part)),
                _ => {}
            }
        }
        Arm { patterns, value: value.expect("the grammar gives a value"), span }
    }

    fn aggregate(&self, pair: Pair<'_, Rule>) -> Aggregate {
        let mut aggregate = Aggregate {
            kind: AggregateKind::Rank { descending: false, ties: None },
            known_only: false,
            of: None,
            over: None,
            members: false,
            filter: None,
            by: None,
        };
        let is_rank = pair.as_rule() == Rule::rank;
        let mut operand = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::aggregate_kind => {
                    let word = part.into_inner().next().map(|word| word.as_rule());
                    aggregate.kind = match word {
                        Some(Rule::kw_average_of) => AggregateKind::Average,
                        Some(Rule::kw_sum_of) => AggregateKind::Sum,
                        Some(Rule::kw_min_of) => AggregateKind::Min,
                        Some(Rule::kw_max_of) => AggregateKind::Max,
                        Some(Rule::kw_any_of) => AggregateKind::Any,
                        Some(Rule::kw_all_of) => AggregateKind::All,
                        _ => AggregateKind::Count,
                    };
                }
                Rule::kw_descending => {
                    aggregate.kind = AggregateKind::Rank { descending: true, ties: None };
                }
                Rule::ties => {
                    let field = part.into_inner().find(|p| p.as_rule() == Rule::ident);
                    if let AggregateKind::Rank { ties, .. } = &mut aggregate.kind {
                        *ties = field.map(|field| self.word(&field));
                    }
                }
                Rule::known_only => aggregate.known_only = true,
                Rule::over => match self.one(&part, Rule::members, |members| self.ident_in(members)) {
                    Some(members) => (aggregate.over, aggregate.members) = (members, true),
                    None => aggregate.over = self.ident_in(part),
                },
                Rule::members => (aggregate.over, aggregate.members) = (self.ident_in(part), true),
                Rule::by => aggregate.by = self.ident_in(part),
                Rule::filter => aggregate.filter = Some(self.first_expr(part)),
                Rule::arith if is_rank => aggregate.of = Some(self.expr(part)),
                Rule::kw_rank_by | Rule::kw_ascending => {}
                _ => operand.push(part),
            }
        }
        if !operand.is_empty() {
            aggregate.of = Some(self.signed(operand));
        }
        aggregate
    }

    /// Signs and an operand that stand flat among other parts.
    fn signed(&self, mut parts: Vec<Pair<'_, Rule>>) -> Expr {
        let operand = parts.pop().expect("an operand ends the run");
        parts.into_iter().rev().fold(self.operand(operand), |inner, sign| {
            let kind = if sign.as_rule() == Rule::op_minus { UnaryOp::Minus } else { UnaryOp::Plus };
            Expr { span: self.span(&sign).to(inner.span), kind: ExprKind::Unary(kind, Box::new(inner)) }
        })
    }
}

fn binary_op(rule: Rule) -> BinaryOp {
    compare_op(rule).map(BinaryOp::Compare).unwrap_or_else(|| match rule {
        Rule::op_otherwise => BinaryOp::Otherwise,
        Rule::op_or => BinaryOp::Or,
        Rule::op_and => BinaryOp::And,
        Rule::op_in => BinaryOp::In,
        Rule::op_not_in => BinaryOp::NotIn,
        Rule::op_range => BinaryOp::Range,
        Rule::op_range_open => BinaryOp::RangeOpen,
        Rule::op_add => BinaryOp::Arith(ArithOp::Add),
        Rule::op_sub => BinaryOp::Arith(ArithOp::Subtract),
        Rule::op_mul => BinaryOp::Arith(ArithOp::Multiply),
        Rule::op_div => BinaryOp::Arith(ArithOp::Divide),
        other => unreachable!("{other:?} is not an operator of the grammar"),
    })
}

pub(super) fn compare_op(rule: Rule) -> Option<CompareOp> {
    Some(match rule {
        Rule::op_eq => CompareOp::Equal,
        Rule::op_ne => CompareOp::NotEqual,
        Rule::op_lt => CompareOp::Less,
        Rule::op_le => CompareOp::AtMost,
        Rule::op_gt => CompareOp::Greater,
        Rule::op_ge => CompareOp::AtLeast,
        _ => return None,
    })
}
