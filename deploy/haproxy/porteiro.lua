-- Asks porteiro who may pass, with HAProxy's own HTTP client (core.httpclient): no other Lua library is needed. Its
-- argument is "anybody", or the query of the question: role=admin.
local url = "http://" .. os.getenv("PORTEIRO") .. "/auth/authorize"
local told = {
  "host", "authorization", "cookie", "origin", "sec-fetch-site", "sec-websocket-version", "user-agent", "accept-language", "x-request-id"
}
local identity = { "x-auth-user", "x-auth-email", "x-auth-roles", "x-auth-session" }
local refusal = { "www-authenticate", "content-type", "content-language", "cache-control", "retry-after", "vary", "x-request-id" }
local patience = 1500 -- milliseconds; HAProxy asks up to four times, which is a little more than porteiro's --request-timeout

-- HAProxy's lists of values begin at 0.
local function list(values)
  local all = {}
  for i = 0, #values do all[#all + 1] = values[i] end
  return all
end

local function question(txn)
  local sent = txn.http:req_get_headers()
  local headers = { ["x-forwarded-method"] = { txn.sf:method() }, ["x-forwarded-for"] = { txn.sf:src() } }
  for _, name in ipairs(told) do
    if sent[name] then headers[name] = list(sent[name]) end
  end
  return headers
end

-- Only porteiro's own refusals are handed on. HAProxy's client answers itself when there is nobody, with a page.
local function porteiros(answer)
  local media = answer and answer.headers and answer.headers["content-type"]
  return answer and answer.status >= 400 and media and media[0] == "application/problem+json"
end

local function refuse(txn, answer)
  local reply = txn:reply()
  if porteiros(answer) then
    reply:set_status(answer.status)
    for _, name in ipairs(refusal) do
      for _, value in ipairs(list(answer.headers[name] or {})) do reply:add_header(name, value) end
    end
    reply:set_body(answer.body or "")
  else
    reply:set_status(503)
    reply:add_header("content-type", "application/problem+json")
    reply:add_header("cache-control", "no-store")
    reply:add_header("retry-after", "1")
    reply:set_body('{"type":"about:blank","title":"Service Unavailable","status":503,"code":"unavailable"}')
  end
  txn:done(reply)
end

core.register_action("authorize", { "http-req" }, function(txn, query)
  local asked = url
  if query ~= "anybody" then asked = url .. "?" .. query end
  local answer = core.httpclient():get { url = asked, headers = question(txn), timeout = patience }
  if not answer or answer.status ~= 200 then return refuse(txn, answer) end
  for _, name in ipairs(identity) do
    local value = answer.headers[name]
    if value then txn.http:req_set_header(name, value[0]) end
  end
  txn:set_var("txn.authorized", true)
end, 1)
