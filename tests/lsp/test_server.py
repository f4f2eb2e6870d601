"""What an editor asks of `pol lsp`, over pipes, on the decree that ships with Pol."""

import asyncio

import pytest
from lsprotocol import types


class Open:
    """An open document: its text, and the places of words in it, in UTF-16 units."""

    def __init__(self, client, path):
        self.client, self.path, self.uri = client, path, path.as_uri()
        self.text, self.version = path.read_text(encoding="utf-8"), 1
        item = types.TextDocumentItem(uri=self.uri, language_id="pol", version=1, text=self.text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))

    @property
    def document(self):
        return types.TextDocumentIdentifier(uri=self.uri)

    def position(self, offset):
        before = self.text[:offset]
        line = before.rsplit("\n", 1)[-1]
        return types.Position(line=before.count("\n"), character=len(line.encode("utf-16-le")) // 2)

    def place(self, words, behind=0):
        position = self.position(self.text.index(words) + behind)
        return {"text_document": self.document, "position": position}

    def words(self, given):
        """The words at a range."""
        lines = self.text.split("\n")
        assert given.start.line == given.end.line
        line = lines[given.start.line].encode("utf-16-le")
        return line[given.start.character * 2 : given.end.character * 2].decode("utf-16-le")

    def replace(self, old, new):
        at = self.text.index(old)
        given = types.Range(start=self.position(at), end=self.position(at + len(old)))
        self.text = self.text[:at] + new + self.text[at + len(old) :]
        self.version += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                text_document=types.VersionedTextDocumentIdentifier(uri=self.uri, version=self.version),
                content_changes=[types.TextDocumentContentChangePartial(range=given, text=new)],
            )
        )

    async def problems(self, fit):
        """Waits until the problems of the document are as they should be."""
        for _ in range(600):
            told = self.client.diagnostics.get(self.uri)
            if told is not None and fit(told):
                return told
            await asyncio.sleep(0.05)
        raise AssertionError(f"the problems never came: {self.client.diagnostics.get(self.uri)}")


@pytest.fixture
async def employment(client, decree):
    document = Open(client, decree / "employment.pol")
    await document.problems(lambda told: not told)
    return document


async def test_problems_while_typing(client, employment):
    employment.replace("新吸纳就业人数 超过 0人", "新吸纳就业人属 超过 0人")
    told = await employment.problems(lambda told: any(one.code == "E0301" for one in told))
    slip = next(one for one in told if one.code == "E0301")
    assert employment.words(slip.range) == "新吸纳就业人属"
    assert "`新吸纳就业人数`" in slip.message
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(
            text_document=employment.document, range=slip.range, context=types.CodeActionContext(diagnostics=[slip])
        )
    )
    assert "新吸纳就业人数" in [edit.new_text for edit in actions[0].edit.changes[employment.uri]]
    employment.replace("新吸纳就业人属 超过 0人", "新吸纳就业人数 超过 0人")
    await employment.problems(lambda told: not told)


async def test_hover_quotes_the_decree(client, employment):
    hover = await client.text_document_hover_async(types.HoverParams(**employment.place("job_subsidy", 2)))
    text = hover.contents.value
    assert "一次性吸纳就业补贴" in text and "lu\\_2020 第24条" in text
    assert "每新吸纳1人按每人1000元标准" in text or "对2020年2月10日起一个月内复工新吸纳就业" in text


async def test_definition_references_rename(client, employment, decree):
    at = employment.place("新吸纳就业人数 超过 0人", 2)
    target = await client.text_document_definition_async(types.DefinitionParams(**at))
    assert target[0].uri == (decree / "records.pol").as_uri()
    found = await client.text_document_references_async(
        types.ReferenceParams(**at, context=types.ReferenceContext(include_declaration=True))
    )
    files = {place.uri.rsplit("/", 1)[-1] for place in found}
    assert {"records.pol", "employment.pol"} <= files and len(found) > 10
    prepared = await client.text_document_prepare_rename_async(types.PrepareRenameParams(**at))
    assert prepared.placeholder == "新吸纳就业人数"
    edit = await client.text_document_rename_async(types.RenameParams(**at, new_name="招用人数"))
    # The field is called by its label here: the label changes, its declaration included, and the name stays.
    changed = sum(len(edits) for edits in edit.changes.values())
    assert len(found) - 3 <= changed <= len(found)
    assert {change.new_text for edits in edit.changes.values() for change in edits} == {"招用人数"}


async def test_completion_knows_the_fields(client, employment):
    employment.replace("新吸纳就业人数 超过 0人", "新吸")
    answer = await client.text_document_completion_async(types.CompletionParams(**employment.place("新吸\n", 2)))
    offered = {item.label: item for item in answer.items}
    assert "人" in offered["新吸纳就业人数"].detail


async def test_outline_folds_colours_hints(client, employment):
    symbols = await client.text_document_document_symbol_async(
        types.DocumentSymbolParams(text_document=employment.document)
    )
    assert "job_subsidy" in [symbol.name for symbol in symbols]
    folds = await client.text_document_folding_range_async(types.FoldingRangeParams(text_document=employment.document))
    assert len(folds) > 5
    tokens = await client.text_document_semantic_tokens_full_async(
        types.SemanticTokensParams(text_document=employment.document)
    )
    assert len(tokens.data) % 5 == 0 and len(tokens.data) > 500
    whole = types.Range(start=types.Position(line=0, character=0), end=types.Position(line=9999, character=0))
    hints = await client.text_document_inlay_hint_async(
        types.InlayHintParams(text_document=employment.document, range=whole)
    )
    assert any("元" in hint.label for hint in hints)


async def test_a_lens_runs_a_case(client, employment, decree):
    cases = Open(client, decree / "cases" / "employment.pol")
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(text_document=cases.document))
    command = lenses[0].command
    assert command.command == "pol.runCase"
    result = await client.workspace_execute_command_async(
        types.ExecuteCommandParams(command=command.command, arguments=command.arguments)
    )
    assert result["passed"] is True and result["gave"]
    assert any(message.message.startswith("✓") for message in client.messages)
