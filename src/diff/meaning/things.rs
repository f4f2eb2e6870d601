//! What everything that is no measure says, part by part.

use super::Side;
use super::form::Scope;
use super::item::{Aspect, Item, Maker, cite_meant, cite_text, force_text};
use super::measure::{rounding_text, value_text};
use super::names::Kind;
use crate::check::show::{Language, show_variants};
use crate::check::typed::{
    Budget, BudgetId, BudgetRule, Cell, Field, Force, Hit, Interval, NumberKind, Open, Param, ParamStep,
    RecordId, Table, TableId, TableInput, TableRow, Type,
};
use crate::value::{Date, DayRule, Number, Value};

pub fn policy(side: &mut Side<'_>) -> Option<Item> {
    let policy = side.reader.program.policy.as_ref()?;
    let mut maker = side.maker(Kind::Policy, &policy.head, 0);
    let language = maker.language;
    if let Some(issuer) = &policy.issuer {
        maker.text("issuer", Aspect::Text, language.pick("issuer", "发文机关"), issuer.clone());
    }
    if let Some(issued) = policy.issued {
        maker.text("issued", Aspect::Date, language.pick("issued", "发文日期"), issued.to_string());
    }
    maker.force(policy.force, Force::default());
    if let Some(rounding) = &policy.rounding {
        // What the header rounds is money.
        let text = rounding_text(&maker, &Type::money("CNY"), rounding);
        maker.text("rounding", Aspect::Rounding, "", text);
    }
    if let Some(rule) = policy.day_rule {
        let label = language.pick("days that do not exist", "不存在的日期");
        let (english, chinese) = match rule {
            DayRule::Down => ("round down", "向下"),
            DayRule::Up => ("round up", "向上"),
        };
        maker.text("dates", Aspect::Rounding, label, language.pick(english, chinese).to_owned());
    }
    maker.cites("", "", &policy.head.cites, &[]);
    Some(maker.finish())
}

pub fn param(side: &mut Side<'_>, at: usize) -> Item {
    let param = &side.reader.program.params[at];
    let mut maker = side.maker(Kind::Param, &param.head, at);
    ty(&mut maker, &param.ty);
    open(&mut maker, &param.ty, param.open.as_ref());
    steps(&mut maker, param);
    maker.cites("", "", &param.head.cites, &[]);
    maker.finish()
}

/// The values of a param over time, each by the day from which it holds.
fn steps(maker: &mut Maker<'_, '_>, param: &Param) {
    for step in &param.steps {
        let label = match step.force.from {
            Some(_) => force_text(Force { until: None, ..step.force }, maker.language),
            None => String::new(),
        };
        let mut text = value_text(maker, &param.ty, &step.value);
        if step.force.until.is_some() {
            text += &format!(" {}", force_text(Force { from: None, ..step.force }, maker.language));
        }
        let meant = format!("{:?} {:?}", step.value, step.force.until);
        let aspect = if matches!(param.ty, Type::Number(_)) { Aspect::Amount } else { Aspect::Value };
        maker.fact(&step_key("value", step), aspect, &label, meant, text);
        step_cites(maker, step);
    }
}

fn step_key(word: &str, step: &ParamStep) -> String {
    match step.force.from {
        Some(from) => format!("{word} from {from}"),
        None => word.to_owned(),
    }
}

fn step_cites(maker: &mut Maker<'_, '_>, step: &ParamStep) {
    let when = force_text(step.force, maker.language);
    let own: Vec<String> = step.cites.iter().map(|cite| cite_text(cite, maker.language)).collect();
    if !own.is_empty() {
        let meant: Vec<String> = step.cites.iter().map(cite_meant).collect();
        let text = own.join(maker.language.pick("; ", "；"));
        maker.fact(&step_key("cite value", step), Aspect::Citation, &when, meant.join("\n"), text);
    }
}

fn open(maker: &mut Maker<'_, '_>, ty: &Type, open: Option<&Open>) {
    let Some(open) = open else { return };
    let language = maker.language;
    let mut parts = vec![language.pick("left open", "留待").to_owned()];
    parts.extend(open.by.as_ref().map(|by| match language {
        Language::English => format!("to {by}"),
        Language::Chinese => by.clone(),
    }));
    let bounds = [(&open.least, ("at least", "最少")), (&open.most, ("at most", "最多"))];
    for (bound, (english, chinese)) in bounds {
        let bound = bound.as_ref().map(|bound| value_text(maker, ty, bound));
        parts.extend(bound.map(|bound| format!("{} {bound}", language.pick(english, chinese))));
    }
    let meant = format!("open {:?} {:?} {:?} {}", open.by, open.least, open.most, open.decimals);
    maker.fact("open", Aspect::Amount, "", meant, parts.join(" "));
}

