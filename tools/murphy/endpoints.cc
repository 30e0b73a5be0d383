// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/endpoints.h"

#include <signal.h>

#include <cerrno>
#include <fstream>

#include "boost/json.hpp"

namespace murphy::cli {
namespace {

namespace json = boost::json;

constexpr size_t kMaxEndpointsBytes = 64 << 10;

std::string Text(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string());
}

bool Alive(int pid) { return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM); }

}  // namespace

std::optional<Endpoints> ParseEndpoints(std::string_view text) {
  json::error_code error;
  const json::value document = json::parse(text, error);
  if (error || !document.is_object()) return std::nullopt;
  const json::object& object = document.get_object();
  if (Text(object, "schema") != "murphy.endpoints/v1") return std::nullopt;
  Endpoints endpoints;
  if (const json::value* pid = object.if_contains("pid"); pid != nullptr) {
    endpoints.pid = pid->to_number<int>(error);
    if (error) return std::nullopt;
  }
  endpoints.version = Text(object, "version");
  endpoints.gateway = Text(object, "gateway");
  endpoints.token_file = Text(object, "token_file");
  if (const json::value* control = object.if_contains("control");
      control != nullptr && control->is_object()) {
    endpoints.control_unix = Text(control->get_object(), "unix");
    endpoints.control_tcp = Text(control->get_object(), "tcp");
  }
  if (endpoints.control_unix.empty() && endpoints.control_tcp.empty()) return std::nullopt;
  return endpoints;
}

std::optional<Endpoints> ReadEndpoints(const std::filesystem::path& state_directory) {
  const std::optional<std::string> text =
      ReadFile(state_directory / "endpoints.json", kMaxEndpointsBytes);
  if (!text) return std::nullopt;
  std::optional<Endpoints> endpoints = ParseEndpoints(*text);
  if (!endpoints || !Alive(endpoints->pid)) return std::nullopt;
  return endpoints;
}

std::filesystem::path StateDirectory(const Environment& environment) {
  if (const auto own = Get(environment, "MURPHY_STATE_DIR"); !own.empty()) return own;
  if (const auto xdg = Get(environment, "XDG_STATE_HOME"); !xdg.empty()) {
    return std::filesystem::path(xdg) / "murphy";
  }
  return std::filesystem::path(Get(environment, "HOME")) / ".local/state/murphy";
}

std::optional<std::string> ReadFile(const std::filesystem::path& path, size_t limit) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(limit + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > limit) return std::nullopt;
  return text;
}

}  // namespace murphy::cli
