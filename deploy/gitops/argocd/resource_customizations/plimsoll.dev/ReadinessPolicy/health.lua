-- Argo CD gives the object as `obj` and takes a status and a message. It opens no library of strings or of maths for scripts of
-- its users, so none is used here.
local function condition(kind)
  for _, one in ipairs(obj.status.conditions or {}) do
    if one.type == kind then return one end
  end
  return nil
end

if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "Plimsoll has not read this version yet."}
end
local ready = condition("Ready")
if ready == nil then
  return {status = "Progressing", message = "Plimsoll has not judged this version yet."}
end
if ready.status ~= "True" then
  return {status = "Degraded", message = ready.message}
end

local said = ready.message
if obj.status.stage ~= nil then said = "Stage " .. obj.status.stage .. ". " .. said end
-- Both are the installation's, not the policy's: what is in Git is in force as far as the installation lets it be.
for _, kind in ipairs({"HeldBack", "TeamDirectoryReady"}) do
  local other = condition(kind)
  if other ~= nil then said = said .. " " .. other.message end
end
return {status = "Healthy", message = said}
