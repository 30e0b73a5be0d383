// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/audit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <functional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/journal/audit_line.h"
#include "daemon/journal/clean.h"
#include "daemon/journal/journal.h"
#include "proto/time.h"

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

// `SEQUENCE:HASH`, as in the small files beside the log. Nothing (0) when it is not.
AuditHead ReadHead(std::string_view text) {
  AuditHead head;
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos ||
      !absl::SimpleAtoi(std::string(text.substr(0, colon)), &head.sequence)) {
    return {};
  }
  head.hash = std::string(text.substr(colon + 1, 64));
  return head;
}

// The same length each time: one sector, never half of an old and half of a new one.
std::string HeadText(const AuditHead& head) {
  return absl::StrCat(absl::Dec(head.sequence, absl::kZeroPad20), ":", head.hash, "\n");
}

AuditHead HeadIn(int file) {
  char text[256];
  const ssize_t got = pread(file, text, sizeof text, 0);
  return ReadHead({text, got > 0 ? static_cast<size_t>(got) : 0});
}

std::string FullName(const std::string& path, uint64_t last) {
  return absl::StrCat(path, ".", absl::Dec(last, absl::kZeroPad20));
}

// The files that are full, oldest first.
std::vector<std::string> FullFiles(const std::string& path) {
  const std::filesystem::path log(path);
  const std::string prefix = log.filename().string() + ".";
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(log.parent_path(), error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || name.size() != prefix.size() + 20) continue;
    if (name.find_first_not_of("0123456789", prefix.size()) != std::string::npos) continue;
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> AllFiles(const std::string& path) {
  std::vector<std::string> files = FullFiles(path);
  files.push_back(path);
  return files;
}

absl::StatusOr<AuditHead> LastEntry(const std::string& path) {
  const Reading file(path);
  const auto size = file.size();
  if (!size.ok()) return size.status();
  AuditHead last;
  const auto read = EachLine(file.descriptor(), *size, path, [&](std::string_view line) {
    if (const auto entry = ReadAuditLine(line))
      last = {entry->entry.sequence(), entry->entry.hash()};
  });
  if (!read.ok()) return read.status();
  return last;
}

AuditHead BaseOf(const std::string& path) {
  const Reading file(path + ".base");
  return file.descriptor() < 0 ? AuditHead() : HeadIn(file.descriptor());
}

// What goes is named before it is gone: a crash between the two leaves more than is named.
absl::Status Remove(const std::string& oldest, const std::string& path) {
  const auto last = LastEntry(oldest);
  if (!last.ok()) return last.status();
  const std::string base = path + ".base";
  const int file = open((base + ".new").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Failed("written", base);
  const absl::Status written = WriteAt(file, HeadText(*last), 0, base);
  close(file);
  if (!written.ok()) return written;
  if (rename((base + ".new").c_str(), base.c_str()) != 0 || unlink(oldest.c_str()) != 0)
    return Failed("written", base);
  return absl::OkStatus();
}

}  // namespace

// What the files hold at the start.
struct AuditLog::Found {
  // Number of the entry that the anchor knows, and the hash that it has here.
  uint64_t anchored = 0;
  std::string hash = {};
  uint64_t first = 0;
  AuditHead last = {};

  void Take(std::string_view line) {
    const std::optional<AuditLine> read = ReadAuditLine(line);
    if (!read.has_value()) return;
    last = {read->entry.sequence(), read->entry.hash()};
    if (first == 0) first = last.sequence;
    if (last.sequence == anchored) hash = last.hash;
  }
};

AuditLog::AuditLog(std::string path, AuditAnchor anchor, uint64_t most_bytes, int log, int head)
    : path_(std::move(path)),
      anchor_(std::move(anchor)),
      most_bytes_(most_bytes),
      log_(log),
      head_file_(head) {}

AuditLog::~AuditLog() {
  close(log_);
  close(head_file_);
}

absl::StatusOr<std::unique_ptr<AuditLog>> AuditLog::Open(const std::string& path,
                                                         AuditAnchor anchor, uint64_t most_bytes) {
  const int log = open(path.c_str(), kAppending, 0600);
  if (log < 0) return Failed("opened", path);
  const int head = open((path + ".head").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (head < 0) {
    close(log);
    return Failed("opened", path + ".head");
  }
  auto audit =
      std::unique_ptr<AuditLog>(new AuditLog(path, std::move(anchor), most_bytes, log, head));
  if (absl::Status status = audit->Recover(); !status.ok()) return status;
  return audit;
}

absl::Status AuditLog::Recover() {
  const auto size = SizeOf(log_, path_);
  if (!size.ok()) return size.status();
  Found found{.anchored = anchor_.kept.sequence};
  // A crash may have come between the last full file and the first entry of the next.
  if (const auto full = FullFiles(path_); !full.empty()) {
    const Reading file(full.back());
    const auto bytes = file.size();
    if (!bytes.ok()) return bytes.status();
    const auto read = EachLine(file.descriptor(), *bytes, full.back(),
                               [&](std::string_view line) { found.Take(line); });
    if (!read.ok()) return read.status();
  }
  const auto whole =
      EachLine(log_, *size, path_, [&](std::string_view line) { found.Take(line); });
  if (!whole.ok()) return whole.status();
  if (*whole < *size && ftruncate(log_, static_cast<off_t>(*whole)) != 0)
    return Failed("written", path_);
  head_ = Expected(found);
  return absl::OkStatus();
}

AuditHead AuditLog::Expected(const Found& found) const {
  const AuditHead& kept = anchor_.kept;
  AuditHead written = HeadIn(head_file_);
  // One that was about to be written need not have been.
  if (kept.sequence > written.sequence + 1) written = kept;
  const AuditHead& last = found.last;
  // Where the log has the entry that the anchor knows, it has it with another hash, or has it no
  // more: the log was rewritten, and its head with it. The chain then goes on from what was meant.
  const bool reaches = kept.sequence != 0 && kept.sequence >= found.first &&
                       kept.sequence <= last.sequence;
  if (reaches && found.hash != kept.hash)
    return {std::max(written.sequence, last.sequence), kept.hash};
  // One entry more than noted is a crash between the two files, if it is the one that was meant. An
  // anchor that has fallen behind could not be written, and knows nothing of it.
  const bool knows = kept.sequence != 0 && kept.sequence >= written.sequence;
  if (last.sequence == written.sequence + 1 && (!knows || kept == last)) return last;
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
  // An entry whose head cannot be noted is taken back: whoever made it is told that nothing was
  // written.
  if (absl::Status noted = WriteAt(head_file_, HeadText(next), 0, path_ + ".head"); !noted.ok()) {
    if (ftruncate(log_, static_cast<off_t>(*size)) != 0) head_ = next;
    return noted;
  }
  head_ = next;
  if (*size + line.size() >= most_bytes_ / kFiles) Rotate();
  return absl::OkStatus();
}

void AuditLog::Rotate() {
  if (rename(path_.c_str(), FullName(path_, head_.sequence).c_str()) != 0) return;
  std::vector<std::string> full = FullFiles(path_);
  while (full.size() >= kFiles) {
    if (!Remove(full.front(), path_).ok()) return;
    full.erase(full.begin());
  }
}

v1::AuditEntry AuditLog::Prepared(v1::AuditEntry entry) {
  *entry.mutable_time() = ToProto(absl::Now());
  Clean(entry);
  for (std::string* text :
       {entry.mutable_request(), entry.mutable_reason(), entry.mutable_result()})
    *text = Bounded(std::move(*text), kMostRequest);
  entry.set_actor(Bounded(entry.actor(), 256));
  return entry;
}

absl::Status AuditLog::WriteOwed() {
  while (!owed_.empty()) {
    if (absl::Status status = Write(owed_.front()); !status.ok()) return status;
    owed_.pop_front();
  }
  return absl::OkStatus();
}

absl::Status AuditLog::Append(v1::AuditEntry entry, uint64_t* sequence) {
  entry = Prepared(std::move(entry));
  const std::lock_guard lock(mutex_);
  absl::Status status = WriteOwed();
  if (status.ok()) status = Write(std::move(entry));
  failing_ = !status.ok();
  if (sequence != nullptr) *sequence = head_.sequence;
  return status;
}

absl::Status AuditLog::AppendDone(v1::AuditEntry entry) {
  entry = Prepared(std::move(entry));
  const std::lock_guard lock(mutex_);
  if (owed_.size() == kMostOwed) owed_.pop_front();
  owed_.push_back(std::move(entry));
  absl::Status status = WriteOwed();
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
  std::vector<v1::AuditEntry> listed;
  // Announced calls whose result is among what was read.
  std::set<uint64_t> answered;
  const std::vector<std::string> files = AllFiles(path_);
  for (auto path = files.rbegin(); path != files.rend() && listed.size() < most; ++path) {
    const Reading file(*path);
    const auto size = file.size();
    if (!size.ok()) return size.status();
    std::deque<v1::AuditEntry> last;
    const auto read = EachLine(file.descriptor(), *size, *path, [&](std::string_view line) {
      auto entry = ReadAuditLine(line);
      if (!entry) return;
      if (before != 0 && entry->entry.sequence() >= before) {
        answered.insert(entry->entry.begun());
        return;
      }
      last.push_front(std::move(entry->entry));
      // Half of them announce, and some of those are not followed at once.
      if (last.size() > 2 * most + 100) last.pop_back();
    });
    if (!read.ok()) return read.status();
    for (v1::AuditEntry& entry : last) {
      if (entry.begun() != 0) answered.insert(entry.begun());
      if (answered.contains(entry.sequence()) || listed.size() == most) continue;
      listed.push_back(std::move(entry));
    }
  }
  return listed;
}

absl::StatusOr<v1::VerifyAuditResponse> AuditLog::Verify(std::string_view noted) const {
  std::unique_lock lock(mutex_);
  const AuditHead head = head_;
  // What somebody else has put there counts. Files that are full do not change; the one that does
  // is read as far as it goes now.
  const Reading file(path_);
  const auto size = file.size();
  const std::vector<std::string> full = FullFiles(path_);
  ChainCheck check(noted, BaseOf(path_));
  lock.unlock();
  if (!size.ok()) return size.status();
  const auto take = [&check](std::string_view line) { check.Read(line); };
  for (const std::string& path : full) {
    const Reading older(path);
    const auto bytes = older.size();
    if (!bytes.ok()) return bytes.status();
    const auto read = EachLine(older.descriptor(), *bytes, path, take);
    if (!read.ok()) return read.status();
    if (*read < *bytes) check.Read({});
  }
  const auto read = EachLine(file.descriptor(), *size, path_, take);
  if (!read.ok()) return read.status();
  if (*read < *size) check.Read({});
  return check.Finish(head);
}

}  // namespace murphy::journal
