-- Run by test_neovim.py in Neovim 0.11 or newer with the settings of docs/editors.md, on a file of cases: writes what
-- came of them to $RESULT.
local result = {}

local function wait(what, holds)
  if not vim.wait(60000, holds, 50) then
    result.failed = result.failed or what
  end
end

vim.schedule(function()
  local fine, why = pcall(function()
    -- Without any move or key: the server says that there are lenses.
    wait("lenses", function() return #vim.lsp.codelens.get(0) > 0 end)
    result.lenses = #vim.lsp.codelens.get(0)
    vim.fn.search("^算例")
    vim.lsp.codelens.run()
    wait("the case", function()
      result.ran = vim.fn.execute("messages"):match("✓[^\n]*")
      return result.ran ~= nil
    end)
    vim.cmd("normal gcc")
    result.comment = vim.api.nvim_get_current_line()
    vim.cmd("undo")
    vim.api.nvim_buf_set_lines(0, 0, 0, false, { "引用 nowhere.*" })
    wait("the problem", function() return #vim.diagnostic.get(0) > 0 end)
    result.problem = (vim.diagnostic.get(0)[1] or {}).message
  end)
  if not fine then
    result.failed = tostring(why)
  end
  local file = assert(io.open(vim.env.RESULT, "w"))
  file:write(vim.fn.json_encode(result))
  file:close()
  vim.cmd("qall!")
end)
