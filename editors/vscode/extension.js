// The Pol extension: starts `pol lsp` and shows what a case gave. Everything else is the server's.
"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;
/** @type {vscode.OutputChannel} */
let cases;

/** Shows what a case gave: a line where it passed, what was expected where it did not. */
async function showCase(result) {
  const gave = result.gave.join("; ");
  if (result.passed) {
    vscode.window.setStatusBarMessage(`✓ “${result.title}”: ${gave}`, 8000);
    cases.appendLine(`✓ “${result.title}”: ${gave}`);
    return;
  }
  const notes = result.problems.flatMap((problem) => problem.notes);
  cases.appendLine([`✗ “${result.title}”`, ...notes.map((note) => `  ${note}`)].join("\n"));
  const details = await vscode.window.showWarningMessage(`✗ “${result.title}”: ${notes.join("; ")}`, "Details");
  if (details) {
    cases.show(true);
  }
}

function makeClient() {
  const command = vscode.workspace.getConfiguration("pol").get("path") || "pol";
  const run = { command, args: ["lsp"], transport: TransportKind.stdio };
  return new LanguageClient(
    "pol",
    "Pol",
    { run, debug: run },
    {
      documentSelector: [
        { language: "pol" },
        { scheme: "file", pattern: "**/pol.toml" },
      ],
      // The snippets for whole items come with this extension, and it shows what a case gave.
      initializationOptions: { itemSnippets: true, showsCases: true },
      middleware: {
        async executeCommand(command, args, next) {
          const result = await next(command, args);
          if (command === "pol.runCase" && result) {
            showCase(result);
          }
          return result;
        },
      },
    },
  );
}

async function start() {
  client = makeClient();
  try {
    await client.start();
  } catch (error) {
    const settings = "Open settings";
    const chosen = await vscode.window.showErrorMessage(
      `The pol command cannot be started (${error.message ?? error}). Install it, or say where it is.`,
      settings,
    );
    if (chosen === settings) {
      vscode.commands.executeCommand("workbench.action.openSettings", "pol.path");
    }
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old?.needsStop()) {
    await old.stop();
  }
}

async function activate(context) {
  cases = vscode.window.createOutputChannel("Pol: cases");
  context.subscriptions.push(
    cases,
    vscode.commands.registerCommand("pol.restart", async () => {
      await stop();
      await start();
    }),
    vscode.commands.registerCommand("pol.showLog", () => client?.outputChannel.show(true)),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("pol.path")) {
        await stop();
        await start();
      }
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