fn ty(maker: &mut Maker<'_, '_>, ty: &Type) {
    let form = maker.reader.ty(ty);
    let text = type_text(maker, ty);
    maker.add("type", Aspect::Definition, maker.language.pick("type", "类型"), (form, form), text);
}

fn type_text(maker: &Maker<'_, '_>, ty: &Type) -> String {
    let (english, chinese) = match ty {
        Type::Bool => ("true or false", "是非"),
        Type::Text => ("text", "文本"),
        Type::Date => ("date", "日期"),
        Type::Time => ("time", "时刻"),
        Type::Enum(id) => return maker.reader.program.enums[id.index()].head.label.clone(),
        Type::Number(number) => match number.kind {
            NumberKind::Rate => ("rate", "比率"),
            NumberKind::Points => ("percentage points", "百分点"),
            NumberKind::Plain if number.dimension.is_none() => ("number", "数值"),
            NumberKind::Plain => return number.dimension.to_string(),
        },
    };
    maker.language.pick(english, chinese).to_owned()
}

pub fn define(side: &mut Side<'_>, at: usize) -> Item {
    let define = &side.reader.program.defines[at];
    let mut maker = side.maker(Kind::Define, &define.head, at);
    let record = maker.reader.record(define.record);
    let record_label = maker.reader.program.records[define.record.index()].head.label.clone();
    let label = maker.language.pick("for", "适用");
    maker.add("for", Aspect::Definition, label, (record, record), record_label);
    ty(&mut maker, &define.body.ty);
    open(&mut maker, &define.body.ty, define.open.as_ref());
    let scope = Scope { record: define.record, lets: &[] };
    maker.expr("body", Aspect::Definition, "", scope, &define.body);
    maker.cites("", "", &define.head.cites, &[&define.body]);
    let filled = maker.language.pick("filled in", "落实");
    maker.cites("filled", filled, &define.filled, &[]);
    maker.finish()
}

pub fn table(side: &mut Side<'_>, at: usize) -> Item {
    let table = &side.reader.program.tables[at];
    let mut maker = side.maker(Kind::Table, &table.head, at);
    let language = maker.language;
    let hit = match table.hit {
        Hit::First => language.pick("the first row that fits", "首行"),
        Hit::Unique => language.pick("the only row that fits", "唯一"),
    };
    maker.text("hit", Aspect::Definition, language.pick("hit", "命中"), hit.to_owned());
    for input in &table.inputs {
        let form = maker.reader.ty(&input.ty);
        let text = type_text(&maker, &input.ty);
        let key = format!("input {}", input.name);
        maker.add(&key, Aspect::Definition, &input.label, (form, form), text);
    }
    let form = maker.reader.ty(&table.output);
    let text = type_text(&maker, &table.output);
    maker.add("gives", Aspect::Definition, language.pick("gives", "输出"), (form, form), text);
    for (number, row) in table.rows.iter().enumerate() {
        let form = maker.reader.row(TableId(at as u32), row);
        let label = match language {
            Language::English => format!("row {}", number + 1),
            Language::Chinese => format!("第{}行", number + 1),
        };
        let text = row_text(&maker, table, row);
        maker.add(&format!("row {number}"), Aspect::Definition, &label, (form, form), text);
    }
    maker.cites("", "", &table.head.cites, &[]);
    maker.finish()
}

