//! Calendars of working days, from files that name holidays and the days worked in their place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::checker::{Checker, Entry, Items};
use super::expr::Env;
use super::tables::csv_records;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Argument, Word};
use crate::value::{Calendar, Date};

impl Checker<'_> {
    pub(super) fn check_calendars(&mut self, items: &Items<'_>) {
        for entry in &items.calendars {
            let days = self.calendar(entry);
            self.calendars.push(days.map(Arc::new));
            let head = self.head(entry.module, entry.docs, &entry.item.named, &entry.item.cites);
            self.program.calendars.push(head);
        }
    }

    fn calendar(&mut self, entry: &Entry<'_, ast::Calendar>) -> Option<Calendar> {
        let item = entry.item;
        let (first, last) =
            (self.date(&item.first.text, item.first.span)?, self.date(&item.last.text, item.last.span)?);
        if last < first {
            self.report(
                Diagnostic::new(&codes::EMPTY_RANGE, item.last.span, "the calendar ends before it begins")
                    .at("no day fits")
                    .note("write the first day first"),
            );
            return None;
        }
        let file = *self.input.sets[entry.module.set].tables.get(&item.file.span)?;
        let exceptions = self.exceptions(file, first, last)?;
        Some(Calendar::new(first, last, &exceptions))
    }

    fn exceptions(&mut self, file: FileId, first: Date, last: Date) -> Option<BTreeMap<Date, bool>> {
        let text = self.sources.file(file).text.clone();
        let mut days: BTreeMap<Date, bool> = BTreeMap::new();
        let mut sound = true;
        for record in csv_records(file, &text).skip(1) {
            let (day, kind) = match record.as_deref() {
                Ok([day, kind, ..]) => (day.clone(), kind.clone()),
                Ok(cells) => {
                    let span = cells.last().map_or(Span::new(file, 0, 0), |(_, span)| *span);
                    sound = self.bad_calendar(span, "a row has a day and its kind");
                    continue;
                }
                Err(span) => {
                    self.bad_calendar(*span, "a quotation mark is not closed");
                    return None;
                }
            };
            let worked = match kind.0.trim() {
                "workday" | "班" => true,
                "holiday" | "休" => false,
                other => {
                    sound = self.bad_calendar(
                        kind.1,
                        &format!("`{other}` is neither `holiday` (休) nor `workday` (班)"),
                    );
                    continue;
                }
            };
            let Some(date) = super::constants::read_date(day.0.trim()) else {
                sound =
                    self.bad_calendar(day.1, &format!("`{}` is no date such as 2020-05-01", day.0.trim()));
                continue;
            };
            if date < first || last < date {
                sound = self
                    .bad_calendar(day.1, &format!("{date} is not among the days that the calendar covers"));
            } else if days.insert(date, worked).is_some() {
                sound = self.bad_calendar(day.1, &format!("{date} stands in the calendar twice"));
            }
        }
        sound.then_some(days)
    }

    fn bad_calendar(&mut self, span: Span, message: &str) -> bool {
        self.report(Diagnostic::new(&codes::BAD_TABLE, span, message).at("in this calendar").note(
            "a calendar has a header and rows of a day and `holiday` or `workday`: `2020-05-01,holiday`",
        ));
        false
    }

    /// `workdays(from, 2天)`: the second working day after a day.
    pub(super) fn calendar_call(
        &mut self,
        env: &Env,
        id: CalendarId,
        name: &Word,
        arguments: &[Argument],
        span: Span,
    ) -> Option<Expr> {
        let [date, days] = arguments else {
            let problem = Diagnostic::new(
                &codes::WRONG_ARGUMENTS,
                span,
                "a calendar is called with a day and a number of days",
            )
            .at("too few or too many")
            .note(format!("write `{}(received_on, 2天)`: the second working day after it", name.text));
            self.report(problem);
            return None;
        };
        let date = self.expect(env, &date.value, &Type::Date, "working days count from a date");
        let days = self.expect(env, &days.value, &Type::days(), "the second is a number of days");
        let (date, days) = (date?, days?);
        if days.decimals != Some(0) {
            self.report(
                Diagnostic::new(&codes::NOT_WHOLE, days.span, "working days are whole days")
                    .at("this may be a fraction")
                    .note("round it: `round(x, up, to: 1天)`"),
            );
            return None;
        }
        let calendar = self.calendars.get(id.index())?.clone()?;
        let kind = ExprKind::AddWorkdays {
            date: Box::new(date),
            days: Box::new(days),
            calendar,
            name: name.text.clone(),
        };
        Some(Expr::number(kind, Type::Date, span, Interval::any(), Some(0)))
    }
}
