//! Survivors as lines for a terminal.

use std::fmt::Write as _;

use super::{Mutant, MutantKind, Mutants, Survivor};
use crate::check::show::Language;
use crate::source::SourceMap;

impl MutantKind {
    pub fn words(self, language: Language) -> &'static str {
        match self {
            MutantKind::Threshold => language.pick("thresholds moved by a step", "界限移动一步"),
            MutantKind::Comparison => language.pick("comparisons turned", "含与不含互换"),
            MutantKind::Param => language.pick("params moved by a step", "参数移动一步"),
            MutantKind::Amount => language.pick("amounts moved by a step", "金额移动一步"),
            MutantKind::Condition => language.pick("conditions left out", "略去条件"),
            MutantKind::Connective => language.pick("and for or", "且与或互换"),
            MutantKind::Alternative => language.pick("alternatives left out", "略去情形"),
            MutantKind::Swap => language.pick("alternatives changed over", "情形互换"),
        }
    }
}

impl Mutant {
    /// Whose text it changes: `job_subsidy contract “签订1年以上劳动合同”`.
    pub fn subject(&self) -> String {
        let part = if self.part.is_empty() { String::new() } else { format!(" {}", self.part) };
        let told = self.label.is_empty() || self.label == self.item || self.label == self.part;
        let label = if told { String::new() } else { format!(" “{}”", self.label) };
        format!("{}{part}{label}", self.item)
    }

    fn text(&self, language: Language) -> String {
        let colon = language.pick(": ", "：");
        let arrow = format!("{}{colon}{} → {}", self.subject(), self.before, self.after);
        match &self.within {
            Some(within) => {
                format!("{arrow}{}{within}{}", language.pick(" (in ", "（见 "), language.pick(")", "）"))
            }
            None => arrow,
        }
    }
}

impl Mutants {
    /// The survivors with their places and what would notice them, then how many were tried of each kind.
    pub fn text(&self, sources: &SourceMap, language: Language) -> String {
        let mut out = String::new();
        for Survivor { mutant, cases } in &self.survivors {
            let file = sources.file(mutant.span.file);
            let (line, column) = file.line_column(mutant.span.start as usize);
            let _ = writeln!(out, "{}:{line}:{column}: {}", file.path.display(), mutant.text(language));
            let seen = match (language, cases) {
                (Language::English, 0) => "no case reads it".to_owned(),
                (Language::English, 1) => "the 1 case that reads it passes all the same".to_owned(),
                (Language::English, cases) => format!("the {cases} cases that read it pass all the same"),
                (Language::Chinese, 0) => "没有算例用到它".to_owned(),
                (Language::Chinese, cases) => format!("用到它的 {cases} 个算例照样通过"),
            };
            let hint = mutant.hint.as_ref().map_or(String::new(), |hint| match language {
                Language::English => format!("; what would notice: {hint}"),
                Language::Chinese => format!("；可以{hint}"),
            });
            let _ = writeln!(out, "   {seen}{hint}");
        }
        out.push_str(&self.summary(language));
        out
    }

    fn summary(&self, language: Language) -> String {
        let mut out = String::new();
        for (kind, count) in &self.tried {
            let left = self.survivors.iter().filter(|own| own.mutant.kind == *kind).count();
            let words = kind.words(language);
            let _ = match language {
                Language::English => writeln!(out, "{count:>6} {words}: {left} unnoticed"),
                Language::Chinese => writeln!(out, "{count:>6} 处{words}：{left} 处无算例察觉"),
            };
        }
        let (all, left, same) = (self.total(), self.survivors.len(), self.equivalent.len());
        let _ = match language {
            Language::English => writeln!(
                out,
                "{all} mutants: {} noticed, {left} noticed by no case; {same} more mean the same as the text and \
                 were not tried",
                all - left
            ),
            Language::Chinese => writeln!(
                out,
                "共试 {all} 处改动：{} 处被算例察觉，{left} 处没有算例察觉；另有 {same} 处与原文意思相同，未试",
                all - left
            ),
        };
        out
    }
}