fn row_text(maker: &Maker<'_, '_>, table: &Table, row: &TableRow) -> String {
    let cell = |(input, cell): (&TableInput, &Cell)| match cell {
        Cell::Any => "-".to_owned(),
        Cell::Variants(set) => show_variants(maker.reader.program, &input.ty, *set, maker.language),
        Cell::Values(values) => {
            values.iter().map(|value| value_text(maker, &input.ty, value)).collect::<Vec<_>>().join("|")
        }
        Cell::Range { low, high } => {
            let end = |bound: &Option<(Value, bool)>, signs: [&str; 2]| {
                let (value, included) = bound.as_ref()?;
                let sign = signs[usize::from(*included)];
                Some(format!("{sign} {}", value_text(maker, &input.ty, value)))
            };
            let ends = [end(low, [">", "≥"]), end(high, ["<", "≤"])];
            ends.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
    };
    let cells: Vec<String> = table.inputs.iter().zip(&row.cells).map(cell).collect();
    format!("{} => {}", cells.join(", "), value_text(maker, &table.output, &row.output))
}

pub fn register(side: &mut Side<'_>, at: usize) -> Item {
    let register = &side.reader.program.registers[at];
    let mut maker = side.maker(Kind::Register, &register.head, at);
    let mut members: Vec<&str> = register.members.iter().map(String::as_str).collect();
    members.sort_unstable();
    let text = match maker.language {
        Language::English => counted(members.len(), "name"),
        Language::Chinese => format!("{}个名称", members.len()),
    };
    let label = maker.language.pick("members", "成员");
    maker.fact("members", Aspect::Definition, label, members.join("\n"), text);
    if let Some(day) = register.dated {
        maker.text("dated", Aspect::Date, maker.language.pick("dated", "截止日期"), day.to_string());
    }
    maker.cites("", "", &register.head.cites, &[]);
    maker.finish()
}

fn counted(things: usize, word: &str) -> String {
    format!("{things} {word}{}", if things == 1 { "" } else { "s" })
}

/// A calendar by its citations; what it says is told where days are counted by it.
pub fn calendar(side: &mut Side<'_>, at: usize) -> Item {
    let head = &side.reader.program.calendars[at];
    let days = side.calendars.get(&head.name).cloned();
    let mut maker = side.maker(Kind::Calendar, head, at);
    if let Some(days) = days {
        let text = format!("{} – {}", days.first, days.last);
        let label = maker.language.pick("working days", "工作日");
        maker.fact("days", Aspect::Definition, label, format!("{days:?}"), text);
    }
    maker.cites("", "", &head.cites, &[]);
    maker.finish()
}

pub fn record(side: &mut Side<'_>, at: usize) -> Item {
    let record = &side.reader.program.records[at];
    let mut maker = side.maker(Kind::Record, &record.head, at);
    for field in &record.fields {
        self::field(&mut maker, field);
    }
    for belonging in &record.belongs {
        let other = &maker.reader.program.records[belonging.record.index()].head;
        let (name, label) = (other.name.clone(), other.label.clone());
        let via = maker.reader.field(RecordId(at as u32), belonging.via.index());
        let text = record.fields[belonging.via.index()].label.clone();
        let belongs = maker.language.pick("belongs to", "隶属");
        let label = format!("{belongs} {label}");
        maker.add(&format!("belongs {name}"), Aspect::Definition, &label, (via, via), text);
    }
    maker.cites("", "", &record.head.cites, &[]);
    let mut item = maker.finish();
    // What a record says of its fields is not what it uses.
    item.names.retain(|key| key.kind != Kind::Field);
    item
}

fn field(maker: &mut Maker<'_, '_>, field: &Field) {
    let key = format!("field {}", field.name);
    let language = maker.language;
    let mut words = vec![type_text(maker, &field.ty)];
    if !field.data_unit_word.is_empty() {
        words.push(format!("{} {}", language.pick("as", "单位为"), field.data_unit_word));
    }
    words.extend(range_text(maker, field));
    if let (true, Type::Number(_)) = (field.decimals > 0, &field.ty) {
        words.push(match language {
            Language::English => format!("{} decimals", field.decimals),
            Language::Chinese => format!("{}位小数", field.decimals),
        });
    }
    if field.key {
        words.push(language.pick("key", "键").to_owned());
    }
    if field.optional {
        words.push(language.pick("often blank", "可为空").to_owned());
    }
    let ty = maker.reader.ty(&field.ty);
    let rest = format!(
        "field {} {} {} {:?} {}",
        field.key, field.optional, field.data_unit, field.range, field.decimals
    );
    let form = maker.reader.forms.node(rest, vec![ty]);
    maker.add(&key, Aspect::Definition, &field.label, (form, form), words.join(language.pick(", ", "，")));
    maker.label(&key, &field.name, &field.label);
}

fn range_text(maker: &Maker<'_, '_>, field: &Field) -> Option<String> {
    let Interval { low, high } = &field.range;
    let end = |end: &Option<Number>| match (end, &field.ty) {
        (None, _) => String::new(),
        (Some(day), Type::Date) => {
            let day = day.to_scaled(0).and_then(|day| i32::try_from(day).ok()).map(Date);
            day.map_or(String::new(), |day| day.to_string())
        }
        (Some(number), ty) => value_text(maker, ty, &Value::Number(number.clone())),
    };
    (low.is_some() || high.is_some()).then(|| format!("{}..{}", end(low), end(high)))
}

pub fn enumeration(side: &mut Side<'_>, at: usize) -> Item {
    let own = &side.reader.program.enums[at];
    let mut maker = side.maker(Kind::Enum, &own.head, at);
    for variant in &own.variants {
        let key = format!("variant {}", variant.name);
        maker.fact(&key, Aspect::Definition, &variant.label, "variant".to_owned(), variant.name.clone());
        maker.label(&key, &variant.name, &variant.label);
    }
    maker.cites("", "", &own.head.cites, &[]);
    maker.finish()
}

pub fn budget(side: &mut Side<'_>, at: usize) -> Item {
    let budget = &side.reader.program.budgets[at];
    let id = BudgetId(at as u32);
    let mut maker = side.maker(Kind::Budget, &budget.head, at);
    let language = maker.language;
    let scope = Scope { record: budget.record, lets: &[] };
    maker.expr("pool", Aspect::Amount, language.pick("pool", "总额"), scope, &budget.pool);
    let draws: Vec<_> = (0..budget.draws.len()).map(|draw| maker.reader.draw(id, draw)).collect();
    let form = maker.reader.forms.node("draws", draws);
    let text: Vec<String> = budget
        .draws
        .iter()
        .map(|(measure, benefit)| {
            format!("{}.{benefit}", maker.reader.program.measures[measure.index()].head.label)
        })
        .collect();
    let label = language.pick("draws", "支出");
    maker.add("draws", Aspect::Amount, label, (form, form), text.join(language.pick(", ", "、")));
    let rule = maker.reader.rule(id);
    let rule = maker.reader.forms.node(format!("known only {}", budget.known_only), vec![rule]);
    let text = rule_text(&maker, scope, budget);
    maker.add("rule", Aspect::Condition, language.pick("rule", "规则"), (rule, rule), text);
    maker.cites("", "", &budget.head.cites, &[]);
    maker.finish()
}

fn rule_text<'a>(maker: &Maker<'_, 'a>, scope: Scope<'a>, budget: &Budget) -> String {
    let language = maker.language;
    let mut text = match &budget.rule {
        BudgetRule::ProRata => language.pick("pro rata", "按比例").to_owned(),
        BudgetRule::InOrder { by, descending, ties, cut } => {
            let mut text = format!("{} {}", language.pick("order by", "顺序 按"), maker.words(scope, by));
            if *descending {
                text += language.pick(" descending", " 降序");
            }
            if let Some(ties) = ties {
                text += &format!("{} {}", language.pick(", ties by", "，并列 按"), maker.words(scope, ties));
            }
            let last = match cut {
                true => language.pick(", last cut", "，末位削减"),
                false => language.pick(", last refused", "，末位拒绝"),
            };
            text + last
        }
    };
    if budget.known_only {
        text += language.pick(", known only", "，仅计已知");
    }
    text
}

