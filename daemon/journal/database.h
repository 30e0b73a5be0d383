// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace murphy::journal {

// Bytes of a parameter that is no text.
struct Blob {
  std::string_view bytes;
};

// A prepared statement. The first error is kept, so that a loop over rows is checked once, at its
// end.
class Statement {
 public:
  // Starts again with these parameters, from number 1.
  template <typename... Values>
  Statement& With(const Values&... values) {
    Reset();
    int index = 0;
    (Bind(++index, values), ...);
    return *this;
  }

  // Moves to the next row. False at the end and on an error.
  bool Next();
  // Runs to the end.
  absl::Status Run();
  // The first error since With, and the statement lets go of its locks.
  absl::Status Finish();

  int64_t Integer(int column) const;
  // Valid until the next call of Next or Finish.
  std::string_view Bytes(int column) const;

 private:
  friend class Database;
  struct Deleter {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  void Reset();
  void Bind(int index, int64_t value);
  void Bind(int index, uint64_t value) { Bind(index, static_cast<int64_t>(value)); }
  void Bind(int index, int value) { Bind(index, static_cast<int64_t>(value)); }
  // The caller keeps the bytes until the next With.
  void Bind(int index, std::string_view value);
  void Bind(int index, Blob value);
  void Bind(int index, const std::string& value) { Bind(index, std::string_view(value)); }

  sqlite3* database_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Deleter> statement_;
  absl::Status status_;
};

// One SQLite connection, for one thread at a time.
class Database {
 public:
  // Opens a file in WAL mode. `create`: also when it does not exist, readable by its owner only.
  static absl::StatusOr<Database> Open(const std::string& path, bool create);

  absl::Status Execute(const char* sql);
  absl::StatusOr<Statement> Prepare(std::string_view sql);
  // A single number, as a PRAGMA gives it.
  absl::StatusOr<int64_t> Number(std::string_view sql);
  // The file has been deleted or replaced under the connection: what is written goes nowhere.
  bool moved() const;

 private:
  struct Closer {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  std::unique_ptr<sqlite3, Closer> database_;
};

}  // namespace murphy::journal
