// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "faults/fault.h"
#include "faults/message/dialect.h"

namespace murphy::engine {

// A name from the network, fit to be kept and shown: control characters are replaced, and what is
// too long is cut and told apart by a hash.
std::string BoundedName(std::string_view name);
// The same, at the end of a text.
void AppendBounded(std::string_view name, std::string& text);

// Who is called: `llm:MODEL`, `tool:NAME`, `mcp:METHOD`, `http:NAME`.
std::string CalledName(const message::Call& call);

// `AGENT/TARGET/SHAPE`: what operations of one kind have in common, and what their ordinals count.
// Agent `-` when unknown; the target is who is called.
std::string AddressPrefix(std::string_view agent, const message::Call& call);

// Who calls: the header `x-murphy-agent`, else the member `murphy-agent` of `baggage` (W3C), which
// is passed on from agent to agent. Empty when unknown.
std::string AgentOf(const message::Request& request);

// The part of an exchange that a fault of this stage acts on, as injections' addresses end:
// `request`, `post-commit`, `response` or `stream`.
std::string_view LegOf(Stage stage);

}  // namespace murphy::engine
