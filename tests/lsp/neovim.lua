-- Run by test_neovim.py in `nvim --headless`: opens a file of the decree with `pol lsp` behind it, and writes what
-- came of it to $RESULT. Works with Neovim 0.7 and newer.
local pol, folder, out = vim.env.POL, vim.env.FOLDER, vim.env.RESULT
local result = {}

local client

local function try()
  client = assert(vim.lsp.start_client({ name = "pol", cmd = { pol, "lsp" }, root_dir = folder }))
  vim.cmd("edit " .. vim.fn.fnameescape(folder .. "/employment.pol"))
  local buffer = vim.api.nvim_get_current_buf()
  vim.lsp.buf_attach_client(buffer, client)

  local function wait(what, holds)
    if not vim.wait(60000, holds, 50) then
      result.failed = what
    end
  end

  local function ask(method, params)
    local answers = vim.lsp.buf_request_sync(buffer, method, params, 60000) or {}
    for _, answer in pairs(answers) do
      return answer.result
    end
  end

  local function cursor_at(words, behind)
    for at, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
      local from = line:find(words, 1, true)
      if from then
        vim.api.nvim_win_set_cursor(0, { at, from - 1 + behind })
        return
      end
    end
    error("no " .. words)
  end

  wait("the server", function()
    return vim.lsp.get_client_by_id(client).initialized
  end)
  cursor_at("新吸纳就业人数 超过 0人", 3)
  wait("a hover", function()
    local hover = ask("textDocument/hover", vim.lsp.util.make_position_params(0, "utf-16"))
    result.hover = hover and hover.contents.value
    return result.hover ~= nil
  end)
  local target = ask("textDocument/definition", vim.lsp.util.make_position_params(0, "utf-16"))
  result.definition = target and target[1] and target[1].uri

  -- A slip in a line with Chinese text in front of it, typed as a person would.
  cursor_at("新吸纳就业人数 超过 0人", 0)
  vim.cmd("normal! cw新吸纳就业人属")
  wait("the problem", function()
    return #vim.diagnostic.get(buffer) > 0
  end)
  local problem = vim.diagnostic.get(buffer)[1] or {}
  result.code, result.message = problem.code, problem.message
  if problem.lnum then
    local line = vim.api.nvim_buf_get_lines(buffer, problem.lnum, problem.lnum + 1, false)[1]
    result.words = line:sub(problem.col + 1, problem.end_col)
  end
  vim.cmd("undo")
  wait("no problem", function()
    return #vim.diagnostic.get(buffer) == 0
  end)

  -- Renaming changes the buffer and the other files of the set.
  cursor_at("新吸纳就业人数 超过 0人", 3)
  local params = vim.lsp.util.make_position_params(0, "utf-16")
  params.newName = "招用人数"
  local edit = ask("textDocument/rename", params)
  vim.lsp.util.apply_workspace_edit(edit, "utf-16")
  vim.cmd("silent wall")
  wait("no problem after renaming", function()
    return #vim.diagnostic.get(buffer) == 0
  end)
  result.renamed = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n"):find("招用人数 超过 0人", 1, true) ~= nil
end

-- Whatever goes wrong is told, and Neovim ends.
local fine, why = pcall(try)
if not fine then
  result.failed = result.failed or tostring(why)
end
local file = assert(io.open(out, "w"))
file:write(vim.fn.json_encode(result))
file:close()
if client then
  vim.lsp.stop_client(client)
end
vim.cmd("qall!")
