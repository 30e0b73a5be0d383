// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "murphy/v1/scenario.pb.h"
#include "tools/murphy/environment.h"

namespace murphy::cli {

// A probe as the program that asks it: the shell, curl, sqlite3 or psql.
struct Question {
  std::vector<std::string> command;
  // What the program reads: what has secrets in it stays off the command line, which everybody on
  // the machine can see.
  std::string input;
  Environment environment;
  // Why it cannot be asked, as a sentence; empty when it can.
  std::string mistake;
  // What must not be told.
  std::vector<std::string> secrets;
};

Question QuestionOf(const v1::Probe& probe, const Environment& environment);

// The answer in what the program printed, or why there is none.
struct Answer {
  std::string text;
  std::string mistake;
};
Answer AnswerIn(const v1::Probe& probe, const std::string& output);

// The text without any of the secrets.
std::string Redacted(std::string text, const std::vector<std::string>& secrets);

}  // namespace murphy::cli
