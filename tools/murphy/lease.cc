// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/lease.h"

namespace murphy::cli {

Lease::Lease(const Daemon& daemon, const std::string& run, Milliseconds lease) {
  daemon.Authorize(context_);
  writer_ = daemon.runs->HoldLease(&context_, &response_);
  v1::HoldLeaseRequest first;
  first.set_run(run);
  broken_ = !writer_->Write(first);
  thread_ = std::thread([this, interval = lease / 3] { Beat(interval); });
}

Lease::~Lease() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  // Frees a heartbeat that is stuck in a connection, and closes the stream.
  context_.TryCancel();
  thread_.join();
}

bool Lease::broken() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

void Lease::Beat(Milliseconds interval) {
  std::unique_lock lock(mutex_);
  while (!broken_ && !wake_.wait_for(lock, interval, [this] { return stop_; })) {
    lock.unlock();
    const bool written = writer_->Write({});
    lock.lock();
    broken_ = !written && !stop_;
  }
  lock.unlock();
  writer_->Finish();
}

}  // namespace murphy::cli