pub fn principle(side: &mut Side<'_>, at: usize) -> Item {
    let principle = &side.reader.program.principles[at];
    let mut maker = side.maker(Kind::Principle, &principle.head, at);
    maker.text("reason", Aspect::Text, maker.language.pick("reason", "理由"), principle.reason.clone());
    maker.cites("", "", &principle.head.cites, &[]);
    maker.finish()
}

/// A source document; white space at the ends of lines is layout.
pub fn source(side: &mut Side<'_>, at: usize) -> Item {
    let source = &side.reader.program.sources[at];
    let lines: Vec<&str> = side.sources.file(source.file).text.lines().map(str::trim_end).collect();
    let mut maker = side.bare(Kind::Source, &source.name, at);
    let words = match maker.language {
        Language::English => counted(lines.len(), "line"),
        Language::Chinese => format!("{}行", lines.len()),
    };
    maker.fact("text", Aspect::Text, "", lines.join("\n"), words);
    if let Some(closing) = &source.closing {
        maker.text("closing", Aspect::Text, maker.language.pick("closing", "结尾"), closing.clone());
    }
    maker.finish()
}

pub fn unit(side: &mut Side<'_>, at: usize) -> Item {
    let own = &side.reader.program.units[at];
    let mut maker = side.bare(Kind::Unit, own.words.first().map_or("", String::as_str), at);
    let text = format!("{}{}", own.unit.factor, own.unit.dimension);
    maker.text("is", Aspect::Definition, "", text);
    for word in own.words.iter().skip(1) {
        maker.text(&format!("word {word}"), Aspect::Label, "", word.clone());
    }
    maker.finish()
}
