// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/telemetry.h"

#include <vector>

#include "absl/strings/str_split.h"
#include "daemon/dialect/text.h"

namespace murphy::dialect {
namespace {

// OTLP over HTTP, OpenAI's agent traces, Langfuse, LangSmith, Statsig, Claude Code.
constexpr std::string_view kPaths[] = {
    "/v1/traces",
    "/v1/metrics",
    "/v1/logs",
    "/v1/traces/ingest",
    "/api/public/ingestion",
    "/api/public/otel",
    "/runs/batch",
    "/runs/multipart",
    "/v1/rgstr",
    "/v1/log_event",
    "/api/event_logging/batch",
    "/v1development/profiles",
};

constexpr std::string_view kHosts[] = {
    "smith.langchain.com", "cloud.langfuse.com", "ingest.sentry.io",         "ingest.us.sentry.io",
    "ingest.de.sentry.io", "statsigapi.net",     "api.statsig.com",          "i.posthog.com",
    "datadoghq.com",       "api.honeycomb.io",   "logfire-api.pydantic.dev",
};

constexpr std::string_view kRoutes[] = {
    "langsmith", "langfuse", "sentry", "statsig", "posthog",   "datadog",
    "honeycomb", "otel",     "otlp",   "logfire", "telemetry",
};

// Sentry: `/api/PROJECT/envelope/` and `/api/PROJECT/store/`.
bool IsSentryPath(std::string_view path) {
  const std::vector<absl::string_view> parts = absl::StrSplit(Absl(path), '/', absl::SkipEmpty());
  return parts.size() == 3 && parts[0] == "api" &&
         (parts[2] == "envelope" || parts[2] == "store") &&
         parts[1].find_first_not_of("0123456789") == absl::string_view::npos;
}

bool IsTelemetryHost(std::string_view authority) {
  const std::string_view host = authority.substr(0, authority.find(':'));
  for (const std::string_view known : kHosts) {
    if (!EndsIgnoringCase(host, known)) continue;
    if (host.size() == known.size() || host[host.size() - known.size() - 1] == '.') return true;
  }
  return false;
}

}  // namespace

bool IsTelemetry(const message::Request& request, std::string_view route) {
  for (const std::string_view known : kRoutes) {
    if (SameIgnoringCase(route, known)) return true;
  }
  for (const std::string_view known : kPaths) {
    if (request.method == "POST" && request.path.ends_with(known)) return true;
  }
  return IsSentryPath(request.path) ||
         IsTelemetryHost(message::FindHeader(request.headers, "host"));
}

}  // namespace murphy::dialect
