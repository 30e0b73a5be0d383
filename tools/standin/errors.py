# SPDX-License-Identifier: Apache-2.0
"""Error answers as each provider spells them."""

from conversation import Ask, Ids
from http_server import Response, json_response

# kind: (OpenAI status, type, code, message), (Anthropic status, type, message)
KINDS = {
    "rate_limited": ((429, "requests", "rate_limit_exceeded", "Rate limit reached for {model} on requests per min (RPM)."),
                     (429, "rate_limit_error", "This request would exceed your organization's rate limit.")),
    "overloaded": ((503, "service_unavailable_error", "server_is_overloaded",
                    "Our servers are currently overloaded. Please try again later."),
                   (529, "overloaded_error", "Overloaded")),
    "server_error": ((500, "server_error", None, "The server had an error while processing your request. Sorry about that!"),
                     (500, "api_error", "Internal server error")),
    "unauthenticated": ((401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
                        (401, "authentication_error", "invalid x-api-key")),
    "invalid_request": ((400, "invalid_request_error", None, "The request is not valid."),
                        (400, "invalid_request_error", "The request is not valid.")),
    "not_found": ((404, "invalid_request_error", "model_not_found", "The model `{model}` does not exist or you do not have access to it."),
                  (404, "not_found_error", "model: {model}")),
}


def anthropic(status: int, kind: str, message: str, ids: Ids, headers=None) -> Response:
    request_id = ids.draw("req_011C", 20)
    retried = {"x-should-retry": "true" if status in (429, 529) else "false"} if status != 404 else {}
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}
    return json_response(body, status, {"request-id": request_id, **retried, **(headers or {})})


def openai(status: int, kind: str, code: str | None, message: str, ids: Ids, headers=None, gateway=True) -> Response:
    """Two spellings: the gateway's in front of chat (indent 4, newline) and the application's."""
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    made = {"x-request-id": ids.draw("req_", 32, "0123456789abcdef"), **(headers or {})}
    if gateway:
        made["content-type"] = "application/json; charset=utf-8"
    return json_response(body, status, made, indent=4 if gateway else 2, end="\n" if gateway else "")


def scripted(ask: Ask, error: dict, ids: Ids) -> Response:
    """A rule's `error`: { kind, status, message, headers }."""
    first, second = KINDS.get(error.get("kind", "server_error"), KINDS["server_error"])
    if ask.dialect == "anthropic-messages":
        status, kind, message = second
        text = error.get("message", message.format(model=ask.model))
        return anthropic(error.get("status", status), kind, text, ids, error.get("headers"))
    status, kind, code, message = first
    text = error.get("message", message.format(model=ask.model))
    gateway = ask.dialect == "openai-chat"
    return openai(error.get("status", status), kind, code, text, ids, error.get("headers"), gateway)
