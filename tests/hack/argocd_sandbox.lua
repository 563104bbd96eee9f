-- Runs a health check as Argo CD does: with the object as `obj`, and with no other library than those of tables and of the clock.
--
-- Usage: lua5.1 argocd_sandbox.lua HEALTH.LUA OBJECT.LUA      writes the status, and the message from the second line on
local script = assert(loadfile(arg[1]))
local safe = {obj = dofile(arg[2]), table = table, os = {time = os.time, date = os.date}}
for _, name in ipairs({"assert", "error", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawset", "select",
                       "tonumber", "tostring", "type", "unpack"}) do
  safe[name] = _G[name]
end
local write, format_error = io.write, tostring
-- ("text"):upper() is a library's as well.
getmetatable("").__index = nil
setfenv(script, safe)
local ran, health = pcall(script)
if not ran then error(format_error(health), 0) end
if type(health) ~= "table" then error("it returned no table", 0) end
write(health.status, "\n", health.message or "", "\n")
