// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace murphy::wire {

// What becomes of an operation on a socket.
enum class Trouble {
  kReset,      // the connection is reset
  kEnd,        // the other side has closed; nobody takes what is written
  kCancelled,  // the operation is cancelled, and the connection is as good as before
  kShort,      // from now on a few bytes at a time
  kHook,       // something happens before it
};

// The sockets of the code under test, in memory: while this lives, `socket` makes one end of a pair
// whose other end the test plays, and the n-th operation (connect, read or write that need not
// wait) meets trouble. The functions of the C library are replaced in this program, so that nothing
// in the daemon knows, and what it does with plain system calls fails, too. Of this thread only.
class Sockets {
 public:
  Sockets(int nth, Trouble trouble, std::function<void()> hook = nullptr);
  ~Sockets();
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  // A pair: the first end is the code's, the second the test's.
  static std::pair<int, int> MakePair();
  // Other ends of what the code has connected since the last call.
  std::vector<int> TakeConnected();
  int operations() const;
  // The trouble has happened.
  bool met() const { return operations() >= nth_; }
  // The other end of what it has happened to; -1 for none.
  int troubled() const;
  // The other end of a socket of the code's.
  int OtherEnd(int descriptor) const;
  // The code's end of this pair was closed with a reset.
  bool WasReset(int others_end) const;
  // Connections that the code has not closed.
  size_t open() const;

 private:
  const int nth_;
};

}  // namespace murphy::wire
