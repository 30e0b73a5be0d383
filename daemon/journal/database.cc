// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace murphy::journal {
namespace {

absl::Status ErrorOf(sqlite3* database, int code) {
  const std::string text = sqlite3_errmsg(database);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(absl::StrCat("the disk is full (", text, ")"));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(absl::StrCat("the file is damaged (", text, ")"));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(
          absl::StrCat("the file is locked by another process (", text, ")"));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return absl::PermissionDeniedError(absl::StrCat("it cannot be written (", text, ")"));
    default:
      return absl::InternalError(text);
  }
}

}  // namespace

void Statement::Reset() {
  sqlite3_reset(statement_.get());
  status_ = absl::OkStatus();
}

void Statement::Bind(int index, int64_t value) {
  const int code = sqlite3_bind_int64(statement_.get(), index, value);
  if (code != SQLITE_OK) status_.Update(ErrorOf(database_, code));
}

void Statement::Bind(int index, std::string_view value) {
  // A null pointer would bind NULL.
  const char* data = value.data() == nullptr ? "" : value.data();
  const int code =
      sqlite3_bind_text64(statement_.get(), index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) status_.Update(ErrorOf(database_, code));
}

void Statement::Bind(int index, Blob value) {
  const int code = sqlite3_bind_blob64(statement_.get(), index, value.bytes.data(),
                                       value.bytes.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) status_.Update(ErrorOf(database_, code));
}

bool Statement::Next() {
  if (!status_.ok()) return false;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) status_ = ErrorOf(database_, code);
  return false;
}

absl::Status Statement::Run() {
  while (Next()) {
  }
  return Finish();
}

absl::Status Statement::Finish() {
  absl::Status status = std::move(status_);
  Reset();
  return status;
}

int64_t Statement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::Bytes(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return {data, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

absl::StatusOr<Database> Database::Open(const std::string& path, bool create) {
  if (create) {
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
      return absl::PermissionDeniedError(
          absl::StrCat("it cannot be written (", std::strerror(errno), ")"));
    }
    close(file);
  }
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database;
  database.database_.reset(opened);
  if (code != SQLITE_OK) return ErrorOf(opened, code);
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, 2000);
  return database;
}

absl::Status Database::Execute(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : ErrorOf(database_.get(), code);
}

absl::StatusOr<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  if (code != SQLITE_OK) return ErrorOf(database_.get(), code);
  Statement statement;
  statement.database_ = database_.get();
  statement.statement_.reset(prepared);
  return statement;
}

absl::StatusOr<int64_t> Database::Number(std::string_view sql) {
  auto statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  const int64_t number = statement->Next() ? statement->Integer(0) : 0;
  if (absl::Status status = statement->Finish(); !status.ok()) return status;
  return number;
}

bool Database::moved() const {
  int moved = 0;
  sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

}  // namespace murphy::journal
