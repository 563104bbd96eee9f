-- Argo CD gives the object as `obj` and takes a status and a message. It opens no library of strings or of maths for scripts of
-- its users, so none is used here.
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "Plimsoll has not read this version yet."}
end
local state, said = obj.status.state, obj.status.message
for _, one in ipairs(obj.status.conditions or {}) do
  if one.type == "Used" and one.status == "False" then said = (said or "") .. " " .. one.message end
  -- Nothing but the policy is missing, which may be on its way.
  if one.type == "Ready" and one.reason == "UnknownPolicy" then
    return {status = "Progressing", message = said}
  end
end
if state == "Active" then return {status = "Healthy", message = said} end
-- It goes on once somebody approves it, which is nobody's commit.
if state == "Pending" then return {status = "Suspended", message = said} end
if state == "Expired" or state == "Invalid" then return {status = "Degraded", message = said} end
return {status = "Progressing", message = "Plimsoll has not judged this version yet."}
