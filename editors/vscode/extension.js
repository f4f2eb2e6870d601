// The Pol extension: starts `pol lsp` and shows what a case gave. Everything else is the server's.
"use strict";

const os = require("node:os");

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;
/** @type {vscode.OutputChannel} */
let log;
/** @type {vscode.OutputChannel} */
let cases;
/** Starts and stops come one after the other, however fast they are asked for. */
let turn = Promise.resolve();

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

/** A client that leaves it to `start` to tell that the server does not start. */
class PolClient extends LanguageClient {
  quiet = false;

  error(message, data, showNotification) {
    super.error(message, data, this.quiet ? false : showNotification);
  }
}

/** The command, with `~` and `${workspaceFolder}` as people write them in settings. */
function command() {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const path = vscode.workspace.getConfiguration("pol").get("path")?.trim() || "pol";
  return path.replace(/^~(?=[/\\])/, () => os.homedir()).replace("${workspaceFolder}", () => folder);
}

function makeClient(command) {
  const run = { command, args: ["lsp"], transport: TransportKind.stdio };
  return new PolClient(
    "pol",
    "Pol",
    { run, debug: run },
    {
      documentSelector: [
        { scheme: "file", language: "pol" },
        { scheme: "untitled", language: "pol" },
        { scheme: "file", pattern: "**/pol.toml" },
      ],
      outputChannel: log,
      // The snippets for whole items come with this extension, and it shows what a case gave.
      initializationOptions: { itemSnippets: true, showsCases: true },
      middleware: {
        // Asked for here, so that a case that cannot be run is told once and not as a fault of the extension.
        async executeCommand(command, args) {
          try {
            const result = await client.sendRequest("workspace/executeCommand", { command, arguments: args });
            if (command === "pol.runCase" && result) {
              showCase(result);
            }
            return result;
          } catch (error) {
            vscode.window.showWarningMessage(error.message ?? String(error));
          }
        },
      },
    },
  );
}

/** Says what to do where the server does not start. */
async function tellWhy(path, error) {
  const message = String(error.message ?? error);
  const why = message.includes("ENOENT")
    ? `there is no command “${path}”`
    : message.includes("EACCES")
      ? `“${path}” may not be run`
      : `“${path} lsp” gives no answer (${message})`;
  const settings = "Open settings";
  const chosen = await vscode.window.showErrorMessage(
    `Pol does not start: ${why}. Files are coloured, but not checked. Install the pol command, or say in the ` +
      "setting pol.path where it is.",
    settings,
    "Show the log",
  );
  if (chosen === settings) {
    vscode.commands.executeCommand("workbench.action.openSettings", "pol.path");
  } else if (chosen) {
    log.show(true);
  }
}

async function start() {
  const path = command();
  const started = makeClient(path);
  client = started;
  started.quiet = true;
  try {
    await started.start();
  } catch (error) {
    // Nobody waits until the message is read.
    tellWhy(path, error);
  }
  started.quiet = false;
}

async function stop() {
  const old = client;
  client = undefined;
  if (old?.needsStop()) {
    await old.stop();
  }
}

function restart() {
  turn = turn
    .then(stop)
    .catch((error) => log.appendLine(`The server does not stop: ${error.message ?? error}`))
    .then(start);
  return turn;
}

async function activate(context) {
  log = vscode.window.createOutputChannel("Pol");
  cases = vscode.window.createOutputChannel("Pol: cases");
  context.subscriptions.push(
    log,
    cases,
    vscode.commands.registerCommand("pol.restart", restart),
    vscode.commands.registerCommand("pol.showLog", () => log.show(true)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("pol.path")) {
        restart();
      }
    }),
  );
  await restart();
}

module.exports = { activate, deactivate: stop };
