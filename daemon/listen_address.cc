// SPDX-License-Identifier: Apache-2.0
#include "daemon/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>

#include "absl/strings/numbers.h"

namespace murphy {
namespace {

namespace fs = std::filesystem;

// Inodes of the sockets that listen on a port (proc(5), /proc/net/tcp).
std::set<std::string> ListenersOn(uint16_t port) {
  std::set<std::string> inodes;
  const std::string wanted = fmt::format(":{:04X}", port);
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::string number, local, remote, state, queues, timer, retries, user, timeout, inode;
      fields >> number >> local >> remote >> state >> queues >> timer >> retries >> user >>
          timeout >> inode;
      if (state == "0A" && local.ends_with(wanted))
        inodes.insert(fmt::format("socket:[{}]", inode));
    }
  }
  return inodes;
}

bool Holds(const fs::path& process, const std::set<std::string>& sockets) {
  std::error_code error;
  for (fs::directory_iterator entry(process / "fd", error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code unreadable;
    if (sockets.contains(fs::read_symlink(entry->path(), unreadable).string())) return true;
  }
  return false;
}

// `nginx (process 1234)`; empty when it cannot be found: it may be another user's.
std::string HolderOf(uint16_t port) {
  const std::set<std::string> sockets = ListenersOn(port);
  if (sockets.empty()) return {};
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string pid = entry->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos || !Holds(entry->path(), sockets))
      continue;
    std::ifstream file(entry->path() / "comm");
    std::string name;
    std::getline(file, name);
    return fmt::format("{} (process {})", name, pid);
  }
  return {};
}

}  // namespace

std::string ListenAddress::text() const {
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

socklen_t ListenAddress::Fill(sockaddr_storage& storage) const {
  std::memset(&storage, 0, sizeof storage);
  if (v6) {
    auto& address = reinterpret_cast<sockaddr_in6&>(storage);
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    inet_pton(AF_INET6, host.c_str(), &address.sin6_addr);
    return sizeof address;
  }
  auto& address = reinterpret_cast<sockaddr_in&>(storage);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return sizeof address;
}

absl::StatusOr<ListenAddress> ReadListenAddress(const std::string& key, const std::string& text) {
  const size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  uint32_t port = 0;
  const bool numeric =
      colon != std::string::npos && absl::SimpleAtoi(text.substr(colon + 1), &port) && port < 65536;
  in_addr v4;
  in6_addr v6;
  const bool is_v4 = inet_pton(AF_INET, host.c_str(), &v4) == 1;
  const bool is_v6 = !is_v4 && inet_pton(AF_INET6, host.c_str(), &v6) == 1;
  if (!numeric || (!is_v4 && !is_v6)) {
    return absl::InvalidArgumentError(
        fmt::format("{} is `{}`; expected ADDRESS:PORT, such as 127.0.0.1:7460.", key, text));
  }
  const bool loopback = is_v4 ? (ntohl(v4.s_addr) >> 24) == 127 : IN6_IS_ADDR_LOOPBACK(&v6);
  if (!loopback) {
    return absl::InvalidArgumentError(
        fmt::format("{} is `{}`, which is not loopback: whoever reached it could break your "
                    "agents' traffic and use their "
                    "upstreams. It would need TLS and credentials, which are not offered yet. "
                    "Listen on 127.0.0.1, and put "
                    "a tunnel or a sidecar in front.",
                    key, text));
  }
  return ListenAddress{host, static_cast<uint16_t>(port), is_v6};
}

absl::Status ProbePort(const std::string& key, const ListenAddress& address) {
  if (address.port == 0) return absl::OkStatus();
  const int probe = socket(address.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // Connections of a daemon that has just left must not look like a listener.
  const int on = 1;
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_storage storage;
  const socklen_t size = address.Fill(storage);
  const bool free =
      bind(probe, reinterpret_cast<const sockaddr*>(&storage), size) == 0 && listen(probe, 1) == 0;
  const int why = errno;
  close(probe);
  if (free) return absl::OkStatus();
  if (why != EADDRINUSE) {
    return absl::UnavailableError(
        fmt::format("{}: {} cannot be listened on: {}.", key, address.text(), std::strerror(why)));
  }
  const std::string holder = HolderOf(address.port);
  return absl::UnavailableError(
      fmt::format("{}: port {} is taken by {}. Stop it, or choose another port (0 for any).", key,
                  address.port, holder.empty() ? "a process of another user" : holder));
}

}  // namespace murphy
