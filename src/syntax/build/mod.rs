//! From the grammar's pairs to the trees of items.

mod cases;
mod rules;

use pest::iterators::Pair;

use crate::syntax::ast::*;
use crate::syntax::expr::compare_op;
use crate::syntax::parse::{Cursor, Rule};

impl Cursor {
    pub(in crate::syntax) fn item(&self, keyword: &str, pair: Pair<'_, Rule>) -> ItemKind {
        match keyword {
            "use" => ItemKind::Use(self.use_item(pair)),
            "policy" => ItemKind::Policy(self.policy(pair)),
            "enum" => ItemKind::Enum(self.enum_item(pair)),
            "unit" => ItemKind::Unit(self.unit_item(pair)),
            "record" => ItemKind::Record(self.record(pair)),
            "param" => ItemKind::Param(self.param(pair)),
            "define" => ItemKind::Define(self.define(pair)),
            "open" => self.open(pair),
            "fill" => ItemKind::Fill(self.fill(pair)),
            "table" => ItemKind::Table(self.table(pair)),
            "measure" => ItemKind::Measure(self.measure(pair, MeasureKind::Measure)),
            "duty" => ItemKind::Measure(self.measure(pair, MeasureKind::Duty)),
            "target" => ItemKind::Measure(self.measure(pair, MeasureKind::Target)),
            "calendar" => ItemKind::Calendar(self.calendar(pair)),
            "register" => ItemKind::Register(self.register(pair)),
            "best" => ItemKind::BestOf(BestOf {
                named: self.named(&pair),
                cites: self.cites(&pair),
                contenders: self.contenders(&pair),
            }),
            "budget" => ItemKind::Budget(self.budget(pair)),
            "amend" => ItemKind::Amend(self.amend(pair)),
            "principle" => ItemKind::Principle(self.principle(pair)),
            _ => ItemKind::Case(self.case(pair)),
        }
    }

    /// Benefits, each after its measure.
    fn contenders(&self, pair: &Pair<'_, Rule>) -> Vec<(Word, Word)> {
        self.all(pair, Rule::contender, |pair| {
            (self.ident_in(pair.clone()).expect("the grammar gives a measure"), self.second_ident(&pair))
        })
    }

    fn budget(&self, pair: Pair<'_, Rule>) -> Budget {
        let draws = self.all(&pair, Rule::draws, |draws| self.contenders(&draws));
        let orders = self.all(&pair, Rule::budget_order, |order| {
            let mut names = self.all(&order, Rule::ident, |name| self.word(&name)).into_iter();
            BudgetOrder {
                by: names.next().expect("the grammar gives a field"),
                descending: self.one(&order, Rule::kw_descending, |_| ()).is_some(),
                ties: names.next(),
                span: self.span(&order),
            }
        });
        let lasts = self.all(&pair, Rule::budget_last, |last| {
            (self.one(&last, Rule::kw_cut, |_| ()).is_some(), self.span(&last))
        });
        Budget {
            named: self.named(&pair),
            cites: self.cites(&pair),
            draws: draws.into_iter().flatten().collect(),
            orders,
            pro_rata: self.all(&pair, Rule::pro_rata, |pro_rata| self.span(&pro_rata)),
            lasts,
            known_only: self.one(&pair, Rule::known_claims, |_| ()).is_some(),
            pool: self.first_expr(pair),
        }
    }

