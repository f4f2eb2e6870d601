//! Where in an item the cursor stands, from the words before it: the text need not be in its form.

use crate::ide::words::Piece;
use crate::syntax::token::Token;

/// What a block in brackets holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// The members of the item.
    Body,
    /// `use module.{ … }`
    Names,
    /// `given { … }`, perhaps of a kind of record that is named.
    Given(Option<String>),
    /// `expect granted { … }`
    Awards,
    /// `require { … }`
    Conditions,
    /// `one of { … }`
    Branches,
    /// `=> { … }`, `on breach { … }`
    Benefits,
    /// `match … { … }`, with the token before the bracket.
    Arms(usize),
    /// `x in { … }`, with the token before `in`.
    Among(Option<usize>),
    /// `( … )`
    Round,
}

/// A block that is open at the cursor: what it holds, and the token that opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub block: Block,
    pub at: usize,
}

pub const COMPARE: &[&str] = &[
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "≠",
    "≤",
    "≥",
    "＝＝",
    "！＝",
    "＜",
    "＜＝",
    "＞",
    "＞＝",
    "等于",
    "不等于",
    "低于",
    "不满",
    "不足",
    "不超过",
    "不高于",
    "至多",
    "超过",
    "高于",
    "多于",
    "不低于",
    "不少于",
    "至少",
];
pub const IN: &[&str] = &["in", "属于", "不属于", "在"];
pub const ARROW: &[&str] = &["=>", "⇒", "＝＞"];
const MATCH: &[&str] = &["match", "区分"];
const CONDITIONS: &[&str] = &["require", "条件", "except", "除外", "comply", "履行"];
const EXPECT: &[&str] = &["expect", "预期"];
const GIVEN: &[&str] = &["given", "已知", "输入"];

/// The blocks of an item that are open behind its last token.
pub fn open_blocks(keyword: &str, pieces: &[Piece<'_>]) -> Vec<Open> {
    let mut open: Vec<Open> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if piece.opens() {
            let block = block(keyword, pieces, at, open.last());
            open.push(Open { block, at });
        } else if piece.closes() {
            open.pop();
        }
    }
    open
}

fn block(keyword: &str, pieces: &[Piece<'_>], at: usize, around: Option<&Open>) -> Block {
    if pieces[at].token == Some(Token::OpenParen) {
        return Block::Round;
    }
    let before = |back: usize| at.checked_sub(back).map(|at| &pieces[at]);
    let is = |back: usize, words: &[&str]| before(back).is_some_and(|piece| piece.is(words));
    if is(1, IN) {
        let not = usize::from(is(2, &["not"]));
        return Block::Among(at.checked_sub(2 + not));
    }
    if is(1, ARROW) || is(1, &["breach", "违反"]) {
        return Block::Benefits;
    }
    if is(1, &["of"]) && is(2, &["one", "first"]) || is(1, &["择一", "依次"]) {
        return Block::Branches;
    }
    if is(1, CONDITIONS) {
        return Block::Conditions;
    }
    if matching(pieces, at, around) {
        return Block::Arms(at - 1);
    }
    match (keyword, around) {
        ("use", _) => Block::Names,
        ("case", Some(_)) if is(1, GIVEN) => Block::Given(None),
        ("case", Some(_)) if is(2, GIVEN) => Block::Given(before(1).map(|piece| piece.text.to_owned())),
        ("case", Some(_)) if (1..=12).any(|back| is(back, EXPECT)) => Block::Awards,
        _ => Block::Body,
    }
}

/// Whether a `match` waits for its block: nothing between the two opens another.
fn matching(pieces: &[Piece<'_>], at: usize, around: Option<&Open>) -> bool {
    let from = around.map_or(0, |open| open.at + 1);
    let mut depth = 0usize;
    for piece in pieces[from..at].iter().rev() {
        if piece.closes() {
            depth += 1;
        } else if piece.opens() {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && piece.is(MATCH) {
            return true;
        } else if depth == 0 && matches!(piece.text, ":" | "=" | "," | "：" | "，") {
            return false;
        }
    }
    false
}

/// Whether a value must follow a token: an operator, an opening bracket, a word such as `and`.
pub fn wants_value(piece: &Piece<'_>) -> bool {
    const SIGNS: &[&str] =
        &["=", "+", "-", "*", "/", "×", "÷", "−", "(", "（", "＝", "＋", "－", "＊", "／", "..", "..<"];
    const WORDS: &[&str] = &[
        "and",
        "且",
        "or",
        "或",
        "not",
        "非",
        "if",
        "如果",
        "then",
        "则",
        "else",
        "否则",
        "otherwise",
        "缺则",
        "known",
        "已知",
        "in",
        "属于",
        "不属于",
        "在",
        "match",
        "区分",
        "where",
        "其中",
        "due",
        "期限",
        "most",
        "最多",
        "least",
        "最少",
        "between",
        "介于",
        "to",
        "到",
        "平均",
        "合计",
        "最低",
        "最高",
        "任一",
        "全都",
    ];
    piece.is(SIGNS) || piece.is(WORDS) || piece.is(COMPARE)
}

/// Whether a value, a block or a member may end with a token.
pub fn ends(piece: &Piece<'_>) -> bool {
    let value = matches!(
        piece.token,
        Some(Token::Word | Token::Number | Token::String | Token::CloseBrace | Token::CloseParen)
    );
    value && !wants_value(piece) || piece.is(&[",", ";", "，", "；", "、", "?", "？", "%", "‰", "％"])
}
