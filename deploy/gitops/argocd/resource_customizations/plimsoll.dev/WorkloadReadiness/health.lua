-- A record that Plimsoll keeps beside the workload. Argo CD gives the object as `obj` and takes a status and a message. It opens
-- no library of strings or of maths for scripts of its users, so none is used here.
local status = obj.status
if status == nil or status.state == nil then
  return {status = "Progressing", message = "Plimsoll has not judged the workload yet."}
end
local failing = (status.counts or {}).failing or 0
local waived = (status.counts or {}).waived or 0
local said = status.state .. ": " .. failing .. " to put right"
if waived > 0 then said = said .. ", " .. waived .. " waived" end
if status.next ~= nil and status.next.summary ~= nil then said = said .. ", next: " .. status.next.summary end
local worst = (status.findings or {})[1]
if worst ~= nil then said = said .. ". " .. worst.rule .. ": " .. worst.message end
if status.state == "Blocked" then return {status = "Degraded", message = said} end
-- What only audits or warns refuses nobody, and so ends nobody's sync.
return {status = "Healthy", message = said}
