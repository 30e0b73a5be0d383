// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/audit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/journal/audit_line.h"
#include "daemon/journal/journal.h"

namespace murphy::journal {
namespace {

constexpr size_t kMostRequest = 4096;
constexpr size_t kBlock = 1 << 16;
// Larger than any entry that is written.
constexpr size_t kMostLine = 1 << 20;
constexpr int kAppending = O_RDWR | O_CREAT | O_CLOEXEC;

absl::Status Failed(const std::string& what, const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat("The audit log ", path, " cannot be ", what, ": ", strerror(errno), "."));
}

std::string Bounded(std::string text, size_t most) {
  if (text.size() > most) text = text.substr(0, most - 3) + "...";
  return text;
}

absl::Status WriteAt(int file, std::string_view bytes, uint64_t at, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t wrote = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return Failed("written", path);
    bytes.remove_prefix(static_cast<size_t>(wrote));
    at += static_cast<uint64_t>(wrote);
  }
  if (fdatasync(file) != 0) return Failed("written", path);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SizeOf(int file, const std::string& path) {
  struct stat found;
  if (fstat(file, &found) != 0) return Failed("read", path);
  return static_cast<uint64_t>(found.st_size);
}

// The file that lies at the path now. None is an empty one.
class Reading {
 public:
  explicit Reading(const std::string& path)
      : path_(path), file_(open(path.c_str(), O_RDONLY | O_CLOEXEC)), error_(errno) {}
  ~Reading() {
    if (file_ >= 0) close(file_);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  int descriptor() const { return file_; }
  absl::StatusOr<uint64_t> size() const {
    if (file_ >= 0) return SizeOf(file_, path_);
    if (error_ == ENOENT) return 0;
    errno = error_;
    return Failed("read", path_);
  }

 private:
  const std::string path_;
  const int file_;
  const int error_;
};

// Each whole line of the first `size` bytes; returns where the last one ends.
absl::StatusOr<uint64_t> EachLine(int file, uint64_t size, const std::string& path,
                                  const std::function<void(std::string_view)>& take) {
  std::string pending;
  uint64_t at = 0;
  uint64_t whole = 0;
  while (at < size) {
    std::string block(std::min<uint64_t>(kBlock, size - at), '\0');
    const ssize_t got = pread(file, block.data(), block.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", path);
    if (got == 0) break;
    at += static_cast<uint64_t>(got);
    pending.append(block, 0, static_cast<size_t>(got));
    size_t begin = 0;
    for (size_t end; (end = pending.find('\n', begin)) != std::string::npos; begin = end + 1) {
      take(std::string_view(pending).substr(begin, end - begin));
      whole += end + 1 - begin;
    }
    pending.erase(0, begin);
    if (pending.size() <= kMostLine) continue;
    take(pending);
    whole += pending.size();
    pending.clear();
  }
  return whole;
}

}  // namespace

AuditLog::AuditLog(std::string path, AuditAnchor anchor, int log, int head)
    : path_(std::move(path)), anchor_(std::move(anchor)), log_(log), head_file_(head) {}

AuditLog::~AuditLog() {
  close(log_);
  close(head_file_);
}

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(const std::string& path,
                                                         AuditAnchor anchor) {
  const int log = open(path.c_str(), kAppending, 0600);
  if (log < 0) return Failed("opened", path);
  const int head = open((path + ".head").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (head < 0) {
    close(log);
    return Failed("opened", path + ".head");
  }
  auto audit = std::unique_ptr<AuditLog>(new AuditLog(path, std::move(anchor), log, head));
  if (absl::Status status = audit->Recover(); !status.ok()) return status;
  return audit;
}

absl::Status AuditLog::Recover() {
  const auto size = SizeOf(log_, path_);
  if (!size.ok()) return size.status();
  AuditHead last;
  const auto whole = EachLine(log_, *size, path_, [&](std::string_view line) {
    if (const auto read = ReadAuditLine(line)) last = {read->entry.sequence(), read->entry.hash()};
  });
  if (!whole.ok()) return whole.status();
  if (*whole < *size && ftruncate(log_, static_cast<off_t>(*whole)) != 0)
    return Failed("written", path_);
  head_ = Expected(last);
  return absl::OkStatus();
}

AuditHead AuditLog::Expected(const AuditHead& last) const {
  char noted[256];
  const ssize_t got = pread(head_file_, noted, sizeof noted, 0);
  const std::string_view text(noted, got > 0 ? static_cast<size_t>(got) : 0);
  const size_t colon = text.find(':');
  AuditHead written;
  if (colon != std::string_view::npos &&
      absl::SimpleAtoi(std::string(text.substr(0, colon)), &written.sequence)) {
    written.hash = std::string(text.substr(colon + 1, 64));
  }
  // One that was about to be written need not have been.
  if (anchor_.kept.sequence > written.sequence + 1) written = anchor_.kept;
  // One entry more than noted is a crash between the two files, if it is the one that was meant. An
  // anchor that has fallen behind could not be written, and knows nothing.
  const bool knows = anchor_.kept.sequence != 0 && anchor_.kept.sequence >= written.sequence;
  const bool meant = !knows || anchor_.kept == last;
  if (last.sequence == written.sequence + 1 && meant) return last;
  // What is missing at the end stays noticeable: numbers go on from what was written last.
  return written;
}

absl::Status AuditLog::Follow() {
  struct stat ours;
  struct stat there;
  if (fstat(log_, &ours) != 0) return Failed("read", path_);
  if (stat(path_.c_str(), &there) == 0 && there.st_ino == ours.st_ino &&
      there.st_dev == ours.st_dev) {
    return absl::OkStatus();
  }
  const int found = open(path_.c_str(), kAppending, 0600);
  if (found < 0) return Failed("opened", path_);
  close(std::exchange(log_, found));
  return absl::OkStatus();
}

absl::Status AuditLog::Write(v1::AuditEntry entry) {
  if (absl::Status status = Follow(); !status.ok()) return status;
  const auto size = SizeOf(log_, path_);
  if (!size.ok()) return size.status();
  std::string line = ChainLine(head_, entry) + "\n";
  char last = '\n';
  // What somebody else has written there is left alone, and not joined to the entry.
  if (*size > 0 && pread(log_, &last, 1, static_cast<off_t>(*size - 1)) == 1 && last != '\n')
    line.insert(0, 1, '\n');
  const AuditHead next = {entry.sequence(), entry.hash()};
  if (anchor_.keep) anchor_.keep(next);
  absl::Status status = WriteAt(log_, line, *size, path_);
  if (!status.ok()) {
    // Half an entry must not be joined to the next.
    if (ftruncate(log_, static_cast<off_t>(*size)) != 0) return Failed("written", path_);
    return status;
  }
  head_ = next;
  // The same length each time: one sector, never half of an old and half of a new one.
  const std::string noted =
      absl::StrCat(absl::Dec(head_.sequence, absl::kZeroPad20), ":", head_.hash, "\n");
  return WriteAt(head_file_, noted, 0, path_ + ".head");
}

absl::Status AuditLog::Append(v1::AuditEntry entry) {
  const absl::Time now = absl::Now();
  entry.mutable_time()->set_seconds(absl::ToUnixSeconds(now));
  entry.mutable_time()->set_nanos(static_cast<int32_t>(absl::ToUnixNanos(now) % 1'000'000'000));
  entry.set_request(Bounded(Redact(entry.request()), kMostRequest));
  entry.set_reason(Bounded(Redact(entry.reason()), kMostRequest));
  entry.set_result(Bounded(Redact(entry.result()), kMostRequest));
  entry.set_actor(Bounded(entry.actor(), 256));
  const std::lock_guard lock(mutex_);
  const absl::Status status = Write(std::move(entry));
  failing_ = !status.ok();
  return status;
}

absl::Status AuditLog::Writable() {
  {
    const std::lock_guard lock(mutex_);
    if (!failing_) return absl::OkStatus();
  }
  v1::AuditEntry entry;
  entry.set_actor("murphyd");
  entry.set_call("AuditLog");
  entry.set_reason("the log could not be written before; calls were refused");
  entry.set_result("OK");
  return Append(std::move(entry));
}

absl::StatusOr<std::vector<v1::AuditEntry>> AuditLog::List(uint64_t before, size_t most) const {
  const Reading file(path_);
  const auto size = file.size();
  if (!size.ok()) return size.status();
  std::deque<v1::AuditEntry> last;
  const auto read = EachLine(file.descriptor(), *size, path_, [&](std::string_view line) {
    auto entry = ReadAuditLine(line);
    if (!entry || (before != 0 && entry->entry.sequence() >= before)) return;
    last.push_front(std::move(entry->entry));
    if (last.size() > most) last.pop_back();
  });
  if (!read.ok()) return read.status();
  return std::vector<v1::AuditEntry>(last.begin(), last.end());
}

absl::StatusOr<v1::VerifyAuditResponse> AuditLog::Verify(std::string_view noted) const {
  std::unique_lock lock(mutex_);
  const AuditHead head = head_;
  // What somebody else has put there counts.
  const Reading file(path_);
  const auto size = file.size();
  lock.unlock();
  if (!size.ok()) return size.status();
  ChainCheck check(noted);
  const auto read =
      EachLine(file.descriptor(), *size, path_, [&](std::string_view line) { check.Read(line); });
  if (!read.ok()) return read.status();
  if (*read < *size) check.Read({});
  return check.Finish(head);
}

}  // namespace murphy::journal
