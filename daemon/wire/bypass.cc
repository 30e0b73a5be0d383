// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/bypass.h"

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <charconv>
#include <optional>

#include "absl/strings/ascii.h"
#include "daemon/runs/route.h"

namespace murphy::wire {
namespace {

using asio::ip::address;

// An IPv4 address that is written as one of IPv6 is that address.
std::optional<address> AddressIn(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  error_code none;
  const address found = asio::ip::make_address(std::string(text), none);
  if (none) return std::nullopt;
  if (found.is_v6() && found.to_v6().is_v4_mapped())
    return address(asio::ip::make_address_v4(asio::ip::v4_mapped, found.to_v6()));
  return found;
}

bool SameNetwork(const address& one, const address& other, unsigned short bits) {
  if (one.is_v4() != other.is_v4()) return false;
  if (one.is_v4()) {
    return asio::ip::network_v4(one.to_v4(), bits).canonical() ==
           asio::ip::network_v4(other.to_v4(), bits).canonical();
  }
  return asio::ip::network_v6(one.to_v6(), bits).canonical() ==
         asio::ip::network_v6(other.to_v6(), bits).canonical();
}

std::string Plain(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string plain(host);
  for (char& c : plain) c = absl::ascii_tolower(static_cast<unsigned char>(c));
  return plain;
}

std::optional<unsigned> Number(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The port of `host:port` and `[address]:port`; nullopt where there is none, and `entry` is what is
// in front of it.
std::optional<std::string_view> TakePort(std::string_view& entry) {
  const size_t colon = entry.rfind(':');
  if (colon == std::string_view::npos || AddressIn(entry).has_value()) return std::nullopt;
  const std::string_view port = entry.substr(colon + 1);
  entry = entry.substr(0, colon);
  return port;
}

absl::Status Wrong(const char* why) { return absl::InvalidArgumentError(why); }

}  // namespace

absl::StatusOr<Bypass> Bypass::Read(std::string_view entry) {
  Bypass out;
  if (const size_t slash = entry.find('/'); slash != std::string_view::npos) {
    const std::optional<address> network = AddressIn(entry.substr(0, slash));
    const std::optional<unsigned> bits = Number(entry.substr(slash + 1));
    if (!network.has_value() || !bits.has_value() || *bits > (network->is_v4() ? 32u : 128u))
      return Wrong("that is no network such as 10.0.0.0/8");
    out.what_ = Network{*network, static_cast<unsigned short>(*bits)};
    return out;
  }
  if (const std::optional<std::string_view> port = TakePort(entry)) {
    const std::optional<uint16_t> number = runs::ReadPort(*port);
    if (!number.has_value()) return Wrong("its port is not between 1 and 65535");
    out.port_ = *number;
  }
  if (entry == "*") return out;
  if (const std::optional<address> found = AddressIn(entry)) {
    out.what_ = Network{*found, static_cast<unsigned short>(found->is_v4() ? 32 : 128)};
    return out;
  }
  Name name;
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.')) {
    name.itself = false;
    entry.remove_prefix(1);
  }
  name.name = Plain(entry);
  if (name.name.empty() || name.name.find_first_of(":*@[]") != std::string::npos)
    return Wrong("that is neither a host, a suffix, an address nor a network");
  out.what_ = std::move(name);
  return out;
}

bool Bypass::CoversHost(std::string_view host) const {
  if (const auto* network = std::get_if<Network>(&what_)) {
    const std::optional<address> found = AddressIn(host);
    return found.has_value() && SameNetwork(*found, network->address, network->bits);
  }
  if (const auto* name = std::get_if<Name>(&what_)) {
    const std::string plain = Plain(host);
    return (name->itself && plain == name->name) || plain.ends_with("." + name->name);
  }
  return true;
}

bool Bypass::Covers(std::string_view host, uint16_t port) const {
  return (port_ == 0 || port_ == port) && CoversHost(host);
}

bool IsLoopback(std::string_view host) {
  if (const std::optional<address> found = AddressIn(host)) return found->is_loopback();
  const std::string plain = Plain(host);
  return plain == "localhost" || plain.ends_with(".localhost");
}

}  // namespace murphy::wire
