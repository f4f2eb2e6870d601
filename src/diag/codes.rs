//! Every problem that Pol reports about a policy set, in one table. The page of each stands in
//! `docs/errors/` and is what `pol help CODE` prints; the example on it is run as a test.

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Such as `E0101`; never reused.
    pub id: &'static str,
    /// The name under `[lints]` in `pol.toml`, for what is not an error.
    pub name: &'static str,
    pub severity: Severity,
    /// A few words for lists.
    pub summary: &'static str,
    /// The page: what it means, an example, what to write instead.
    pub page: &'static str,
}

macro_rules! codes {
    ($($id:ident $constant:ident $severity:ident $summary:literal;)*) => {
        $(pub static $constant: Code = Code {
            id: stringify!($id),
            name: stringify!($constant),
            severity: Severity::$severity,
            summary: $summary,
            page: include_str!(concat!("../../docs/errors/", stringify!($id), ".md")),
        };)*

        /// Every code, by id.
        pub static ALL: &[&Code] = &[$(&$constant),*];
    };
}

codes! {
    E0101 UNEXPECTED Error "the text does not have the form of the item";
    E0102 UNCLOSED_BRACKET Error "a bracket is never closed";
    E0103 STRAY_BRACKET Error "a closing bracket has no partner";
    E0104 UNCLOSED_STRING Error "a quotation mark is never closed";
    E0105 STRAY_CHARACTER Error "a character has no place in a policy";
    E0106 LOOK_ALIKE Error "a character looks like another one";
    E0107 HIDDEN_CHARACTER Error "an invisible or direction-changing character";
    E0108 TOO_DEEP Error "brackets or operators are nested too deeply";
    E0109 NOT_UTF8 Error "a policy file is not UTF-8 text";
    E0110 FILE_TOO_LARGE Error "a policy file is too large";
    E0111 NOT_AN_ITEM Error "text that belongs to no item";
    E0201 UNREADABLE Error "a file of the policy set cannot be read";
    E0202 BAD_MANIFEST Error "pol.toml is not as it should be";
    E0203 UNKNOWN_MODULE Error "`use` names a module that does not exist";
    E0204 NOT_IN_MODULE Error "`use` names an item that the module does not have";
    E0205 SECOND_POLICY Error "a policy set has two policy headers";
    E0206 MISSING_SOURCE Error "a source document cannot be read";
    E0207 SET_CYCLE Error "policy sets use each other in a circle";
    E0301 UNKNOWN_NAME Error "a name that nothing declares";
    E0302 DUPLICATE_NAME Error "a name is declared twice";
    E0303 WRONG_KIND Error "a name stands for something else than is needed here";
    E0304 CYCLE Error "definitions depend on each other in a circle";
    E0305 AMBIGUOUS_VARIANT Error "a value belongs to several enums";
    E0306 UNKNOWN_FUNCTION Error "a function or table that does not exist";
    W0307 UNUSED Warning "an item that nothing uses";
    E0308 TOO_MANY_VARIANTS Error "an enum has more values than an enum can have";
    E0401 TYPE_MISMATCH Error "a value of one type where another is needed";
    E0402 UNIT_MISMATCH Error "quantities with different units are added or compared";
    E0403 CURRENCY_MISMATCH Error "amounts in different currencies are mixed";
    E0404 DAYS_AND_MONTHS Error "days and months are mixed";
    E0405 UNKNOWN_UNIT Error "a unit that is not declared";
    E0406 RATE_WITHOUT_PERCENT Error "a bare number where a rate is needed";
    E0407 NOT_A_CONDITION Error "a value where a condition is needed";
    E0408 NOT_ORDERED Error "values without an order are compared by order";
    E0409 WRONG_ARGUMENTS Error "a function or table is called with the wrong arguments";
    E0410 MISPLACED_RANGE Error "a range or a set outside `in`";
    E0411 NOT_CONSTANT Error "a value that must not depend on a record";
    E0412 NOT_WHOLE Error "a fraction where a whole number is needed";
    E0413 WRONG_BENEFIT Error "an amount that does not fit the kind of benefit";
    E0416 OPTIONAL_KEY Error "a key field marked as often blank";
    E0501 NO_SUCH_DATE Error "a date that the calendar does not have";
    E0502 AMBIGUOUS_DATE Error "adding months can land on a day that does not exist";
    E0503 ROUNDING_NEEDED Error "an amount that needs a named rounding";
    W0504 ALWAYS_TRUE Warning "a condition that always holds";
    W0505 NEVER_TRUE Warning "a condition that can never hold";
    W0506 MAY_OVERFLOW Warning "a number that may leave the limits of the language";
    E0507 NOT_EXHAUSTIVE Error "`match` leaves out a value";
    E0508 UNREACHABLE_ARM Error "a value stands in two arms of `match`";
    E0509 OVERLAP Error "two alternatives of `one of` can hold at once";
    N0510 GAP Note "no alternative of `one of` holds for some records";
    E0511 ROWS_OVERLAP Error "two rows of a unique table can fit at once";
    E0512 ROWS_GAP Error "no row of a table fits some inputs";
    W0513 ROW_UNREACHABLE Warning "a table row that can never decide";
    E0514 BAD_TIME_LINE Error "steps of a time line out of order";
    W0515 BEFORE_FIRST_STEP Warning "a measure is in force before a parameter has a value";
    E0516 DIVISION_BY_ZERO Error "division by a constant zero";
    E0517 EMPTY_RANGE Error "a range whose end stands before its start";
    E0518 NUMBER_TOO_LARGE Error "a number beyond the limits of the language";
    E0519 BAD_TABLE Error "a decision table that cannot be read";
    E0520 BAD_AGGREGATE Error "a value across records where there can be none";
    E0521 CLASHING_BENEFITS Error "one benefit name with two kinds or types";
    E0522 EMPTY_MEASURE Error "a measure that gives nothing";
    E0523 BAD_FILL Error "something is filled in that was not left open";
    E0524 BAD_AMEND Error "an amendment that does not fit what it changes";
    E0525 BAD_RELATION Error "a record that cannot belong to another so";
    E0526 BAD_BUDGET Error "a budget that cannot be handed out so";
    E0601 UNKNOWN_SOURCE Error "a citation names a source that the policy does not declare";
    E0602 NO_SUCH_ARTICLE Error "a citation names an article that the source does not have";
    E0603 WRONG_QUOTATION Error "a quotation that does not stand in the article";
    W0604 FIGURE_SLIP Warning "a number that is not the quoted one";
    W0605 NO_CITATION Warning "a rule without an authority";
    E0701 BAD_EXPECTATION Error "an expectation that the measure cannot meet";
    E0702 BAD_GIVEN Error "a given value that the field cannot have";
    E0703 CASE_FAILED Error "a case whose answer is not the expected one";
}

impl Code {
    /// The code with this id, in either case of letters.
    pub fn find(id: &str) -> Option<&'static Code> {
        ALL.iter().copied().find(|code| code.id.eq_ignore_ascii_case(id))
    }
}
