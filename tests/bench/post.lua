wrk.method = "POST"
wrk.body = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"' .. string.rep("x", 950) .. '"}]}'
wrk.headers["Content-Type"] = "application/json"