    /// The name and label among the parts of an item or member. Further identifiers are not names.
    pub(in crate::syntax) fn named(&self, pair: &Pair<'_, Rule>) -> Named {
        let mut name = None;
        let mut label = None;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::ident if name.is_none() => name = Some(self.word(&part)),
                Rule::string if label.is_none() && name.is_some() => label = Some(self.string(part)),
                _ if name.is_some() => break,
                _ => {}
            }
        }
        Named { name: name.expect("the grammar gives a name"), label }
    }

    /// The identifier after the name: what a measure or define is for.
    pub(in crate::syntax) fn second_ident(&self, pair: &Pair<'_, Rule>) -> Word {
        let mut idents = pair.clone().into_inner().filter(|part| part.as_rule() == Rule::ident);
        self.word(&idents.nth(1).expect("the grammar gives two names"))
    }

    pub(in crate::syntax) fn all<T>(
        &self,
        pair: &Pair<'_, Rule>,
        rule: Rule,
        build: impl Fn(Pair<'_, Rule>) -> T,
    ) -> Vec<T> {
        pair.clone().into_inner().filter(|part| part.as_rule() == rule).map(build).collect()
    }

    pub(in crate::syntax) fn one<T>(
        &self,
        pair: &Pair<'_, Rule>,
        rule: Rule,
        build: impl Fn(Pair<'_, Rule>) -> T,
    ) -> Option<T> {
        pair.clone().into_inner().find(|part| part.as_rule() == rule).map(build)
    }

    pub(in crate::syntax) fn cites(&self, pair: &Pair<'_, Rule>) -> Vec<Cite> {
        self.all(pair, Rule::cite, |cite| Cite {
            source: self.ident_in(cite.clone()).expect("the grammar gives a source"),
            article: self.one(&cite, Rule::article, |article| {
                let number = self.one(&article, Rule::article_number, |n| article_number(n.as_str()));
                (number.unwrap_or(0), self.span(&article))
            }),
            quote: self.one(&cite, Rule::string, |quote| self.string(quote)),
            span: self.span(&cite),
        })
    }

    pub(in crate::syntax) fn date_in(&self, pair: Pair<'_, Rule>) -> Option<Word> {
        self.one(&pair, Rule::date, |date| self.word(&date))
    }

    pub(in crate::syntax) fn string_in(&self, pair: Pair<'_, Rule>) -> Option<Word> {
        self.one(&pair, Rule::string, |string| self.string(string))
    }

    fn use_item(&self, pair: Pair<'_, Rule>) -> Use {
        let path = self.all(&pair, Rule::ident, |part| self.word(&part));
        let listed =
            self.one(&pair, Rule::use_names, |names| self.all(&names, Rule::ident, |n| self.word(&n)));
        let names = match listed {
            Some(names) => UseNames::Listed(names),
            None if self.one(&pair, Rule::star, |_| ()).is_some() => UseNames::All,
            None => UseNames::Path,
        };
        Use { path, names }
    }

    fn policy(&self, pair: Pair<'_, Rule>) -> Policy {
        Policy {
            named: self.named(&pair),
            issuer: self.one(&pair, Rule::issuer, |p| self.string_in(p)).flatten(),
            issued: self.one(&pair, Rule::issued, |p| self.date_in(p)).flatten(),
            sources: self.all(&pair, Rule::source, |source| {
                let name = self.ident_in(source.clone()).expect("the grammar gives a name");
                let closing = self.one(&source, Rule::closing, |closing| self.string_in(closing)).flatten();
                Source { name, path: self.string_in(source).expect("the grammar gives a path"), closing }
            }),
            rounding: self.one(&pair, Rule::rounding, |rounding| {
                let name = self.one(&rounding, Rule::rounding_name, |n| self.word(&n));
                let step = self
                    .one(&rounding, Rule::quantity, |q| Expr { span: self.span(&q), kind: self.quantity(q) });
                (name.expect("the grammar gives a name"), step.expect("the grammar gives a step"))
            }),
            dates_up: self.one(&pair, Rule::dates, |dates| self.one(&dates, Rule::kw_up, |_| ()).is_some()),
            force: self.force(&pair),
            prevails: self.listed(&pair, Rule::prevails),
            cites: self.cites(&pair),
        }
    }

    /// The names after a keyword.
    pub(in crate::syntax) fn listed(&self, pair: &Pair<'_, Rule>, rule: Rule) -> Vec<Word> {
        let lists = self.all(pair, rule, |list| {
            self.one(&list, Rule::names, |names| self.all(&names, Rule::ident, |n| self.word(&n)))
        });
        lists.into_iter().flatten().flatten().collect()
    }

    pub(in crate::syntax) fn force(&self, pair: &Pair<'_, Rule>) -> Force {
        let force = self.one(pair, Rule::in_force, |force| Force {
            from: self.one(&force, Rule::force_from, |from| self.date_in(from)).flatten(),
            until: self.one(&force, Rule::until, |until| self.date_in(until)).flatten(),
        });
        force.unwrap_or_default()
    }

    fn enum_item(&self, pair: Pair<'_, Rule>) -> Enum {
        Enum { named: self.named(&pair), variants: self.all(&pair, Rule::variant, |v| self.named(&v)) }
    }

    fn unit_item(&self, pair: Pair<'_, Rule>) -> Unit {
        let definition =
            self.one(&pair, Rule::quantity, |q| Expr { span: self.span(&q), kind: self.quantity(q) });
        Unit { named: self.named(&pair), definition }
    }

    fn record(&self, pair: Pair<'_, Rule>) -> Record {
        let fields = self.all(&pair, Rule::field, |field| Field {
            named: self.named(&field),
            key: self.one(&field, Rule::key_mark, |_| ()).is_some(),
            ty: self.type_in(&field).expect("the grammar gives a type"),
            range: self.one(&field, Rule::field_range, |range| self.first_expr(range)),
            span: self.span(&field),
        });
        let belongs = self.all(&pair, Rule::belongs, |belongs| {
            let names = self.all(&belongs, Rule::ident, |name| self.word(&name));
            let [record, via] = names.try_into().expect("the grammar gives a record and a field");
            Belongs { record, via }
        });
        Record { named: self.named(&pair), fields, belongs }
    }

    pub(in crate::syntax) fn type_in(&self, pair: &Pair<'_, Rule>) -> Option<Type> {
        self.one(pair, Rule::r#type, |ty| self.ty(ty))
    }

    fn ty(&self, pair: Pair<'_, Rule>) -> Type {
        let span = self.span(&pair);
        let data_unit =
            self.one(&pair, Rule::as_unit, |unit| self.one(&unit, Rule::unit_name, |u| self.word(&u)));
        let optional = self.one(&pair, Rule::optional, |_| ()).is_some();
        let head = pair.into_inner().next().expect("the grammar gives a type");
        let unit = || {
            self.one(&head, Rule::type_unit, |unit| self.one(&unit, Rule::unit_name, |u| self.word(&u)))
                .flatten()
        };
        let kind = match head.as_rule() {
            Rule::t_number => TypeKind::Number(unit()),
            Rule::t_count => TypeKind::Count(unit()),
            Rule::t_money => TypeKind::Money(unit()),
            Rule::t_plain => match head.into_inner().next().map(|word| word.as_rule()) {
                Some(Rule::kw_bool) => TypeKind::Bool,
                Some(Rule::kw_text) => TypeKind::Text,
                Some(Rule::kw_rate_type) => TypeKind::Rate,
                Some(Rule::kw_points) => TypeKind::Points,
                Some(Rule::kw_date) => TypeKind::Date,
                Some(Rule::kw_time) => TypeKind::Time,
                Some(Rule::kw_days) => TypeKind::Days,
                Some(Rule::kw_months) => TypeKind::Months,
                _ => TypeKind::Hours,
            },
            _ => TypeKind::Name(self.word(&head)),
        };
        Type { kind, optional, data_unit: data_unit.flatten(), span }
    }

    pub(in crate::syntax) fn direct_expr(&self, pair: &Pair<'_, Rule>) -> Option<Expr> {
        self.one(pair, Rule::expr, |expr| self.expr(expr))
    }

    fn param(&self, pair: Pair<'_, Rule>) -> Param {
        Param {
            named: self.named(&pair),
            ty: self.type_in(&pair),
            value: self.direct_expr(&pair),
            steps: self.steps(&pair),
            cites: self.cites(&pair),
            open: None,
        }
    }

    fn steps(&self, pair: &Pair<'_, Rule>) -> Vec<Step> {
        self.all(pair, Rule::step, |step| Step {
            from: self.date_in(step.clone()).expect("the grammar gives a date"),
            until: self.one(&step, Rule::until, |until| self.date_in(until)).flatten(),
            value: self.direct_expr(&step).expect("the grammar gives a value"),
            cites: self.cites(&step),
            span: self.span(&step),
        })
    }

    /// A param or a define that the text leaves to others.
    fn open(&self, pair: Pair<'_, Rule>) -> ItemKind {
        let item =
            pair.into_inner().find(|part| matches!(part.as_rule(), Rule::open_param | Rule::open_define));
        let pair = item.expect("the grammar gives what is open");
        let by = self.one(&pair, Rule::decided_by, |by| self.string_in(by)).flatten();
        let (named, ty, cites) = (self.named(&pair), self.type_in(&pair), self.cites(&pair));
        if pair.as_rule() == Rule::open_define {
            let open = Some(Open { at_least: None, at_most: None, by });
            return ItemKind::Define(Define {
                named,
                record: self.second_ident(&pair),
                ty,
                body: None,
                cites,
                open,
            });
        }
        let bound = |rule| self.one(&pair, rule, |bound| self.first_expr(bound));
        let (mut at_least, mut at_most) = (bound(Rule::at_least), bound(Rule::at_most));
        if let Some(bounds) =
            self.one(&pair, Rule::between, |part| self.all(&part, Rule::arith, |b| self.expr(b)))
        {
            let mut bounds = bounds.into_iter();
            (at_least, at_most) = (bounds.next(), bounds.next());
        }
        let open = Some(Open { at_least, at_most, by });
        ItemKind::Param(Param { named, ty, value: None, steps: Vec::new(), cites, open })
    }

    fn fill(&self, pair: Pair<'_, Rule>) -> Fill {
        Fill {
            target: self.ident_in(pair.clone()).expect("the grammar gives a name"),
            value: self.direct_expr(&pair),
            steps: self.steps(&pair),
            cites: self.cites(&pair),
        }
    }

    fn define(&self, pair: Pair<'_, Rule>) -> Define {
        Define {
            named: self.named(&pair),
            record: self.second_ident(&pair),
            ty: self.type_in(&pair),
            body: self.direct_expr(&pair),
            cites: self.cites(&pair),
            open: None,
        }
    }

    fn table(&self, pair: Pair<'_, Rule>) -> Table {
        let inputs = self.all(&pair, Rule::table_given, |given| {
            self.all(&given, Rule::table_input, |input| {
                (self.named(&input), self.type_in(&input).expect("the grammar gives a type"))
            })
        });
        Table {
            named: self.named(&pair),
            cites: self.cites(&pair),
            unique: self.one(&pair, Rule::hit, |hit| self.one(&hit, Rule::kw_unique, |_| ()).is_some()),
            inputs: inputs.into_iter().flatten().collect(),
            output: self.one(&pair, Rule::gives, |gives| {
                let named = self.one(&gives, Rule::ident, |_| ()).is_some();
                let ty = self.type_in(&gives).expect("the grammar gives a type");
                (named.then(|| self.named(&gives)), ty)
            }),
            file: self.one(&pair, Rule::table_file, |file| self.string_in(file)).flatten(),
            rows: self.all(&pair, Rule::row, |row| Row {
                cells: self.all(&row, Rule::cell, |cell| self.cell(cell)),
                output: self.direct_expr(&row).expect("the grammar gives an output"),
                span: self.span(&row),
            }),
        }
    }

    fn cell(&self, pair: Pair<'_, Rule>) -> Cell {
        let span = self.span(&pair);
        let inner = pair.into_inner().next().expect("the grammar gives a test");
        let kind = match inner.as_rule() {
            Rule::cell_any => CellKind::Any,
            Rule::cell_compare => {
                let op = inner.clone().into_inner().next().and_then(|op| compare_op(op.as_rule()));
                CellKind::Compare(op.expect("the grammar gives a comparison"), self.first_expr(inner))
            }
            _ => CellKind::Is(self.expr(inner)),
        };
        Cell { kind, span }
    }

    fn principle(&self, pair: Pair<'_, Rule>) -> Principle {
        Principle {
            named: self.named(&pair),
            cites: self.cites(&pair),
            reason: self.one(&pair, Rule::reason, |reason| self.string_in(reason)).flatten(),
        }
    }

    /// The name, the label and the file: the last string, since the label may be left out.
    fn named_file(&self, pair: &Pair<'_, Rule>) -> (Named, Word) {
        let file = self.all(pair, Rule::string, |string| self.string(string)).pop();
        let mut named = self.named(pair);
        let file = file.expect("the grammar gives a file");
        named.label = named.label.filter(|label| label.span != file.span);
        (named, file)
    }

    fn calendar(&self, pair: Pair<'_, Rule>) -> Calendar {
        let (named, file) = self.named_file(&pair);
        let days =
            self.one(&pair, Rule::covers, |covers| self.all(&covers, Rule::date, |date| self.word(&date)));
        let mut days = days.expect("the grammar gives days").into_iter();
        let mut day = || days.next().expect("the grammar gives two days");
        Calendar { named, file, first: day(), last: day(), cites: self.cites(&pair) }
    }

    fn register(&self, pair: Pair<'_, Rule>) -> Register {
        let (named, file) = self.named_file(&pair);
        Register {
            named,
            file,
            key: self.all(&pair, Rule::ident, |ident| self.word(&ident)).into_iter().nth(1),
            dated: self.one(&pair, Rule::dated, |dated| self.date_in(dated)).flatten(),
            cites: self.cites(&pair),
        }
    }
}

/// 24 of `24` and of `二十四`; a number too large for an article is one that no document has.
fn article_number(text: &str) -> u32 {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return text.parse().unwrap_or(u32::MAX);
    }
    const DIGITS: &str = "零一二三四五六七八九";
    let (mut total, mut digit) = (0u32, 0u32);
    for c in text.chars() {
        match c {
            '十' => (total, digit) = (total + digit.max(1) * 10, 0),
            '百' => (total, digit) = (total + digit.max(1) * 100, 0),
            c => digit = DIGITS.chars().position(|d| d == c).unwrap_or(0) as u32,
        }
    }
    total + digit
}
