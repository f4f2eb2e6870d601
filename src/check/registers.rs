//! Lists that stand in files: the names of a register, one in each row.

use std::sync::Arc;

use indexmap::IndexSet;

use super::checker::{Checker, Entry, Items};
use super::scope::{ModuleRef, Symbol};
use super::tables::csv_records;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};
use crate::syntax::ast;

impl Checker<'_> {
    pub(super) fn registers(&mut self, items: &Items<'_>) {
        for entry in &items.registers {
            let item = entry.item;
            let file = self.input.sets[entry.module.set].tables.get(&item.file.span).copied();
            let members = file.and_then(|file| self.members(entry, file)).unwrap_or_default();
            let dated = item.dated.as_ref().and_then(|word| self.date(&word.text, word.span));
            let head = self.head(entry.module, entry.docs, &item.named, &item.cites);
            self.program.registers.push(Register { head, dated, members: Arc::new(members) });
        }
    }

    fn members(&mut self, entry: &Entry<'_, ast::Register>, file: FileId) -> Option<IndexSet<String>> {
        let text = self.sources.file(file).text.clone();
        let mut lines = csv_records(file, &text);
        let header = match lines.next() {
            Some(Ok(header)) => header,
            Some(Err(span)) => return self.bad_register(span, "a quotation mark is not closed"),
            None => {
                return self
                    .bad_register(Span::new(file, 0, text.len().min(1)), "the file of the list is empty");
            }
        };
        let column = match &entry.item.key {
            None => 0,
            Some(key) => match header.iter().position(|(title, _)| title.trim() == key.text) {
                Some(column) => column,
                None => {
                    let titles: Vec<&str> = header.iter().map(|(title, _)| title.trim()).collect();
                    let problem = Diagnostic::new(
                        &codes::BAD_TABLE,
                        key.span,
                        format!("the file has no column `{}`", key.text),
                    )
                    .at("no such column")
                    .suggest(&key.text, titles.iter().copied())
                    .note(format!("its columns: {}", titles.join(", ")));
                    self.report(problem);
                    return None;
                }
            },
        };
        let mut members = IndexSet::new();
        for line in lines {
            let cells = match line {
                Ok(cells) => cells,
                Err(span) => return self.bad_register(span, "a quotation mark is not closed"),
            };
            let (name, span) = match cells.get(column) {
                Some((name, span)) if !name.trim().is_empty() => (name.trim(), *span),
                _ => {
                    self.bad_register(cells[cells.len() - 1].1, "a row of the list names nothing");
                    continue;
                }
            };
            if !members.insert(name.to_owned()) {
                self.bad_register(span, &format!("`{name}` stands in the list twice"));
            }
        }
        Some(members)
    }

    fn bad_register(&mut self, span: Span, message: &str) -> Option<IndexSet<String>> {
        self.report(Diagnostic::new(&codes::BAD_TABLE, span, message).at("in this list"));
        None
    }

    /// `field in register`.
    pub(super) fn in_register(
        &mut self,
        module: ModuleRef,
        value: &Expr,
        within: &ast::Expr,
        span: Span,
    ) -> Option<Option<Expr>> {
        let ast::ExprKind::Path(path) = &within.kind else { return None };
        let [word] = &path[..] else { return None };
        let Some(Symbol::Register(register)) = self.scopes.of(module).get(&word.text) else { return None };
        self.used.insert(Symbol::Register(register));
        self.refer_symbol(word.span, Symbol::Register(register));
        if let (ExprKind::Field(field), Type::Text) = (&value.kind, &value.ty) {
            let kind = ExprKind::Member { field: *field, register };
            return Some(Some(Expr::bool(kind, span)));
        }
        self.report(
            Diagnostic::new(&codes::TYPE_MISMATCH, value.span, "only a field of texts is looked up in a list")
                .at("not a field of type `text`")
                .note("a list holds the names or numbers by which records are known: `credit_code in key_enterprises`"),
        );
        Some(None)
    }
}
