//! The scanner's tokens. They tile a file: joined, they are its text.

use logos::Logos;

#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    #[regex(r"[ \t\r\n\u{3000}\u{A0}\u{FEFF}]+")]
    Space,
    #[regex(r"//[^\n]*", allow_greedy = true)]
    Comment,
    /// A keyword, a name or a unit.
    #[regex(r"\p{XID_Start}\p{XID_Continue}*")]
    Word,
    #[regex(r"[0-9][0-9_]*(\.[0-9]+)?")]
    Number,
    #[regex("\"([^\"\\\\\n]|\\\\[^\n])*\"")]
    /// A closed string with straight quotation marks. Curly ones are found by hand.
    String,
    /// A quotation mark that opens a string not closed on its line.
    #[token("\"")]
    #[token("“")]
    #[token("”")]
    Quote,
    #[token("{")]
    #[token("\u{FF5B}")]
    OpenBrace,
    #[token("}")]
    #[token("\u{FF5D}")]
    CloseBrace,
    #[token("(")]
    #[token("\u{FF08}")]
    OpenParen,
    #[token(")")]
    #[token("\u{FF09}")]
    CloseParen,
    /// Operators and other punctuation of the grammar.
    #[regex(r"[-+*/%‰×÷−:;,.、<>=!?_≤≥≠⇒\u{FF0B}\u{FF0D}\u{FF0A}\u{FF0F}\u{FF05}\u{FF1A}\u{FF1B}\u{FF0C}\u{FF1C}\u{FF1E}\u{FF1D}\u{FF01}\u{FF1F}]")]
    Sign,
}
