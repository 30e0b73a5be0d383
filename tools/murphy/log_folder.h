// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "murphy/v1/exchange.pb.h"
#include "tools/murphy/environment.h"
#include "tools/murphy/process.h"

namespace murphy::cli {

// Where what the agents of many runs write is kept, a file a run: `000041-treatment.log`. Without a
// path nothing is kept.
class LogFolder {
 public:
  // Makes the folder. Throws Failure (kUsage) when it cannot be written.
  explicit LogFolder(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path FileOf(uint32_t index, v1::Arm arm) const;

 private:
  std::filesystem::path path_;
};

// Keeps what one run writes. A disk that takes no more is our trouble and not the agent's, which
// goes on writing: what it says then is dropped, and `complain` is told why, once.
//
// Threads: one, beside its own.
class RunLog {
 public:
  // Empties the file. Throws Failure (kUsage) when it cannot be written.
  RunLog(const std::filesystem::path& file, std::function<void(const std::string&)> complain);
  // Keeps what has been written until now.
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  // For the agent to write to.
  int fd() const { return input_.get(); }

 private:
  struct Pipe {
    int output;
    int input;
  };
  static Pipe NewPipe();
  RunLog(const std::filesystem::path& file, std::function<void(const std::string&)> complain,
         Pipe pipe);
  void Read();
  // False: nothing is there now, or ever again.
  bool Take();
  void Keep(const char* bytes, size_t size);

  const std::string name_;
  const std::function<void(const std::string&)> complain_;
  const FileDescriptor file_;
  const FileDescriptor output_;
  FileDescriptor input_;
  const FileDescriptor stop_;
  bool kept_ = true;
  std::thread thread_;
};

// The folder of an experiment in the state directory. Of those there only the newest stay.
std::filesystem::path LogsOf(const Environment& environment, const std::string& experiment);

}  // namespace murphy::cli
