// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace murphy::wire {
namespace {

constexpr int kThreads = 8;
constexpr auto kKept = std::chrono::seconds(30);
constexpr auto kNoneKept = std::chrono::seconds(1);
// Names that are known or asked for; more begin anew.
constexpr size_t kMostNames = 4096;

absl::StatusOr<Resolver::Addresses> Ask(const std::string& name) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (error != 0) return absl::NotFoundError(::gai_strerror(error));
  Resolver::Addresses addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (at->ai_family == AF_INET) {
      const auto* address = reinterpret_cast<const sockaddr_in*>(at->ai_addr);
      addresses.emplace_back(asio::ip::address_v4(ntohl(address->sin_addr.s_addr)));
    } else if (at->ai_family == AF_INET6) {
      const auto* address = reinterpret_cast<const sockaddr_in6*>(at->ai_addr);
      asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &address->sin6_addr, bytes.size());
      addresses.emplace_back(asio::ip::address_v6(bytes, address->sin6_scope_id));
    }
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) return absl::NotFoundError("it has no address");
  return addresses;
}

}  // namespace

struct Resolver::State {
  struct Name {
    absl::StatusOr<Addresses> found = absl::UnknownError("");
    Clock::time_point until = Clock::time_point::min();
    // Those who wait for it; it is being asked for while there are any.
    std::vector<Answer> waiting;
  };

  void Run() {
    std::unique_lock lock(mutex);
    while (true) {
      wanted.wait(lock, [this] { return stopped || !queue.empty(); });
      if (stopped) return;
      const std::string name = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      const absl::StatusOr<Addresses> found = Ask(name);
      lock.lock();
      Name& known = names[name];
      known.found = found;
      known.until = Clock::now() + (found.ok() ? kKept : kNoneKept);
      const std::vector<Answer> waiting = std::exchange(known.waiting, {});
      if (stopped) return;
      // Inside the lock, so that nobody is told after the resolver has gone.
      for (const Answer& answer : waiting) answer(found);
    }
  }

  std::mutex mutex;
  std::condition_variable wanted;
  std::deque<std::string> queue;
  std::map<std::string, Name> names;
  bool stopped = false;
};

absl::StatusOr<std::unique_ptr<Resolver>> Resolver::Start() {
  auto state = std::make_shared<State>();
  auto resolver = std::unique_ptr<Resolver>(new Resolver(state));
  for (int i = 0; i < kThreads; ++i) {
    try {
      std::thread([state] { state->Run(); }).detach();
    } catch (const std::system_error& error) {
      return absl::UnavailableError(std::string("No thread can be made for resolving names: ") +
                                    error.what() + ".");
    }
  }
  return resolver;
}

Resolver::~Resolver() {
  std::lock_guard lock(state_->mutex);
  state_->stopped = true;
  for (auto& [name, known] : state_->names) known.waiting.clear();
  state_->wanted.notify_all();
}

void Resolver::Find(const std::string& name, Answer answer) {
  std::unique_lock lock(state_->mutex);
  if (state_->names.size() >= kMostNames) {
    std::erase_if(state_->names, [](const auto& entry) { return entry.second.waiting.empty(); });
  }
  State::Name& known = state_->names[name];
  if (Clock::now() < known.until) {
    const absl::StatusOr<Addresses> found = known.found;
    lock.unlock();
    answer(found);
    return;
  }
  known.waiting.push_back(std::move(answer));
  if (known.waiting.size() > 1) return;
  state_->queue.push_back(name);
  state_->wanted.notify_one();
}

}  // namespace murphy::wire
